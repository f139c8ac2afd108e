"""What proves an entry to whoever knows its `env`: the entry, its place, the path to the root, the checkpoint."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.log import checkpoints
from tamani.archive.log.checkpoints import Kept
from tamani.archive.log.tiles import entries_at, hashes_for
from tamani.core.errors import RefusedError
from tamani.core.log.merkle import Hashes, inclusion_proof
from tamani.core.log.proof import Proof

_FIND = "SELECT env, leaf_index FROM log_leaf WHERE env = ANY(%s)"
Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Proved:
    """One entry under a checkpoint."""

    env: bytes
    index: int
    entry: bytes
    path: tuple[bytes, ...]

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        path = [base64.b64encode(hash_).decode() for hash_ in self.path]
        return {"env": self.env.hex(), "index": self.index, "entry": self.entry.decode(), "path": path}


@dataclass(frozen=True, slots=True)
class Batch:
    """One signed note, and for each `env` asked for its proof under it, or nothing."""

    checkpoint: bytes
    proofs: tuple[Proved | None, ...]


async def prove_one(connection: Connection, env: bytes) -> bytes:
    """The proof as a file (C2SP tlog-proof), with the entry as its `extra`.

    Raises:
        RefusedError: `refused.log.unknown`, or `failed.log.pending` while no signed checkpoint covers it.
    """
    batch = await prove(connection, [env])
    (found,) = batch.proofs
    if found is None:
        known = await _places(connection, [env])
        raise RefusedError("failed.log.pending" if known else "refused.log.unknown")
    return bytes(Proof(found.index, found.path, batch.checkpoint, found.entry))


async def prove(connection: Connection, wanted: Sequence[bytes]) -> Batch:
    """Proofs under one checkpoint: the best that covers all of these that are in the log, else the newest.

    Raises:
        RefusedError: `failed.log.pending`: there is no signed checkpoint at all.
    """
    places = await _places(connection, wanted)
    last = max(places.values(), default=0)
    kept = await checkpoints.best_for(connection, last) or await checkpoints.newest_signed(connection)
    if kept is None:
        raise RefusedError("failed.log.pending")
    covered = {env: index for env, index in places.items() if index < kept.size}
    proved = await _prove(connection, kept, covered)
    note = await checkpoints.cosigned_note(connection, kept)
    return Batch(note, tuple(proved.get(env) for env in wanted))


async def _prove(connection: Connection, kept: Kept, places: dict[bytes, int]) -> dict[bytes, Proved]:
    def prove_all(hashes: Hashes) -> dict[int, tuple[bytes, ...]]:
        return {index: tuple(inclusion_proof(index, kept.size, hashes)) for index in places.values()}

    paths = prove_all(await hashes_for(connection, kept.size, prove_all))
    found = await entries_at(connection, places.values())
    return {env: Proved(env, index, found[index], paths[index]) for env, index in places.items()}


async def _places(connection: Connection, wanted: Sequence[bytes]) -> dict[bytes, int]:
    cursor = await connection.execute(_FIND, [list(wanted)], binary=True)
    return {env: index async for env, index in cursor}
