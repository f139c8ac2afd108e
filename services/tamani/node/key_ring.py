"""The keys of a node while it runs: a file that appears in its folder is opened, and nothing restarts.

So a key rotates with overlap: the new file is put beside the old one, the registry enrols it, and from its first day on
the node signs with it. A file that is taken away is still used until the node ends: a deleted secret must be retired at
the registry too.
"""

import asyncio
import contextlib
from pathlib import Path

import structlog

from tamani.core.errors import TamaniError
from tamani.core.signing import SigningKey
from tamani.node.keystore import Keystore, list_keys, open_key, open_keystore, read_passphrase

log = structlog.get_logger(__name__)
EVERY = 2.0


class KeyRing:
    """A keystore that grows. `passphrase` is the file with the passphrase, read when there is something to open."""

    def __init__(self, folder: Path, passphrase: Path | None, store: Keystore) -> None:
        self._folder, self._passphrase = folder, passphrase
        self._store = store
        self._told: set[Path] = set()

    @property
    def keys(self) -> dict[str, SigningKey]:
        """The opened keys, by keyid."""
        return self._store.keys

    @property
    def keyids(self) -> frozenset[str]:
        """Which keys live here."""
        return self._store.keyids

    def get(self, keyid: str) -> SigningKey | None:
        """The key of this keyid, if it lives here."""
        return self._store.get(keyid)

    async def follow(self, stop: asyncio.Event) -> None:
        """Open what appears, until `stop`."""
        while not stop.is_set():
            await asyncio.to_thread(self.open_new)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    def open_new(self) -> int:
        """Open the files that are new; how many. One that cannot be opened is told once, and stops nobody."""
        opened = 0
        try:
            fresh = [file for file in list_keys(self._folder) if file.keyid not in self._store.keyids]
        except TamaniError as error:
            self._tell(self._folder, error)
            return 0
        for file in fresh:
            if self._passphrase is None or file.path in self._told:
                continue
            try:
                key = open_key(file.path, read_passphrase(self._passphrase))
            except TamaniError as error:
                self._tell(file.path, error)
                continue
            self._store = Keystore(self._store.keys | {key.keyid: key})
            log.info("key opened", body=file.body, key=key.keyid[:16])
            opened += 1
        return opened

    def _tell(self, path: Path, error: TamaniError) -> None:
        if path not in self._told:
            log.error("key not opened", code=error.code.name, detail=error.detail)
            self._told.add(path)


def open_ring(folder: Path, passphrase: Path | None) -> KeyRing:
    """The ring of a folder, with all that lies in it now.

    Raises:
        DefectError: `failed.keystore`, wrong passphrase or altered file.
    """
    store = Keystore({})
    if passphrase is not None and list_keys(folder):
        store = open_keystore(folder, read_passphrase(passphrase))
    return KeyRing(folder, passphrase, store)
