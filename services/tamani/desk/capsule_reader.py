"""Follows `capsules.<cc>` for ever, beside the mirror: each waits for what is away without holding up the other."""

import asyncio
from datetime import timedelta

import structlog

from tamani.core.errors import OutageError
from tamani.core.names import capsules as topic_of
from tamani.desk import capsules
from tamani.desk.database import Database
from tamani.desk.feed_topic import FeedTopic
from tamani.desk.settings import DeskSettings
from tamani.runtime.clock import Clock, system_clock

log = structlog.get_logger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
SWEEP = timedelta(hours=6)


class CapsuleReader:
    """Takes the keys for this origin's readers into the desk's database, unopened."""

    def __init__(self, settings: DeskSettings, database: Database, clock: Clock = system_clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._sweep_at = clock()
        self.connected = False

    async def run(self) -> None:
        """Follow until cancelled; an outage is waited out."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._follow()
            except OutageError as error:
                wait = FIRST_WAIT if self.connected else min(wait * 2, LONGEST_WAIT)
                self.connected = False
                log.warning("capsules.away", code=error.code.name, detail=error.detail, again_in=wait)
            await asyncio.sleep(wait)

    async def _follow(self) -> None:
        topic = FeedTopic(self._settings, topic_of(self._settings.country))
        try:
            await topic.start()
            async with self._database.reading() as connection:
                offset = await capsules.next_offset(connection, topic.cluster)
            await topic.seek(offset)
            self.connected = True
            while True:
                await self._take(topic)
                await self._sweep()
        finally:
            await topic.close()

    async def _take(self, topic: FeedTopic) -> None:
        if records := await topic.poll():
            async with self._database.writing() as connection:
                await capsules.take(connection, records, topic.cluster)

    async def _sweep(self) -> None:
        if self._clock() < self._sweep_at:
            return
        self._sweep_at = self._clock() + SWEEP
        async with self._database.writing() as connection:
            if dropped := await capsules.drop_junk(connection):
                log.info("capsules.junk_dropped", count=dropped)
