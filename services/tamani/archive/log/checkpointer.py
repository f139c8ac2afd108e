"""Makes checkpoints while its worker holds the publisher's lease: grow the tree, persist, remember, sign, store, tell.

A checkpoint is committed before it is signed, so that no crash can make two of one size. Before each signature the tree
is held against all that was ever signed under this key, as far as anybody remembers it: the database's own rows, the
file beside it, and what the witnesses hold. A tree that went back signs nothing any more; notices flow on without it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import psycopg
import structlog

from tamani.archive.log import checkpoints
from tamani.archive.log.checkpoints import Kept
from tamani.archive.log.guard import hold_against
from tamani.archive.log.memory import read_memory, write_memory
from tamani.archive.log.steps import Hook, Step, no_hook
from tamani.archive.log.tiles import add_tiles, leaf_hashes, read_edge
from tamani.archive.log.tree import Edge, FullTile
from tamani.core.errors import DefectError, OutageError, RefusedError, TamaniError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.note import Note, NoteKey
from tamani.runtime.database import is_outage, only_row, through_outages

log = structlog.get_logger(__name__)
# Leaves that one transaction puts into tiles.
CHUNK = 1 << 16
_LEAVES = "SELECT leaves FROM log_head"
_FENCED = "SELECT FROM publisher WHERE fence = %s FOR SHARE"
Connection = psycopg.AsyncConnection[Any]
Connect = Callable[[], Awaitable[Connection]]
Fence = Callable[[], int | None]


class Told(Protocol):
    """Who is told of a signed checkpoint, and asked what it has seen of this log."""

    async def seen(self) -> list[Checkpoint]:
        """What others hold that is signed with the log's key."""
        ...

    def offer(self, size: int) -> None:
        """A checkpoint of this size is signed and stored."""
        ...


class _FencedError(Exception):
    """Another worker makes the checkpoints now."""


