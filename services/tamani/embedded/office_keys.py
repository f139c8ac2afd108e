"""The keys of a one-machine registry: three roots, three officers, one publisher, in files like those of bodies.

Each is opened when it is first needed, and once.
"""

from datetime import datetime

from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.chain import STATES, Charter
from tamani.core.trust.metadata import holders_of, read_metadata, to_text
from tamani.core.trust.opening import read_signatures
from tamani.core.trust.standing import Holder, Office
from tamani.core.trust.statements import Signatures, merged
from tamani.core.trust.tuf import Root
from tamani.core.trust.writing import make_draft, make_root, publish, rows_of, sign, sign_draft
from tamani.embedded.layout import Layout
from tamani.node.keystore import LIGHT, list_keys, open_key, read_passphrase, save_key

COUNTRIES = tuple(sorted(STATES))
Seat = tuple[Office, Country]
SEATS: tuple[Seat, ...] = (
    *(("root", country) for country in COUNTRIES),
    *(("officer", country) for country in COUNTRIES),
    ("online", Country.RG),
)


def name_of(office: Office, country: Country) -> str:
    """What a key file of an office says in place of a body."""
    words = {"root": "racine", "officer": "officier", "deputy": "suppleant", "online": "en-ligne"}
    return f"/{country}/registre-{words[office]}"


class OfficeKeys:
    """The seven keys of a data folder."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.registry / "keys"
        self._layout = layout
        self._opened: dict[Seat, SigningKey] = {}

    def open(self, office: Office, country: Country) -> SigningKey:
        """The key of an office; it is made if there is none.

        Raises:
            DefectError: `failed.keystore`.
        """
        seat = (office, country)
        if seat not in self._opened:
            self._opened[seat] = self._find(name_of(office, country))
        return self._opened[seat]

    def _find(self, name: str) -> SigningKey:
        passphrase = read_passphrase(self._layout.secrets.path("registry-keys"))
        for file in list_keys(self._folder):
            if file.body == name:
                return open_key(file.path, passphrase)
        key = SigningKey.generate()
        save_key(self._folder, name, key, passphrase, LIGHT)
        return key

    def begin(self, document: Registry, now: datetime) -> Bundle:
        """A first root, and this document as the beginning of its line."""
        held = [self._holder(*seat) for seat in SEATS]
        root = make_root(held, Charter(genesis=document.version, delay_seconds=0), 1, now)
        sign(root, *(self.open("root", country) for country in COUNTRIES))
        return self._signed((to_text(root),), document, {}, held, now, before=None, version=document.version)

    def issue(self, document: Registry, given: Signatures, before: Bundle, version: int, now: datetime) -> Bundle:
        """The next version, signed by all three officers; `given` are the signatures that others made."""
        signatures = merged(read_signatures(before.signatures), given)
        held = list(holders_of(read_metadata(before.roots[-1], Root).signed).values())
        return self._signed(before.roots, document, signatures, held, now, before=before, version=version)

    def _signed(
        self,
        roots: tuple[str, ...],
        document: Registry,
        signatures: Signatures,
        held: list[Holder],
        now: datetime,
        *,
        before: Bundle | None,
        version: int,
    ) -> Bundle:
        officers = [holder for holder in held if holder.office == "officer"]
        draft = make_draft(roots, document, signatures, officers, now, before=before)
        rows = rows_of(document, document.version)
        for country in COUNTRIES:
            draft = sign_draft(draft, self.open("officer", country), officer=True, rows=rows)
        return publish(draft, self.open("online", Country.RG), now, before, version)

    def _holder(self, office: Office, country: Country) -> Holder:
        key = self.open(office, country)
        return Holder(keyid=key.keyid, public=key.public.hex(), country=country, office=office)
