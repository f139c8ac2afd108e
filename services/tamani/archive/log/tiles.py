"""Tiles and leaves in the database. A tile that is not full is made from the rows below it, whatever its width."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.log.tree import Edge, FullTile, widths
from tamani.core.errors import DefectError
from tamani.core.event import format_time
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import Hashes, root_hash
from tamani.core.log.tiles import ENTRIES, HASH, HEIGHT, WIDTH, Tile, bundle, hashes_of, tiles_needed
from tamani.runtime.database import only_row

_FULL = """
SELECT level, index, hashes FROM log_tile
WHERE (level, index) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))
"""
_LEAVES = "SELECT hash FROM log_leaf WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index"
_ROOTS = "SELECT root FROM log_tile WHERE level = %s AND index >= %s AND index < %s ORDER BY index"
_ENTRIES = "SELECT env, reg, rt, kind FROM log_leaf WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index"
_ENTRIES_AT = "SELECT leaf_index, env, reg, rt, kind FROM log_leaf WHERE leaf_index = ANY(%s)"
_ADD = "INSERT INTO log_tile (level, index, hashes, root) VALUES (%s, %s, %s, %s)"
_COVERED = "SELECT coalesce(max(index) + 1, 0) FROM log_tile WHERE level = 0"
Connection = AsyncConnection[Any]


async def leaf_hashes(connection: Connection, first: int, end: int) -> list[bytes]:
    """The hashes of the entries [first, end)."""
    return await _column(connection, _LEAVES, [first, end])


async def entries_at(connection: Connection, places: Iterable[int]) -> dict[int, bytes]:
    """The entries at these places."""
    cursor = await connection.execute(_ENTRIES_AT, [list(places)], binary=True)
    return {index: _entry(env, reg, rt, kind) async for index, env, reg, rt, kind in cursor}


async def entries(connection: Connection, first: int, end: int) -> list[bytes]:
    """The entries [first, end) as they are served and hashed."""
    rows = await (await connection.execute(_ENTRIES, [first, end], binary=True)).fetchall()
    return [_entry(*row) for row in rows]


def _entry(env: bytes, reg: int, rt: datetime, kind: str) -> bytes:
    return bytes(Leaf(env, reg, format_time(rt), kind))


async def read_tile(connection: Connection, tile: Tile) -> bytes | None:
    """The content of a tile; nothing if the tree does not reach so far."""
    if tile.level == ENTRIES:
        found = await entries(connection, tile.first, tile.first + tile.width)
        return bundle(found) if len(found) == tile.width else None
    content = (await read_tiles(connection, [tile]))[tile]
    return content if len(content) == tile.width * HASH else None


async def read_tiles(connection: Connection, tiles: Collection[Tile]) -> dict[Tile, bytes]:
    """The contents of tiles of hashes."""
    full = [tile for tile in tiles if tile.width == WIDTH]
    arrays = [[tile.level for tile in full], [tile.index for tile in full]]
    found: dict[Tile, bytes] = {}
    async for level, index, hashes in await connection.execute(_FULL, arrays, binary=True):
        found[Tile(level, index)] = hashes
    for tile in tiles:
        if tile not in found:
            found[tile] = b"".join(await _row(connection, tile.level, tile.first, tile.width))
    return found


async def hashes_for(connection: Connection, size: int, *wanted: Callable[[Hashes], object]) -> Hashes:
    """The subtrees that these functions of a tree's hashes will ask for, in a tree of this size.

    Raises:
        DefectError: `failed.log.state`: the tree is not as large, or tiles of it are missing.
    """
    tiles = {tile for prove in wanted for tile in tiles_needed(size, prove)}
    found = await read_tiles(connection, tiles)
    for tile in tiles:
        if len(found[tile]) != tile.width * HASH:
            raise DefectError("failed.log.state", tile.path)
    return hashes_of(size, found.__getitem__)


async def root_at(connection: Connection, size: int) -> bytes:
    """The root hash of the first `size` entries, from what is kept."""
    return root_hash(size, await hashes_for(connection, size, lambda hashes: root_hash(size, hashes)))


async def read_edge(connection: Connection) -> Edge:
    """The edge of the tree that the full tiles cover; leaves that they do not cover yet are still to be added."""
    (tiles,) = await only_row(connection, _COVERED)
    size = tiles * WIDTH
    rows: list[Sequence[bytes]] = []
    for level, width in enumerate(widths(size)):
        rows.append(await _row(connection, level, (size >> HEIGHT * level) - width, width))
    return Edge(size, rows)


async def add_tiles(connection: Connection, tiles: Iterable[FullTile]) -> None:
    """Keep these, in the connection's transaction."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_ADD, [(tile.level, tile.index, tile.hashes, tile.root) for tile in tiles])


async def _row(connection: Connection, level: int, first: int, width: int) -> list[bytes]:
    """So many hashes of a level: leaves, or the roots of the full tiles below."""
    if level == 0:
        return await leaf_hashes(connection, first, first + width)
    return await _column(connection, _ROOTS, [level - 1, first, first + width])


async def _column(connection: Connection, query: str, arguments: Sequence[int]) -> list[bytes]:
    cursor = await connection.execute(query, arguments, binary=True)
    return [value for (value,) in await cursor.fetchall()]
