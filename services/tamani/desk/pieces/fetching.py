"""Pieces of other sites, fetched from the region when somebody asks: once for all who ask, one file at a time."""

import asyncio
import hashlib
from collections.abc import Callable, Set
from contextlib import aclosing

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.errors import OutageError, RefusedError, TamaniError
from tamani.core.names import Country, country_of
from tamani.core.pieces import LARGEST
from tamani.desk.database import Database
from tamani.desk.pieces.beginnings import Beginnings, Begun
from tamani.desk.pieces.blobs import Blobs, Wanted
from tamani.desk.pieces.feed import one_at_a_time
from tamani.desk.pieces.kinds import media_type
from tamani.desk.pieces.store import named
from tamani.desk.pieces.tables import FETCHED, UP, piece
from tamani.desk.pieces.verdicts import Verdicts
from tamani.desk.tables import erasure, record
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
# Files in the line. A reader who is not signed in has one fetched only if nobody else waits: a program that walks
# through public pages never stands before an officer.
MOST = 8
# For one file (seconds): 4 MiB take 14 minutes at 64 kbit/s. Then the next has its turn; what came is kept.
TURN = 1200.0


class Fetching:
    """What a desk fetches. `country`: whose files have come up from here and need not do so again."""

    def __init__(self, database: Database, blobs: Blobs, country: Country, clock: Clock) -> None:
        self._database, self._blobs, self._country, self._clock = database, blobs, country, clock
        self._begun, self._verdicts = Beginnings(), Verdicts(clock)
        self._tasks: dict[Wanted, asyncio.Task[None]] = {}
        self._line = asyncio.Lock()

    async def close(self) -> None:
        """End what is under way, and close the connection."""
        for task in (tasks := list(self._tasks.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._blobs.close()

    def arrived(self, wanted: Wanted) -> int:
        """How much of a file has come."""
        return self._begun.arrived(wanted)

    async def fetch(self, wanted: Wanted, patience: float, *, signed_in: bool) -> None:
        """Have the file here; whoever waits no longer than `patience` (seconds) leaves it to go on.

        Raises:
            RefusedError: `refused.erased`, `refused.piece.unknown`, `refused.piece.size`, `refused.piece.unsafe`.
            OutageError: `failed.piece.coming` (not at the region yet), `failed.piece.fetching` (it takes longer, or
                the line is full), `failed.archive`, `failed.database`.
        """
        if wanted.size > LARGEST:
            raise RefusedError("refused.piece.size")
        self._verdicts.check(wanted)
        task = self._tasks.get(wanted)
        if task is None:
            if len(self._tasks) >= (MOST if signed_in else 1):
                raise self._later(wanted)
            task = self._tasks[wanted] = asyncio.create_task(self._fetch(wanted))
            task.add_done_callback(self._forgets(wanted))
        done, _ = await asyncio.wait({task}, timeout=patience)
        if not done:
            raise self._later(wanted)
        task.result()

    def _later(self, wanted: Wanted) -> OutageError:
        return OutageError("failed.piece.fetching", f"{self.arrived(wanted)}/{wanted.size}")

    def _forgets(self, wanted: Wanted) -> Callable[["asyncio.Task[None]"], None]:
        def ended(task: "asyncio.Task[None]") -> None:
            self._tasks.pop(wanted, None)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, TamaniError):
                log.warning("pieces.down", code=error.code.name, detail=error.detail, sha256=wanted.sha256[:16])
            elif error is not None:
                log.error("pieces.down.failed", exc_info=error)  # perhaps nobody waits for it any more

        return ended

    async def _fetch(self, wanted: Wanted) -> None:
        async with self._line:
            async with self._database.reading() as connection:
                if await _is_here(connection, wanted):
                    return  # by another notice that names it
                erased = await _erased(connection, wanted.source)
            begun = self._begun.go_on(wanted, erased)
            try:
                await self._go_on(wanted, begun.raw)
                mime = await self._judged(wanted, bytes(begun.raw))
                async with self._database.writing() as connection:
                    await self._keep(connection, wanted, mime, begun)
                self._begun.drop(wanted)
            except RefusedError:
                self._begun.drop(wanted)
                raise
            finally:
                self._begun.leave(wanted)

    async def _go_on(self, wanted: Wanted, raw: bytearray) -> None:
        if len(raw) == wanted.size:
            return  # all came, and the database was away
        try:
            async with asyncio.timeout(TURN), aclosing(self._blobs.get(wanted, len(raw))) as chunks:
                async for chunk in chunks:
                    raw += chunk
        except TimeoutError as error:
            raise OutageError("failed.archive", "turn") from error

    async def _judged(self, wanted: Wanted, raw: bytes) -> str:
        """The media type; what was found wrong is remembered, and nothing is kept of it."""
        try:
            return await asyncio.to_thread(_checked, wanted, raw)
        except (OutageError, RefusedError) as error:
            self._begun.drop(wanted)
            self._verdicts.remember(wanted, error)
            log.error("pieces.down.spoilt", code=error.code.name, source=wanted.source, sha256=wanted.sha256)
            raise

    async def _keep(self, connection: AsyncConnection, wanted: Wanted, mime: str, begun: Begun) -> None:
        """Under the notice by which it came. An erasure that the desk has heard of since may be of this very file.

        Raises:
            RefusedError: `refused.erased`: the notice is gone.
            OutageError: `failed.archive`: another of the body is; the region tells the next who asks.
        """
        await one_at_a_time(connection, wanted.source)
        said = select(record.c.feed_index).where(record.c.source == wanted.source, record.c.id == wanted.notice)
        if (await connection.execute(said)).first() is None:
            raise RefusedError("refused.erased")
        if await _erased(connection, wanted.source) != begun.erased:
            self._begun.drop_all_of(wanted.source)
            raise OutageError("failed.archive", "erased")
        own = country_of(wanted.source) is self._country
        row = {"source": wanted.source, "sha256": wanted.sha256, "mime": mime, "size": wanted.size}
        row |= {"content": bytes(begun.raw), "used": self._clock(), "notices": [wanted.notice], "archived": True}
        await connection.execute(insert(piece).values(row | {"lane": UP if own else FETCHED}).on_conflict_do_nothing())


async def _is_here(connection: AsyncConnection, wanted: Wanted) -> bool:
    here = select(piece.c.size).where(*named(wanted.source, [wanted.sha256]))
    return (await connection.execute(here)).first() is not None


async def _erased(connection: AsyncConnection, source: str) -> Set[str]:
    """What the desk knows to be erased of this body."""
    return set((await connection.execute(select(erasure.c.digest).where(erasure.c.source == source))).scalars())


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
