"""Officers for tests: real accounts in a real file, made the way a head and an officer make them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp

from tamani.core.roles import Role
from tamani.runtime.accounts.accounts import Accounts, open_accounts
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.sessions import Stage

PASSWORD = "girafe bleue sur la dune"
PHRASE = "une phrase pour les essais"
POSTER = frozenset({Role.POSTER})
HEAD = frozenset({Role.HEAD})
VALIDATOR = frozenset({Role.VALIDATOR})
READER = frozenset({Role.READER})
ALL = frozenset(Role)
Clock = Callable[[], datetime]


def passphrase_in(folder: Path) -> Path:
    """The site's passphrase, in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "passphrase"
    path.write_text(PHRASE + "\n", "utf-8")
    return path


def accounts_in(folder: Path, clock: Clock) -> Accounts:
    """The accounts of a site in this folder."""
    return open_accounts(folder, clock, passphrase_in(folder))


@dataclass
class Person:
    """An officer with what they know and hold."""

    accounts: Accounts
    clock: Clock
    officer: Officer
    password: str = PASSWORD
    secret: str | None = None
    codes: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What the telephone shows now."""
        assert self.secret is not None
        return pyotp.TOTP(self.secret).at(int(self.clock().timestamp()))

    def signs_in(self) -> str:
        """The cookie of an open session."""
        cookie, stage = self.accounts.signin.by_password(self.officer.login, self.password)
        return self.accounts.signin.by_code(cookie, self.code) if stage is Stage.CODE else cookie


def opened(accounts: Accounts, clock: Clock, link: str) -> Person:
    """Whoever this link is for, after their first sign-in."""
    person = Person(accounts, clock, accounts.signin.invited(link))
    cookie, stage = accounts.signin.accept(link, PASSWORD)
    if stage is Stage.ENROL:
        person.secret = accounts.signin.enrolling(cookie)[1]
        person.codes = tuple(accounts.signin.enrol(cookie, person.code)[1])
    person.officer = accounts.officers.get(person.officer.id)
    return person


def invited(accounts: Accounts, clock: Clock, source: str, login: str, roles: frozenset[Role] = POSTER) -> Person:
    """An active officer of this body, invited by the operator."""
    _, link = accounts.officers.invite(None, source, "Secrétaire de séance", login, roles)
    return opened(accounts, clock, link)


def session_of(
    accounts: Accounts, source: str, roles: frozenset[Role] = ALL, function: str = "Secrétaire de séance"
) -> str:
    """The cookie of an open session for this body, without the way there; another function is another officer."""
    login = f"{source.strip('/').replace('/', '.')}"[:30]
    if function != "Secrétaire de séance":
        login += "." + "".join(sign for sign in function.lower() if sign.isascii() and sign.isalnum())[:9]
    accounts.officers.adopt(source, function, login, roles)
    return accounts.signin.enter_demo(login)
