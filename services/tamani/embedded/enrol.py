"""The registry's office on one machine: it makes keys for bodies, keeps the signed registry and hands it to the bus.

In a real region officers of three states do this with keys of their own, in three places. Here the same papers are
signed with the same number of keys, all made at the first start and kept in the data folder: what is shown is real, but
whoever has this machine is all three states. So a new key waits for nobody here (`delay_seconds` 0 in the root).
"""

import asyncio
import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tamani.core.names import REGISTRY, Country
from tamani.core.recipients import Identity
from tamani.core.registry import Body, KeyRow, Node, Recipient, Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.bundle import decode_bundle
from tamani.core.trust.legacy import open_single
from tamani.core.trust.revising import begun, revised
from tamani.core.trust.statements import Approval, possession
from tamani.core.trust.writing import FRESH, refresh
from tamani.desk.identities import IdentityFile, list_identities, save_identity
from tamani.embedded.layout import Layout
from tamani.embedded.office_keys import OfficeKeys
from tamani.node.keystore import LIGHT, KeyFile, list_keys, open_key, read_passphrase, save_key
from tamani.runtime.kafka import Producer
from tamani.runtime.registry_folder import RegistryFolder

DOCUMENT_KEY = b"registry"
RENEW_AFTER = timedelta(days=1)
Proofs = Mapping[str, Approval]


class Office:
    """The registry of one data folder. Two processes may use it at once (`tamani up` and a command)."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._folder = RegistryFolder(layout.registry)
        self._keys = OfficeKeys(layout)
        layout.registry.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            if self._old_key.exists():
                self._take_over()
            elif self._folder.value is None:
                self._begin(Registry(version=1, issued=_now(), nodes=_nodes()))

    @property
    def trust(self) -> tuple[str, ...]:
        """What services put into `registry_trust`: the fingerprint of the first root."""
        return (self._folder.trust,)

    @property
    def value(self) -> bytes:
        """The signed registry as it travels: an empty region's at first."""
        return self._folder.path.read_bytes()

    @property
    def current(self) -> Registry:
        """The registry."""
        found = self._folder.opened()
        assert found is not None  # noqa: S101 - made with the office
        return found

    def ensure_key(self, country: Country, source: str) -> KeyFile:
        """The key of a body at its country's site; it is made, encrypted, if the site has none for it."""
        folder = self._layout.site(country) / "keys"
        for found in list_keys(folder):
            if found.body == source:
                return found
        passphrase = read_passphrase(self.passphrase_file(country))
        return save_key(folder, source, SigningKey.generate(), passphrase, LIGHT)

    def proof_of(self, file: KeyFile) -> Approval:
        """The key's own wish to be enrolled; one made by an earlier version must be opened for it."""
        if file.proof is not None:
            return file.proof
        country = Country(file.body[1:3])
        key = open_key(file.path, read_passphrase(self.passphrase_file(country)))
        return possession(file.body, file.keyid).sign(key)

    def ensure_identity(self, country: Country, source: str) -> IdentityFile:
        """The reading key of a body at its country's site; it is made, encrypted, if the site has none for it."""
        folder = self._layout.site(country) / "reading"
        for found in list_identities(folder):
            if found.body == source:
                return found
        passphrase = read_passphrase(self.passphrase_file(country))
        return save_identity(folder, source, Identity.generate(), passphrase, LIGHT)

    def passphrase_file(self, country: Country) -> Path:
        """The file with the passphrase of a site's keys."""
        return self._layout.secrets.path(f"keystore.{country.value}")

    def enrol(
        self,
        bodies: Iterable[Body],
        keys: Iterable[KeyRow],
        recipients: Iterable[Recipient] = (),
        *,
        demo: bool | None = None,
        proofs: Proofs | None = None,
        log_policy: str | None = None,
    ) -> Registry:
        """Add or replace bodies, keys and reading keys; the version grows if anything changed.

        `proofs`: by keyid, of new keys. `log_policy`: the text of the policy file that the registry is to name.

        Raises:
            RefusedError: the new registry would be refused (weak or repeated key, no proof of possession …).
        """
        with self._alone():
            before = self.current
            document = before.as_signed or before
            is_demo = document.demo if demo is None else demo
            after = revised(document, bodies, keys, _now(), recipients=recipients, demo=is_demo, log_policy=log_policy)
            if after is None:
                return before
            given = {
                possession(row.body, row.keyid).digest: (proof,)
                for row in after.keys
                if (proof := (proofs or {}).get(row.keyid)) is not None
            }
            held = decode_bundle(self.value)
            return self._folder.put(self._keys.issue(after, given, held, before.version + 1, _now()))

    async def publish(self, producer: Producer) -> None:
        """Hand the registry to the bus, said anew to be the newest; harmless to repeat.

        Raises:
            OutageError: `failed.broker`.
        """
        await producer.send(REGISTRY, DOCUMENT_KEY, await asyncio.to_thread(self._renewed))

    def _renewed(self) -> bytes:
        with self._alone():
            fresh_until = self.current.fresh_until
            if fresh_until is not None and fresh_until - _now() < FRESH - RENEW_AFTER:
                online = self._keys.open("online", Country.RG)
                self._folder.put(refresh(decode_bundle(self.value), online, _now()))
            return self.value

    @property
    def _old_key(self) -> Path:
        return self._layout.registry / "signing.seed"

    def _take_over(self) -> None:
        """The registry of the version before, signed by one key, begins a line of roots. A crash repeats it."""
        kept = self._layout.registry / "before-roots.json"
        if not kept.exists() and self._folder.path.exists():
            self._folder.path.rename(kept)
        if self._folder.value is None:
            document = Registry(version=1, issued=_now(), nodes=_nodes())
            if kept.exists():
                old = SigningKey.from_seed(bytes.fromhex(self._old_key.read_text("ascii")))
                before = open_single(kept.read_bytes(), old.public)
                document = before.model_copy(update={"version": before.version + 1, "issued": _now()})
            self._begin(document)
        self._old_key.unlink()

    def _begin(self, document: Registry) -> None:
        self._folder.put(self._keys.begin(begun(document, _now()), _now()))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._layout.registry / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _nodes() -> tuple[Node, ...]:
    return tuple(Node(name=country.value, country=country) for country in Country)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
