"""The whole of it: choose the copy, prove it, write what is missing, tiles and checkpoint last, and remember it.

Nothing is written before the copy has been read once and found to have the very root that was cosigned. A database that
holds a beginning of that log (an old backup, or this work interrupted) is continued; any other is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from psycopg import AsyncConnection

from tamani.archive.head import read_head
from tamani.archive.log import checkpoints
from tamani.archive.log.memory import read_memory, write_memory
from tamani.archive.log.tiles import add_tiles, leaf_hashes, read_edge
from tamani.archive.log.tree import Edge
from tamani.archive.rebuild.contents import Contents
from tamani.archive.rebuild.page import Missing, write_page
from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.log.merkle import leaf_hash
from tamani.core.log.note import Note
from tamani.core.log.policy import Policy, Seen
from tamani.core.log.tiles import ENTRIES, WIDTH, Tile
from tamani.core.registry import Registry

BUSY = "SELECT holder FROM publisher WHERE expires > clock_timestamp()"
# When entries were first witnessed that were not there before, nobody here knows any more.
BEGIN_AGAIN = "UPDATE log_head SET epoch = greatest(epoch, %s), rebuilt = greatest(rebuilt, %s)"
PAGE = 4 * WIDTH
Progress = Callable[[str, int, int], None]


class Mirror(Protocol):
    """A copy of the log: a witness over HTTP, or its file."""

    def checkpoint(self) -> bytes:
        """The newest checkpoint with its cosignature."""
        ...

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries of a bundle."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it: the checkpoint that the log goes on from, what nobody has any more, and how many entries the log
    had signed beyond that checkpoint, which no witness had cosigned: these are given up.
    """

    size: int
    root: bytes
    witnesses: tuple[str, ...]
    missing: list[Missing] = field(default_factory=list)
    given_up: int = 0


def choose(mirrors: Sequence[Mirror], policy: Policy) -> tuple[Mirror, Seen]:
    """The copy that reaches furthest, and its checkpoint with the cosignatures of all who saw the same.

    Raises:
        RefusedError: `refused.rebuild.mirror`, none has anything of this log; `refused.log.…`, one shows no checkpoint.
        DefectError: `failed.rebuild.conflict`, two of one size show different roots.
    """
    shown = [(mirror, policy.see(content)) for mirror in mirrors if (content := _shown(mirror))]
    if not shown:
        raise RefusedError("refused.rebuild.mirror")
    best, seen = max(shown, key=lambda pair: pair[1].checkpoint.size)
    same = [other for _, other in shown if other.checkpoint.size == seen.checkpoint.size]
    if any(other.checkpoint != seen.checkpoint for other in same):
        raise DefectError("failed.rebuild.conflict", str(seen.checkpoint.size))
    note = seen.note.with_(*(line for other in same for line in other.note.signatures))
    return best, policy.see(str(note).encode())


def _shown(mirror: Mirror) -> bytes:
    """A copy that is away, or has nothing yet, is not chosen; the others may do."""
    try:
        return mirror.checkpoint()
    except (OutageError, DefectError):
        return b""


async def rebuild(
    connection: AsyncConnection[Any],
    mirrors: Sequence[Mirror],
    policy: Policy,
    contents: Contents,
    registry: Registry,
    *,
    memory: Path,
    epoch: int,
    progress: Progress,
) -> Rebuilt:
    """Make the archive's database again. `epoch` is one that no mirror of a desk has seen yet.

    Raises:
        RefusedError: `refused.rebuild.running`, `.database`, `.mirror`.
        DefectError: `failed.rebuild.root`, the copy is not what was cosigned; `failed.rebuild.conflict`;
            `failed.log.state`, the log's state file cannot be read: put it aside.
    """
    holder = await (await connection.execute(BUSY)).fetchone()
    if holder is not None:
        raise RefusedError("refused.rebuild.running", holder[0])
    mirror, seen = choose(mirrors, policy)
    size = seen.checkpoint.size
    have = (await read_head(connection)).leaves
    _prove(mirror, seen, have, await _root_of(connection, have) if have <= size else None, progress)
    missing: list[Missing] = []
    for first, entries in _pages(mirror, have, size):
        missing += await write_page(connection, first, entries, contents, registry)
        progress("entries", first + len(entries), size)
    await _finish(connection, seen, policy, epoch)
    signed = read_memory(memory)
    write_memory(memory, seen.checkpoint)
    given_up = max(0, signed.size - size) if signed else 0
    return Rebuilt(size, seen.checkpoint.root, tuple(sorted(seen.witnesses)), missing, given_up)


def _prove(mirror: Mirror, seen: Seen, have: int, root: bytes | None, progress: Progress) -> None:
    """The copy has the root that was cosigned, and the database is its beginning."""
    checkpoint, edge = seen.checkpoint, Edge()
    for first, entries in _pages(mirror, 0, checkpoint.size):
        if first <= have < first + len(entries):
            edge.extend(map(leaf_hash, entries[: have - first]))
            _hold(edge, root, have)
            edge.extend(map(leaf_hash, entries[have - first :]))
        else:
            edge.extend(map(leaf_hash, entries))
        progress("proof", edge.size, checkpoint.size)
    if edge.size == have:
        _hold(edge, root, have)
    if (edge.size, edge.root()) != (checkpoint.size, checkpoint.root):
        raise DefectError("failed.rebuild.root", f"{edge.size}")
    if root is None:
        raise RefusedError("refused.rebuild.database", f"{have} > {checkpoint.size}")


def _hold(edge: Edge, root: bytes | None, have: int) -> None:
    if edge.root() != root:
        raise RefusedError("refused.rebuild.database", str(have))


def _pages(mirror: Mirror, first: int, size: int) -> Iterator[tuple[int, list[bytes]]]:
    """The entries [first, size), a bundle at a time."""
    while first < size:
        index = first // WIDTH
        tile = Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH))
        entries = mirror.entries(tile)[first - tile.first :]
        yield first, entries
        first += len(entries)


async def _root_of(connection: AsyncConnection[Any], size: int) -> bytes:
    """The root of the leaves in the database, whether or not they are in tiles."""
    edge = Edge()
    while edge.size < size:
        edge.extend(await leaf_hashes(connection, edge.size, min(size, edge.size + PAGE)))
    return edge.root()


async def _finish(connection: AsyncConnection[Any], seen: Seen, policy: Policy, epoch: int) -> None:
    """Tiles, checkpoint and cosignatures as they were, and a new epoch: mirrors take the history as it now is."""
    checkpoint = seen.checkpoint
    edge = await read_edge(connection)
    while edge.size < checkpoint.size:
        full = edge.extend(await leaf_hashes(connection, edge.size, min(checkpoint.size, edge.size + PAGE)))
        async with connection.transaction():
            await add_tiles(connection, full)
    async with connection.transaction():
        await connection.execute(BEGIN_AGAIN, [epoch, checkpoint.size])
        newest = await checkpoints.newest(connection)
        if newest is None or newest.size < checkpoint.size:
            await checkpoints.add(connection, checkpoint)
        if await checkpoints.signed_of(connection, checkpoint.size) is None:
            own = tuple(line for line in seen.note.signatures if line.name == checkpoint.origin)
            await checkpoints.store_note(connection, checkpoint.size, Note(seen.note.text, own))
    by_name = {party.key.name: name for name, party in policy.witnesses.items()}
    for line in seen.note.signatures:
        if line.name in by_name:
            name = by_name[line.name]
            await checkpoints.store_cosignature(
                connection, checkpoint.size, name, line=line, said=seen.witnesses[name], enough_at=policy.enough_at
            )
