"""The bytes of pieces at the region: a row a file, a row a part. What is whole has its digest; only that is shown."""

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from tamani.core.errors import OutageError, RefusedError
from tamani.core.pieces import LARGEST, Span
from tamani.runtime.database import only_row

Name = tuple[int, bytes]

_BEGIN = "INSERT INTO piece (source_no, sha256, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_FIND = """
SELECT size, held, whole IS NOT NULL AS whole, erased, dropped FROM piece WHERE source_no = %s AND sha256 = %s
"""
# What is read is not erased before the transaction ends.
_READ = _FIND + " FOR SHARE"
_LOCK = _FIND + " FOR UPDATE"
_ADD = "INSERT INTO piece_part VALUES (%s, %s, %s, %s)"
_GROW = "UPDATE piece SET held = %s WHERE source_no = %s AND sha256 = %s"
_WHOLE = "UPDATE piece SET whole = clock_timestamp() WHERE source_no = %s AND sha256 = %s"
_DROP = "DELETE FROM piece_part WHERE source_no = %s AND sha256 = ANY(%s)"
_BARE = "UPDATE piece SET size = %s, held = 0, dropped = true WHERE source_no = %s AND sha256 = %s"
_LEFT = "SELECT bool_or(dropped) FROM piece WHERE source_no = %s AND sha256 = ANY(%s)"
# Also of what has not come: it could come by another notice. In one order, so that no two erasures wait for each other.
_ENTOMB = """
INSERT INTO piece (source_no, sha256, size, erased)
SELECT %s, sha256, 0, true FROM unnest(%s::bytea[]) AS named (sha256) ORDER BY sha256
ON CONFLICT (source_no, sha256) DO UPDATE SET
    size = 0, held = 0, whole = NULL, erased = true, dropped = piece.dropped OR piece.held > 0
"""
_DROP_ALL = "DELETE FROM piece WHERE source_no = %s AND NOT erased"
_PARTS = """
SELECT start, content FROM piece_part
WHERE source_no = %s AND sha256 = %s AND start < %s AND start + length(content) > %s ORDER BY start
"""


class Taken(Enum):
    """What became of a part."""

    KEPT = "kept"
    # it does not begin where the last one ended
    ASTRAY = "astray"
    # the whole is not what its digest names: dropped, all of it
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a piece is here."""

    size: int
    held: int = 0
    whole: bool = False
    erased: bool = False
    dropped: bool = False


async def how_far(connection: AsyncConnection[Any], name: Name, size: int) -> Held:
    """How much of a piece of this size has come; of one that was begun under another size nothing.

    Raises:
        RefusedError: `refused.erased`: some notice that named it was.
    """
    found = await _held(connection, name, _READ)
    return found if found is not None and found.size == size else Held(size)


async def readable(connection: AsyncConnection[Any], name: Name, size: int) -> None:
    """Whether a piece of this size is here, to be given.

    Raises:
        RefusedError: `refused.erased`, `refused.piece.unknown`: it never comes, for its notice says a false size.
        OutageError: `failed.piece.coming`.
    """
    found = await _held(connection, name, _READ)
    if size > LARGEST or (found is not None and found.whole and found.size != size):
        raise RefusedError("refused.piece.unknown", name[1].hex())
    if found is None or not found.whole:
        raise OutageError("failed.piece.coming", name[1].hex())


async def take(connection: AsyncConnection[Any], name: Name, span: Span, content: bytes) -> tuple[Taken, Held]:
    """Keep a part, in the caller's transaction; what is whole stays as it is.

    Raises:
        RefusedError: `refused.erased`: some notice that named it was.
    """
    await connection.execute(_BEGIN, [*name, span.size])
    before = await _held(connection, name, _LOCK)
    if before is None:
        return Taken.ASTRAY, Held(span.size)  # let go between the two statements: the sender asks how far it is
    if before.size != span.size:
        return await _begin_again(connection, name, span, content, before)
    if before.whole:
        return Taken.KEPT, before
    if before.held != span.start:
        return Taken.ASTRAY, before
    await connection.execute(_ADD, [*name, span.start, content])
    await connection.execute(_GROW, [span.end, *name])
    return await _finish(connection, name, Held(span.size, span.end))


async def _begin_again(
    connection: AsyncConnection[Any], name: Name, span: Span, content: bytes, before: Held
) -> tuple[Taken, Held]:
    """Another notice says another size: of two sizes for one digest one is false, and what is whole is true."""
    if before.whole:
        return Taken.FALSE, before
    await _begin_anew(connection, name, span.size)
    return await take(connection, name, span, content)


async def _finish(connection: AsyncConnection[Any], name: Name, now: Held) -> tuple[Taken, Held]:
    if now.held < now.size:
        return Taken.KEPT, now
    raw = await content_of(connection, name, Span(0, now.size, now.size))
    digest = await asyncio.to_thread(hashlib.sha256, raw)
    if digest.digest() != name[1]:
        await _begin_anew(connection, name, now.size)
        return Taken.FALSE, Held(now.size)
    await connection.execute(_WHOLE, name)
    return Taken.KEPT, Held(now.size, now.held, whole=True)


async def _begin_anew(connection: AsyncConnection[Any], name: Name, size: int) -> None:
    await connection.execute(_DROP, [name[0], [name[1]]])
    await connection.execute(_BARE, [size, *name])


async def content_of(connection: AsyncConnection[Any], name: Name, span: Span) -> bytes:
    """These bytes of a piece; fewer if they are not here."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_PARTS, [*name, span.end, span.start])
        return b"".join([_within(span, start, content) async for start, content in cursor])


def _within(span: Span, start: int, content: bytes) -> bytes:
    return content[max(0, span.start - start) : span.end - start]


async def forget_pieces(connection: AsyncConnection[Any], source_no: int, digests: Collection[str]) -> bool:
    """Erase files of a body for good, whichever of its notices name them; whether any bytes of them were here.

    The caller commits, with the erasure itself.
    """
    names = source_no, [bytes.fromhex(digest) for digest in digests]
    await connection.execute(_ENTOMB, names)  # waits for a part that is being taken
    await connection.execute(_DROP, names)
    (left,) = await only_row(connection, _LEFT, names)
    return bool(left)


async def let_go_of_all(connection: AsyncConnection[Any], source_no: int) -> bool:
    """Drop all files of a body: one of them was erased, and nobody knows any more which; whether there were any.

    Its site hands over again what it still has.
    """
    return (await connection.execute(_DROP_ALL, [source_no])).rowcount > 0


async def _held(connection: AsyncConnection[Any], name: Name, query: str) -> Held | None:
    async with connection.cursor(row_factory=class_row(Held)) as cursor:
        found = await (await cursor.execute(query, name)).fetchone()
    if found is not None and found.erased:
        raise RefusedError("refused.erased", name[1].hex())
    return found
