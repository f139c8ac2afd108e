"""Pieces of other sites, fetched from the region when somebody asks: once for all who ask, one file at a time.

What came before a line was cut is kept in memory, so that the next to ask goes on from there.
"""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import aclosing

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.errors import OutageError, RefusedError, TamaniError
from tamani.core.names import Country, country_of
from tamani.core.pieces import LARGEST
from tamani.desk.database import Database
from tamani.desk.pieces.blobs import Blobs, Wanted
from tamani.desk.pieces.kinds import media_type
from tamani.desk.pieces.tables import FETCHED, UP, piece
from tamani.desk.tables import record
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
# Beginnings of files that are kept for whoever asks again: these many times 4 MiB.
MOST_BEGUN = 8
File = tuple[str, str]


class Fetching:
    """What a desk fetches. `country`: whose files have come up from here and need not do so again."""

    def __init__(self, database: Database, blobs: Blobs, country: Country, clock: Clock) -> None:
        self._database, self._blobs, self._country, self._clock = database, blobs, country, clock
        self._begun: dict[File, bytearray] = {}
        self._tasks: dict[File, asyncio.Task[None]] = {}
        self._line = asyncio.Lock()

    async def close(self) -> None:
        """End what is under way, and close the connection."""
        for task in (tasks := list(self._tasks.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._blobs.close()

    def arrived(self, wanted: Wanted) -> int:
        """How much of a file has come."""
        return len(self._begun.get(_file(wanted), b""))

    async def fetch(self, wanted: Wanted, patience: float) -> None:
        """Have the file here; whoever waits no longer than `patience` (seconds) leaves it to go on.

        Raises:
            RefusedError: `refused.erased`, `refused.piece.unknown`, `refused.piece.size`, `refused.piece.unsafe`.
            OutageError: `failed.piece.coming` (not at the region yet), `failed.piece.fetching` (it takes longer),
                `failed.archive`, `failed.database`.
        """
        if wanted.size > LARGEST:
            raise RefusedError("refused.piece.size")
        file = _file(wanted)
        task = self._tasks.get(file)
        if task is None:
            task = self._tasks[file] = asyncio.create_task(self._fetch(wanted))
            task.add_done_callback(self._forgets(file))
        done, _ = await asyncio.wait({task}, timeout=patience)
        if not done:
            raise OutageError("failed.piece.fetching", f"{self.arrived(wanted)}/{wanted.size}")
        task.result()

    def _forgets(self, file: File) -> Callable[["asyncio.Task[None]"], None]:
        def ended(task: "asyncio.Task[None]") -> None:
            self._tasks.pop(file, None)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, TamaniError):
                log.warning("pieces.down", code=error.code.name, detail=error.detail, sha256=file[1][:16])
            elif error is not None:
                log.error("pieces.down.failed", exc_info=error)  # perhaps nobody waits for it any more

        return ended

    async def _fetch(self, wanted: Wanted) -> None:
        async with self._line:
            raw = self._beginning(wanted)
            try:
                await self._go_on(wanted, raw)
            except RefusedError:
                self._begun.pop(_file(wanted))
                raise
            self._begun.pop(_file(wanted))
        found = await asyncio.to_thread(_checked, wanted, bytes(raw))
        async with self._database.writing() as connection:
            await self._keep(connection, wanted, found, bytes(raw))

    async def _go_on(self, wanted: Wanted, raw: bytearray) -> None:
        if len(raw) < wanted.size:
            async with aclosing(self._blobs.get(wanted, len(raw))) as chunks:
                async for chunk in chunks:
                    raw += chunk

    def _beginning(self, wanted: Wanted) -> bytearray:
        """What has come of it, now the youngest of those that are kept."""
        begun = self._begun.pop(_file(wanted), bytearray())
        self._begun[_file(wanted)] = begun
        for oldest in list(self._begun)[:-MOST_BEGUN]:
            del self._begun[oldest]
        return begun

    async def _keep(self, connection: AsyncConnection, wanted: Wanted, mime: str, raw: bytes) -> None:
        """Under the notice by which it came, unless that was erased meanwhile (it waits for us, or we for it)."""
        said = select(record.c.feed_index).where(record.c.source == wanted.source, record.c.id == wanted.notice)
        if (await connection.execute(said.with_for_update(read=True, key_share=True))).first() is None:
            raise RefusedError("refused.erased")
        own = country_of(wanted.source) is self._country
        row = {"source": wanted.source, "sha256": wanted.sha256, "mime": mime, "size": len(raw), "content": raw}
        row |= {"used": self._clock(), "notices": [wanted.notice], "archived": True, "lane": UP if own else FETCHED}
        await connection.execute(insert(piece).values(row).on_conflict_do_nothing())


def _checked(wanted: Wanted, raw: bytes) -> str:
    """The media type, told by the bytes: what another site lets pass need not pass here.

    Raises:
        RefusedError: `refused.piece.unsafe`.
        OutageError: `failed.archive`: these are other bytes.
    """
    if hashlib.sha256(raw).hexdigest() != wanted.sha256:
        raise OutageError("failed.archive", "sha256")
    found = media_type(raw)
    if found is None:
        raise RefusedError("refused.piece.unsafe")
    return found


def _file(wanted: Wanted) -> File:
    return wanted.source, wanted.sha256
