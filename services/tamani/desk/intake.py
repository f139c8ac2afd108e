"""Taking entries in: verified off the event loop, written in one transaction each batch, from the position seen."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.feed import FeedEntry
from tamani.core.registry import Registry
from tamani.desk import editions
from tamani.desk.catch_up import CatchUp
from tamani.desk.database import Database, sqlstate_of
from tamani.desk.erasures import untold
from tamani.desk.position import Position, read_position, write_position
from tamani.desk.projection import Confirmed, Outcome, Unreadable, project
from tamani.desk.stored import marks_on, unread_entries
from tamani.desk.storing import project_batch, store, truncate
from tamani.desk.tables import mirror, unreadable
from tamani.desk.taken import Taken
from tamani.desk.turns import PAST, turn_families
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
BATCH = 500
# What a registry that lags behind the archive's can be the reason of.
MAYBE_STALE = ("refused.key", "refused.source", "refused.policy", "refused.erasure")
FRESH_SECONDS = 5.0


class MovedError(Exception):
    """Another process moved the position since it was read."""


class Intake:
    """Writes for one mirror. Every method takes the position it starts from and gives the one it leaves."""

    def __init__(self, database: Database, registry: RegistryHolder) -> None:
        self._database = database
        self._registry = registry
        self._read_again_at = -1

    async def untold_erasures(self) -> list[bytes]:
        """Orders of erasure that the archive no longer tells, though it tells their notices."""
        async with self._database.reading() as connection:
            return await untold(connection)

    async def load(self) -> Position:
        """The stored position."""
        async with self._database.reading() as connection:
            return await read_position(connection)

    @asynccontextmanager
    async def _from(self, place: Position) -> AsyncIterator[AsyncConnection]:
        """A transaction that begins where `place` says.

        Raises:
            MovedError: it no longer stands there.
        """
        async with self._database.writing() as connection:
            if await read_position(connection, lock=True) != place:
                raise MovedError
            yield connection

    async def move(self, place: Position, to: Position) -> Position:
        """Move the position without an entry."""
        async with self._from(place) as connection:
            await write_position(connection, to)
        return to

    async def truncate(self, place: Position, epoch: int, first: int) -> Position:
        """Drop what a later epoch tells anew."""
        if first <= place.head:
            log.warning("mirror.epoch", epoch=epoch, from_index=first, head=place.head)
        async with self._from(place) as connection:
            return await truncate(connection, place, epoch, first)

    async def take(
        self,
        place: Position,
        run: Sequence[FeedEntry],
        timestamp: int | None = None,
        *,
        at: tuple[str, int] | None = None,
    ) -> Position:
        """Verify and store a run that follows on; with its last batch the Kafka place becomes `at`."""
        for start in range(0, len(run), BATCH):
            part = run[start : start + BATCH]
            taken = await self._verify(part, timestamp)
            place = await self._store(place, taken, at if start + BATCH >= len(run) else None)
        return place

    async def _store(self, place: Position, taken: list[Taken], at: tuple[str, int] | None) -> Position:
        """One transaction; what the database refuses to take is split until it stands alone, and then listed."""
        try:
            async with self._from(place) as connection:
                return await store(connection, place.at(*at) if at else place, taken)
        except (DBAPIError, psycopg.Error) as error:
            state = sqlstate_of(error)
            if taken[0].entry.envelope is None and len(taken) == 1:
                raise  # not even its number: that is a defect of ours
        if len(taken) == 1:
            log.error("mirror.refused_by_database", sqlstate=state, feed_index=taken[0].entry.feed_index)
            return await self._store(place, [_without_content(taken[0].entry, state)], at)
        middle = len(taken) // 2
        place = await self._store(place, taken[:middle], None)
        return await self._store(place, taken[middle:], at)

    async def _verify(self, entries: Sequence[FeedEntry], timestamp: int | None) -> list[Taken]:
        registry = self._registry.current
        outcomes = await asyncio.to_thread(_project_all, entries, registry)
        if timestamp is not None and any(map(_maybe_stale, outcomes)):
            fresh = await self._fresh(timestamp)
            if fresh.version != registry.version:
                outcomes = await asyncio.to_thread(_project_all, entries, fresh)
        return [Taken(entry, outcome) for entry, outcome in zip(entries, outcomes, strict=True)]

    async def _fresh(self, timestamp: int) -> Registry:
        """A registry at least as new as the entry, if it comes soon; what it would mend is read again later anyway."""
        try:
            return await asyncio.wait_for(self._registry.fresh_after(timestamp), FRESH_SECONDS)
        except TimeoutError:
            return self._registry.current

    async def catch_up(self, place: Position, archive: CatchUp) -> Position:
        """Everything the archive has beyond our head, after going back to where both agree.

        Raises:
            OutageError: `failed.archive`, `failed.database`.
            MovedError: another process moved the position.
        """
        agreed = place.head == 0
        while page := await archive.page(place.head):
            first = page[0]
            if not agreed and first is not None and first.prev != place.digest:
                place = await self._back_to_agreement(place, archive)
                agreed = True
                continue
            agreed = True
            place = await self._take_page(place, page)
        return place

    async def _take_page(self, place: Position, page: Sequence[FeedEntry | None]) -> Position:
        """The archive is the authority on order: its page is taken as it stands, each entry at the next number."""
        run, head, digest, epoch = [], place.head, place.digest, place.epoch
        for found in page:
            entry = found or _placeholder(head + 1, digest, epoch)
            if entry.feed_index != head + 1:
                break
            run.append(entry)
            head, digest, epoch = entry.feed_index, entry.digest, max(epoch, entry.epoch)
        if epoch > place.epoch:
            place = await self.truncate(place, epoch, place.head + 1)
        return await self.take(place, run)

    async def _back_to_agreement(self, place: Position, archive: CatchUp) -> Position:
        """Step back, doubling, to an entry that is the same here and there; drop what follows it."""
        step = 1
        while (index := place.head - step) > 0:
            theirs = await archive.page(index - 1, limit=1)
            ours = await self._digest_at(index)
            if theirs and theirs[0] is not None and theirs[0].digest == ours:
                break
            step *= 2
        return await self.truncate(place, place.epoch, max(index, 0) + 1)

    async def _digest_at(self, index: int) -> str | None:
        async with self._database.reading() as connection:
            return await connection.scalar(select(mirror.c.digest).where(mirror.c.feed_index == index))

    async def read_again(self, place: Position) -> Position:
        """When the registry has changed, try what could not be read before."""
        registry = self._registry.current
        if registry.version == self._read_again_at:
            return place
        async with self._from(place) as connection:
            entries = await unread_entries(connection)
            outcomes = await asyncio.to_thread(_project_all, entries, registry)
            mended = [Taken(e, o) for e, o in zip(entries, outcomes, strict=True) if not isinstance(o, Unreadable)]
            if mended:
                place = await self._mend(connection, place, mended)
                await turn_families(connection, {PAST})
        self._read_again_at = registry.version
        return place

    async def _mend(self, connection: AsyncConnection, place: Position, mended: list[Taken]) -> Position:
        gone = [taken.entry.feed_index for taken in mended]
        await connection.execute(delete(unreadable).where(unreadable.c.feed_index.in_(gone)))
        public_head = await project_batch(connection, place.public_head, mended)
        marks = [Taken(entry, project(entry, self._registry.current)) for entry in await marks_on(connection, gone)]
        public_head = await project_batch(connection, public_head, marks)
        after = await _told_late(connection, place, mended)
        after = replace(after, public_head=public_head)
        await write_position(connection, after)
        log.info("mirror.read_again", mended=len(mended))
        return after


async def _told_late(connection: AsyncConnection, place: Position, mended: list[Taken]) -> Position:
    """Readers have passed the places of these: they are sent back to the first that is news to anybody."""
    news = [taken.entry.feed_index for taken in mended if not isinstance(taken.outcome, Confirmed)]
    return await editions.begin(connection, place, min(news), place.public_head + 1) if news else place


def _project_all(entries: Sequence[FeedEntry], registry: Registry) -> list[Outcome]:
    return [project(entry, registry) for entry in entries]


def _maybe_stale(outcome: Outcome) -> bool:
    return isinstance(outcome, Unreadable) and outcome.code.startswith(MAYBE_STALE)


def _without_content(entry: FeedEntry, state: str) -> Taken:
    """The entry by its number and its link alone; its bytes are still at the archive."""
    bare = FeedEntry(
        epoch=entry.epoch,
        feed_index=entry.feed_index,
        prev=entry.prev,
        kind="record",
        recordedtime="",
        digest=entry.digest,
    )
    return Taken(bare, Unreadable(f"held.store.{state}"))


def _placeholder(feed_index: int, prev: str, epoch: int) -> FeedEntry:
    """What stands for an entry that cannot be read at all: it keeps its number and is listed."""
    return FeedEntry(epoch=max(epoch, 1), feed_index=feed_index, prev=prev, kind="record", recordedtime="", digest="")
