"""The accounts of one site, ready to be asked: officers, sessions and the way in, over one file."""

from dataclasses import dataclass
from pathlib import Path

from tamani.runtime.accounts.book import Book
from tamani.runtime.accounts.drafts import Drafts
from tamani.runtime.accounts.limits import Limits
from tamani.runtime.accounts.officers import Officers
from tamani.runtime.accounts.rules import Rules
from tamani.runtime.accounts.sessions import Ends, Sessions
from tamani.runtime.accounts.signin import SignIn
from tamani.runtime.accounts.vault import Vault
from tamani.runtime.accounts.visits import Visits
from tamani.runtime.clock import Clock

FILE = "officers.sqlite"
USUAL_ENDS = Ends(idle=30 * 60, absolute=8 * 3600)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a desk, a node and the command line ask of the accounts."""

    book: Book
    officers: Officers
    sessions: Sessions
    signin: SignIn
    rules: Rules
    drafts: Drafts
    visits: Visits

    def close(self) -> None:
        """Let go of the file."""
        self.book.close()


def open_accounts(folder: Path, clock: Clock, passphrase_file: Path | None = None, ends: Ends = USUAL_ENDS) -> Accounts:
    """The accounts in a site's folder; the file is made if it is missing.

    Raises:
        DefectError: `failed.database.version`.
    """
    book = Book.open(folder / FILE, clock)
    sessions = Sessions(book, ends)
    vault = Vault(book, passphrase_file)
    signin = SignIn(book, sessions, Limits(book), vault)
    return Accounts(book, Officers(book, sessions), sessions, signin, Rules(book), Drafts(book, vault), Visits(book))
