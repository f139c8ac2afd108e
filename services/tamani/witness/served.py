"""What a witness shows of its copy: the checkpoint that it cosigned last, and all that is under that root."""

import base64
from typing import Any

from tamani.core.errors import OutageError, RefusedError
from tamani.core.log.merkle import Hashes, inclusion_proof
from tamani.core.log.proof import Proof
from tamani.core.log.tiles import parse_path
from tamani.witness.copy import Copy
from tamani.witness.database import Database
from tamani.witness.state import read_last


class Served:
    """Reads; each answer is of one snapshot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def checkpoint(self) -> bytes:
        """The note as we cosigned it.

        Raises:
            OutageError: `failed.log.pending`: nothing was cosigned yet.
        """
        with self._database.reading() as db:
            last = read_last(db)
        if not last.note:
            raise OutageError("failed.log.pending", "0")
        return last.note

    def tile(self, path: str) -> bytes:
        """The bytes at a path below the prefix (C2SP tlog-tiles).

        Raises:
            RefusedError: `refused.log.unknown`: no such tile under the checkpoint.
        """
        tile = parse_path(path)
        with self._database.reading() as db:
            size = read_last(db).size
            if tile is None or not tile.is_within(size):
                raise RefusedError("refused.log.unknown", path[:80])
            return Copy(db).read(tile)

    def proof(self, env: bytes) -> bytes:
        """The file that proves the entry which names this envelope (C2SP tlog-proof; `extra` is the entry).

        Raises:
            RefusedError: `refused.log.unknown`.
        """
        with self._database.reading() as db:
            copy, last = Copy(db), read_last(db)
            place = copy.find(env, last.size)
            if place is None:
                raise RefusedError("refused.log.unknown", env.hex())
            path = tuple(inclusion_proof(place, last.size, copy.hashes(last.size)))
            return bytes(Proof(place, path, last.note, copy.entry(place)))

    def proofs(self, wanted: list[bytes]) -> dict[str, Any]:
        """The same for many, against one checkpoint; null for what is not there.

        Raises:
            OutageError: `failed.log.pending`: nothing was cosigned yet.
        """
        with self._database.reading() as db:
            last = read_last(db)
            if not last.note:
                raise OutageError("failed.log.pending", "0")
            copy = Copy(db)
            hashes = copy.hashes(last.size)
            rows = [_row(copy, last.size, hashes, env) for env in wanted]
        return {"checkpoint": last.note.decode(), "proofs": rows}


def _row(copy: Copy, size: int, hashes: Hashes, env: bytes) -> dict[str, Any] | None:
    place = copy.find(env, size)
    if place is None:
        return None
    path = [_text(hash_) for hash_ in inclusion_proof(place, size, hashes)]
    return {"env": env.hex(), "index": place, "entry": copy.entry(place).decode(), "path": path}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
