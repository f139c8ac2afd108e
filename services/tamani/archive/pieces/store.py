"""The bytes of pieces at the region: a row a file, a row a part. What is whole has its digest; only that is shown."""

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from tamani.core.pieces import Span

Name = tuple[int, bytes]

_BEGIN = "INSERT INTO piece (source_no, sha256, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_FIND = "SELECT size, held, whole IS NOT NULL AS whole FROM piece WHERE source_no = %s AND sha256 = %s"
# What is read is not erased before the transaction ends.
_READ = _FIND + " FOR SHARE"
_LOCK = _FIND + " FOR UPDATE"
_ADD = "INSERT INTO piece_part VALUES (%s, %s, %s, %s)"
_GROW = "UPDATE piece SET held = %s WHERE source_no = %s AND sha256 = %s"
_WHOLE = "UPDATE piece SET whole = clock_timestamp() WHERE source_no = %s AND sha256 = %s"
_DROP = "DELETE FROM piece WHERE source_no = %s AND sha256 = ANY(%s)"
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


async def how_far(connection: AsyncConnection[Any], name: Name, size: int) -> Held:
    """How much of a piece of this size has come; of one that was begun under another size nothing."""
    found = await _held(connection, name, _READ)
    return found if found is not None and found.size == size else Held(size)


async def take(connection: AsyncConnection[Any], name: Name, span: Span, content: bytes) -> tuple[Taken, Held]:
    """Keep a part, in the caller's transaction; what is whole stays as it is."""
    await connection.execute(_BEGIN, [*name, span.size])
    before = await _held(connection, name, _LOCK)
    if before is None:
        return Taken.ASTRAY, Held(span.size)  # erased between the two statements: the sender asks how far it is
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
    await connection.execute(_DROP, [name[0], [name[1]]])
    return await take(connection, name, span, content)


async def _finish(connection: AsyncConnection[Any], name: Name, now: Held) -> tuple[Taken, Held]:
    if now.held < now.size:
        return Taken.KEPT, now
    raw = await content_of(connection, name, Span(0, now.size, now.size))
    digest = await asyncio.to_thread(hashlib.sha256, raw)
    if digest.digest() != name[1]:
        await connection.execute(_DROP, [name[0], [name[1]]])
        return Taken.FALSE, Held(now.size)
    await connection.execute(_WHOLE, name)
    return Taken.KEPT, Held(now.size, now.held, whole=True)


async def content_of(connection: AsyncConnection[Any], name: Name, span: Span) -> bytes:
    """These bytes of a piece; fewer if they are not here."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_PARTS, [*name, span.end, span.start])
        return b"".join([_within(span, start, content) async for start, content in cursor])


def _within(span: Span, start: int, content: bytes) -> bytes:
    return content[max(0, span.start - start) : span.end - start]


async def forget_pieces(connection: AsyncConnection[Any], source_no: int, digests: Collection[str]) -> None:
    """Erase files of a body, whichever of its notices name them; the caller commits, with the erasure itself."""
    named = [bytes.fromhex(digest) for digest in digests]
    await connection.execute(_DROP, [source_no, named])


async def _held(connection: AsyncConnection[Any], name: Name, query: str) -> Held | None:
    async with connection.cursor(row_factory=class_row(Held)) as cursor:
        return await (await cursor.execute(query, name)).fetchone()