class Checkpointer:
    """The checkpoint task of one worker. `refusal` says why it signs nothing any more, `trouble` what it waits for."""

    def __init__(
        self,
        connect: Connect,
        key: NoteKey,
        memory: Path,
        *,
        fence: Fence,
        told: Told,
        seconds: float,
        hook: Hook = no_hook,
    ) -> None:
        self._connect, self._key, self._memory = connect, key, memory
        self._fence, self._told, self._seconds, self._hook = fence, told, seconds, hook
        self._connection: Connection | None = None
        self._held: int | None = None
        self._edge = Edge()
        self._seen: list[Checkpoint] = []
        self.refusal: TamaniError | None = None
        self.trouble: TamaniError | None = None

    async def run(self) -> None:
        """Look every so many seconds, for ever."""
        while True:
            await through_outages(self.round, "log")
            await asyncio.sleep(self._seconds)

    async def round(self) -> None:
        """One look: what has grown is persisted, signed and offered; nothing if it is not our turn.

        Nothing that is wrong with the log ends the worker: notices go on.
        """
        fence = self._fence()
        if fence is None or self.refusal is not None:
            self._held = None
            return
        try:
            await self._work(fence)
            self.trouble = None
        except _FencedError:
            self._held = None
        except OutageError as error:
            log.warning("no checkpoint", code=error.code.name, detail=error.detail)
            self.trouble = error
        except DefectError as error:
            self.refuse(error)
        except RefusedError as error:
            self.refuse(DefectError("failed.log.state", f"{error.code.name}: {error.detail}"))
        except psycopg.Error as error:
            if is_outage(error):
                raise
            self.refuse(DefectError("failed.log.state", str(error).strip()[:200]))

    def refuse(self, error: TamaniError) -> None:
        """Sign nothing from here on in this process; the next one will find the same reason, or none."""
        if self.refusal is None:
            log.critical("the log signs no more", code=error.code.name, detail=error.detail, what=error.code.fr)
            self.refusal = error

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _work(self, fence: int) -> None:
        connection = await self._connected()
        if self._held != fence:
            await self._begin(connection)
            self._held = fence
        newest = await self._grow(connection, fence)
        if newest is not None and newest.note is None:
            await self._sign(connection, newest)
        if newest is not None:
            self._told.offer(newest.size)

    async def _begin(self, connection: Connection) -> None:
        """The lease is ours since a moment ago: take the tree up where it stands, and believe it only after a look."""
        self._edge = await read_edge(connection)
        newest = await checkpoints.newest(connection)
        if newest is not None:
            await hold_against(connection, self._key.name, [Checkpoint.parse(newest.text)])
        self._seen = await self._told.seen()

    async def _grow(self, connection: Connection, fence: int) -> Kept | None:
        """The newest checkpoint, which is made here if the tree has grown."""
        (size,) = await only_row(connection, _LEAVES)
        newest = await checkpoints.newest(connection)
        known = newest.size if newest else 0
        if size == known:
            return newest
        if size < max(self._edge.size, known):
            raise DefectError("failed.log.rewound", f"{size} < {max(self._edge.size, known)}")
        await self._catch_up(connection, fence, size)
        edge, full = await self._extended(connection, size)
        checkpoint = Checkpoint(self._key.name, size, edge.root())
        async with connection.transaction():
            await _still(connection, fence)
            await add_tiles(connection, full)
            self._hook(Step.TILES_WRITTEN)
            await checkpoints.add(connection, checkpoint)
            self._hook(Step.CHECKPOINT_WRITTEN)
        self._edge = edge
        self._hook(Step.CHECKPOINT_COMMITTED)
        return Kept(size, checkpoint.root, checkpoint.text, None)

    async def _catch_up(self, connection: Connection, fence: int, size: int) -> None:
        """Put all but the last leaves into tiles: a checkpoint is made of the whole tree only."""
        while size - self._edge.size > CHUNK:
            edge, full = await self._extended(connection, self._edge.size + CHUNK)
            async with connection.transaction():
                await _still(connection, fence)
                await add_tiles(connection, full)
            self._edge = edge

    async def _extended(self, connection: Connection, size: int) -> tuple[Edge, list[FullTile]]:
        leaves = await leaf_hashes(connection, self._edge.size, size)
        if len(leaves) != size - self._edge.size:
            raise DefectError("failed.log.state", f"{self._edge.size + len(leaves)} < {size}")
        edge = self._edge.copy()
        return edge, await asyncio.to_thread(edge.extend, leaves)

    async def _sign(self, connection: Connection, newest: Kept) -> None:
        checkpoint = Checkpoint.parse(newest.text)
        await hold_against(connection, self._key.name, await self._signed_before(connection, checkpoint))
        self._remember(checkpoint)
        self._hook(Step.REMEMBERED)
        note = Note(checkpoint.text, (self._key.sign(checkpoint.text),))
        self._hook(Step.SIGNED)
        await checkpoints.store_note(connection, checkpoint.size, note)
        self._hook(Step.NOTE_STORED)
        self._seen = []

    async def _signed_before(self, connection: Connection, checkpoint: Checkpoint) -> list[Checkpoint]:
        """This one, and all that must be its beginning: what database, file and witnesses know to be signed."""
        last, remembered = await checkpoints.newest_signed(connection), read_memory(self._memory)
        signed = [checkpoint, *self._seen]
        signed += [Checkpoint.parse(last.text)] if last else []
        return [*signed, remembered] if remembered else signed

    def _remember(self, checkpoint: Checkpoint) -> None:
        try:
            write_memory(self._memory, checkpoint)
        except OSError as error:
            raise OutageError("failed.disk", f"{self._memory.name}: {error.strerror}") from error

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._held = None
            self._connection = await self._connect()
        return self._connection


async def _still(connection: Connection, fence: int) -> None:
    """The lease is ours until this transaction ends: who wants it waits for us."""
    if await (await connection.execute(_FENCED, [fence])).fetchone() is None:
        raise _FencedError
