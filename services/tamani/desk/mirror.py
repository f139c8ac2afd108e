"""The mirror: takes the country's feed into the desk's own PostgreSQL, verified again, without holes, for ever.

Whatever is away is waited for: the broker, the database, the archive. What the topic no longer holds comes from the
archive. A bad entry is listed with its code and stops nobody. Two mirrors of one database do no harm: the position
moves only from where its mover saw it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from tamani.core.errors import OutageError
from tamani.core.feed import FeedEntry, decode_feed
from tamani.core.names import feed
from tamani.core.strict_json import BadJson
from tamani.desk.catch_up import CatchUp
from tamani.desk.database import Database
from tamani.desk.feed_topic import FeedTopic, Record
from tamani.desk.intake import Intake, MovedError
from tamani.desk.position import Position
from tamani.desk.settings import DeskSettings
from tamani.desk.sorting import Place, is_sound, leading_run, place_of
from tamani.runtime.clock import Clock, system_clock
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
FIRST_WAIT = 0.5
LONGEST_WAIT = 15.0
# The archive is asked at start, at a hole, and now and then in case the topic lost its end.
RECONCILE = timedelta(minutes=5)
NOTE_EVERY = timedelta(seconds=10)


@dataclass(slots=True)
class MirrorHealth:
    """What an operator asks of the mirror; the page's own freshness stands in the position."""

    broker: str = "starting"
    archive: str = "not asked"
    dropped: int = 0


class Mirror:
    """Follows one feed until cancelled."""

    def __init__(
        self,
        settings: DeskSettings,
        database: Database,
        registry: RegistryHolder,
        archive: CatchUp | None,
        clock: Clock = system_clock,
    ) -> None:
        self._settings = settings
        self._intake = Intake(database, registry)
        self._archive = archive
        self._clock = clock
        self._reconciled = clock() - 2 * RECONCILE
        self.health = MirrorHealth()

    async def run(self) -> None:
        """Follow the feed; an outage is waited out, ever more slowly up to a quarter of a minute."""
        wait = FIRST_WAIT
        while True:
            started = self._clock()
            try:
                await self._follow()
            except MovedError:
                log.warning("mirror.moved", why="another process moved the position")
            except OutageError as error:
                self.health.broker = error.code.name
                log.warning("mirror.away", code=error.code.name, detail=error.detail, again_in=wait)
            if self._clock() - started > timedelta(seconds=LONGEST_WAIT):
                wait = FIRST_WAIT
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _follow(self) -> None:
        place = await self._intake.load()
        if self._clock() - self._reconciled > RECONCILE:
            place = await self._reconcile(place)
        topic = FeedTopic(self._settings, feed(self._settings.country))
        try:
            await topic.open(place.cluster, place.next_offset)
            self.health.broker = "ok"
            if topic.cluster != place.cluster:
                place = await self._intake.move(place, place.at(topic.cluster, 0))
            await self._read(topic, place)
        finally:
            await topic.close()

    async def _read(self, topic: FeedTopic, place: Position) -> None:
        while True:
            records = await topic.poll()
            if records:
                place = await self._take(place, records)
            place = await self._note_freshness(topic, place)
            place = await self._intake.read_again(place)
            if self._clock() - self._reconciled > RECONCILE:
                place = await self._reconcile(place)

    async def _take(self, place: Position, records: Sequence[Record]) -> Position:
        """Take in what these records hold; the Kafka offset moves with the last of them."""
        entries = self._decode(records)
        target = place.at(place.cluster, records[-1].offset + 1)
        newest = max(record.timestamp for record in records)
        while entries:
            run = leading_run(place, entries)
            if run:
                # The offset is written with the batch that ends the records; before it, a repeat is only dropped.
                done = target if len(run) == len(entries) else place
                place = await self._intake.take(place, run, newest, at=(done.cluster, done.next_offset))
                entries = entries[len(run) :]
            else:
                place, entries = await self._settle(place, entries)
        if (place.cluster, place.next_offset) != (target.cluster, target.next_offset):
            place = await self._intake.move(place, place.at(target.cluster, target.next_offset))
        return place

    def _decode(self, records: Sequence[Record]) -> list[FeedEntry]:
        """What is no entry has no number: it is dropped, and the hole that it leaves will be seen."""
        entries = []
        for record in records:
            try:
                entry = decode_feed(record.value)
            except BadJson as error:
                self._drop(record, error.code)
                continue
            if is_sound(entry):
                entries.append(entry)
            else:
                self._drop(record, "failed.feed")
        return entries

    def _drop(self, record: Record, code: str) -> None:
        self.health.dropped += 1
        log.warning("mirror.not_an_entry", offset=record.offset, code=code)

    async def _settle(self, place: Position, entries: list[FeedEntry]) -> tuple[Position, list[FeedEntry]]:
        """Deal with a first entry that does not simply follow on."""
        first = entries[0]
        match place_of(place, first):
            case Place.NEWER:
                return await self._intake.truncate(place, first.epoch, first.feed_index), entries
            case Place.GAP | Place.FORK as seen:
                log.info("mirror.lacks", seen=seen.value, head=place.head, feed_index=first.feed_index)
                place = await self._catch_up(place)
                if place_of(place, first) in {Place.GAP, Place.FORK}:
                    self.health.dropped += 1
                    log.warning("mirror.not_in_archive", head=place.head, feed_index=first.feed_index)
                    return place, entries[1:]
                return place, entries
            case _:
                return place, entries[1:]

    async def _catch_up(self, place: Position) -> Position:
        """Everything that the archive has beyond our head; waits for the archive as long as it takes.

        Raises:
            OutageError: `failed.archive` (the caller comes back); also when there is no archive to ask.
        """
        if self._archive is None:
            raise OutageError("failed.archive", "no archive_url")
        try:
            place = await self._intake.catch_up(place, self._archive)
        except OutageError as error:
            if error.code.name == "failed.archive":
                self.health.archive = error.code.name
            raise
        self.health.archive = "ok"
        self._reconciled = self._clock()
        return place

    async def _reconcile(self, place: Position) -> Position:
        """Ask the archive in case the topic lost its end; the archive being away is no reason to stop following."""
        self._reconciled = self._clock()
        if self._archive is None:
            return place
        try:
            place = await self._catch_up(place)
            for order in await self._intake.untold_erasures():
                await self._archive.hand_back(order)
                log.warning("mirror.order_handed_back", bytes=len(order))
            return place
        except OutageError as error:
            if error.code.name != "failed.archive":
                raise
            log.info("mirror.archive_away", detail=error.detail)
            return await self._intake.load()

    async def _note_freshness(self, topic: FeedTopic, place: Position) -> Position:
        heard = topic.complete_at(place.next_offset)
        if heard is None or (place.read_until is not None and heard - place.read_until < NOTE_EVERY):
            return place
        return await self._intake.move(place, place.fresh(heard))
