"""The registry's office on one machine: it makes keys for bodies, keeps the signed document and hands it to the bus.

In a real region two officers of two states do this with keys of their own; here one key, made at the first start and
kept in the data folder, signs. The document's version only ever grows.
"""

import base64
import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tamani.core.names import REGISTRY, Country
from tamani.core.registry import Body, KeyRow, Node, Registry, open_registry, sign_registry
from tamani.core.signing import SigningKey
from tamani.embedded.layout import Layout
from tamani.embedded.secrets import write_private
from tamani.node.keystore import KeyFile, list_keys, read_passphrase, save_key
from tamani.runtime.kafka import Producer

DOCUMENT_KEY = b"registry"


class Office:
    """The registry of one data folder. Two processes may use it at once (`tamani up` and a command)."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        layout.registry.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            self._key = self._signing_key()
            if not self._document.exists():
                self._write(Registry(version=1, issued=_now(), nodes=_nodes()))

    @property
    def trust(self) -> tuple[str, ...]:
        """What services put into `registry_trust` (base64)."""
        return (base64.b64encode(self._key.public).decode("ascii"),)

    @property
    def value(self) -> bytes:
        """The signed document as it travels: an empty region's at first."""
        return self._document.read_bytes()

    @property
    def current(self) -> Registry:
        """The document."""
        return open_registry(self.value, (self._key.public,))

    def ensure_key(self, country: Country, source: str) -> KeyFile:
        """The key of a body at its country's site; it is made, encrypted, if the site has none for it.

        A site opens its keys when it starts: one that runs already must be started again to use a new key.
        """
        folder = self._layout.site(country) / "keys"
        for found in list_keys(folder):
            if found.body == source:
                return found
        passphrase = read_passphrase(self.passphrase_file(country))
        return save_key(folder, source, SigningKey.generate(), passphrase)

    def passphrase_file(self, country: Country) -> Path:
        """The file with the passphrase of a site's keys."""
        return self._layout.secrets.path(f"keystore.{country.value}")

    def enrol(self, bodies: Iterable[Body], keys: Iterable[KeyRow], *, demo: bool | None = None) -> Registry:
        """Add or replace bodies and keys; the version grows if anything changed.

        Raises:
            RefusedError: the new document would not be sound (weak or repeated key, key of an unknown body …).
        """
        with self._alone():
            before = self.current
            after = _merged(before, bodies, keys, before.demo if demo is None else demo)
            if after == before:
                return before
            fresh = _renewed(after)
            self._write(fresh)
            return fresh

    async def publish(self, producer: Producer) -> None:
        """Hand the document to the bus; harmless to repeat.

        Raises:
            OutageError: `failed.broker`.
        """
        await producer.send(REGISTRY, DOCUMENT_KEY, self.value)

    @property
    def _document(self) -> Path:
        return self._layout.registry / "registry.json"

    def _write(self, registry: Registry) -> None:
        write_private(self._document, sign_registry(registry, self._key))

    def _signing_key(self) -> SigningKey:
        path = self._layout.registry / "signing.seed"
        if not path.exists():
            write_private(path, SigningKey.generate().seed.hex().encode("ascii"))
        return SigningKey.from_seed(bytes.fromhex(path.read_text("ascii")))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._layout.registry / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _merged(before: Registry, bodies: Iterable[Body], keys: Iterable[KeyRow], demo: bool) -> Registry:
    return Registry(
        version=before.version,
        issued=before.issued,
        bodies=tuple({row.source: row for row in (*before.bodies, *bodies)}.values()),
        keys=tuple({row.keyid: row for row in (*before.keys, *keys)}.values()),
        nodes=_nodes(),
        demo=demo,
    )


def _renewed(registry: Registry) -> Registry:
    return Registry.model_validate(registry.model_dump() | {"version": registry.version + 1, "issued": _now()})


def _nodes() -> tuple[Node, ...]:
    return tuple(Node(name=country.value, country=country) for country in Country)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
