"""Checkpoints in the database: written, then signed, then cosigned. Nothing is ever changed or taken away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.note import Note, Signature

_NEWEST = "SELECT size, root, text, note FROM log_checkpoint ORDER BY size DESC LIMIT 1"
_SIGNED = "SELECT size, root, text, note FROM log_checkpoint WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1"
_OF_SIZE = "SELECT size, root, text, note FROM log_checkpoint WHERE size = %s AND note IS NOT NULL"
_ADD = "INSERT INTO log_checkpoint (size, root, text) VALUES (%s, %s, %s)"
_SIGN = "UPDATE log_checkpoint SET note = %s, signed = clock_timestamp() WHERE size = %s AND note IS NULL"
_LOCK = "SELECT FROM log_checkpoint WHERE size = %s FOR UPDATE"
_COSIGN = "INSERT INTO log_cosignature (size, witness, line, said) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
_ATTEST = "UPDATE log_checkpoint SET attested = coalesce(attested, clock_timestamp()), witnessed = %s WHERE size = %s"
_SAID = "SELECT witness, extract(epoch FROM said)::bigint FROM log_cosignature WHERE size = %s"
_LINES = "SELECT witness, line FROM log_cosignature WHERE size = %s ORDER BY witness"
_COSIGNED = "SELECT coalesce(max(size), 0) FROM log_cosignature WHERE witness = %s"
# The best that covers an entry: enough witnesses, else some, else none.
_ATTESTED_FOR = "SELECT max(size) FROM log_checkpoint WHERE attested IS NOT NULL AND size > %s"
_COSIGNED_FOR = "SELECT max(size) FROM log_cosignature WHERE size > %s"
_SIGNED_FOR = "SELECT max(size) FROM log_checkpoint WHERE note IS NOT NULL AND size > %s"
Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is kept; `note` is null until it is signed."""

    size: int
    root: bytes
    text: str
    note: str | None


async def newest(connection: Connection) -> Kept | None:
    """The largest, signed or not."""
    return await _kept(connection, _NEWEST)


async def newest_signed(connection: Connection) -> Kept | None:
    """The largest that the log has signed."""
    return await _kept(connection, _SIGNED)


async def signed_of(connection: Connection, size: int) -> Kept | None:
    """The signed one of this size."""
    return await _kept(connection, _OF_SIZE, size)


async def _kept(connection: Connection, query: str, *arguments: int) -> Kept | None:
    row = await (await connection.execute(query, arguments, binary=True)).fetchone()
    return Kept(*row) if row else None


async def add(connection: Connection, checkpoint: Checkpoint) -> None:
    """Keep one, not yet signed."""
    await connection.execute(_ADD, [checkpoint.size, checkpoint.root, checkpoint.text])


async def store_note(connection: Connection, size: int, note: Note) -> None:
    """It is signed from here on."""
    await connection.execute(_SIGN, [str(note), size])


async def store_cosignature(
    connection: Connection,
    size: int,
    witness: str,
    *,
    line: Signature,
    said: int,
    enough_at: Callable[[Mapping[str, int]], int | None],
) -> None:
    """A witness has seen it, at the time that it says (POSIX seconds); when that was enough is asked of all of them."""
    async with connection.transaction():
        await connection.execute(_LOCK, [size])
        await connection.execute(_COSIGN, [size, witness, str(line), datetime.fromtimestamp(said, UTC)])
        times = {name: at async for name, at in await connection.execute(_SAID, [size])}
        if (at := enough_at(times)) is not None:
            await connection.execute(_ATTEST, [datetime.fromtimestamp(at, UTC), size])


async def cosigned_by(connection: Connection, size: int) -> dict[str, str]:
    """The lines under a checkpoint, by the witness's name in the policy."""
    return {witness: line async for witness, line in await connection.execute(_LINES, [size])}


async def last_cosigned(connection: Connection, witness: str) -> int:
    """The largest tree that a witness has cosigned."""
    row = await (await connection.execute(_COSIGNED, [witness])).fetchone()
    return row[0] if row else 0


async def cosigned_note(connection: Connection, kept: Kept) -> bytes:
    """The signed note with all cosignatures that there are."""
    lines = await cosigned_by(connection, kept.size)
    note = Note.parse((kept.note or "").encode())
    return str(note.with_(*map(Signature.parse, lines.values()))).encode()


async def best_for(connection: Connection, index: int) -> Kept | None:
    """The checkpoint under which an entry is proved best: the newest with enough witnesses, or some, or none."""
    for query in (_ATTESTED_FOR, _COSIGNED_FOR, _SIGNED_FOR):
        row = await (await connection.execute(query, [index])).fetchone()
        if row is not None and row[0] is not None:
            return await signed_of(connection, row[0])
    return None
