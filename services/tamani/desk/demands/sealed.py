"""Sealed requests and convocations: what they ask stands in no table, so the threads are opened to see, in memory.

Only where a thread is, and by which day it wants an answer, leaves this module: no word of what it says.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, select

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.policy import Reader
from tamani.desk.access import may_see
from tamani.desk.database import Database
from tamani.desk.demands.asking import demands_of, over
from tamani.desk.demands.clock import days_left, urgency
from tamani.desk.demands.standing import asks, owes, parties_to
from tamani.desk.opening import Opener
from tamani.desk.rows import Notice
from tamani.desk.tables import record
from tamani.desk.threads import Story

# Opened anew each time somebody looks, so no more than these: first those in which nobody has answered, the newest.
MOST = 50
MOST_SAID = 400


@dataclass(frozen=True, slots=True)
class SealedDue:
    """A sealed notice that asks something: which, when it came, its day, and how many have yet to answer."""

    source: str
    id: str
    thread: str
    tlp: str
    came: datetime
    due: date | None
    days: int | None
    missing: int

    @property
    def late(self) -> bool:
        """Whether the day has passed."""
        return self.days is not None and self.days < 0


@dataclass(frozen=True, slots=True)
class SealedFinder:
    """Asks the tables of one desk which threads to open, and those what they ask."""

    database: Database
    opener: Opener

    async def owed_by(self, reader: Reader, now: datetime) -> list[SealedDue]:
        """What waits for an answer of the reader's body: late first, then the soonest."""
        if reader.body is None:
            return []
        others = record.c.source != reader.body, record.c.audience.contains([reader.body])
        found = await self._asking(reader, now, others, answered=_said.c.source == reader.body)
        return _sorted([_due(one, now) for one in found if owes(*one, reader.body)], now)

    async def owed_to(self, reader: Reader, now: datetime) -> list[SealedDue]:
        """What the reader's body still waits for: late first, then the soonest."""
        if reader.body is None:
            return []
        ours = (record.c.source == reader.body,)
        found = await self._asking(reader, now, ours, answered=_said.c.source != reader.body)
        dues = [_due(one, now) for one in found if asks(*one)]
        return _sorted([due for due in dues if due.missing], now)

    async def _asking(
        self,
        reader: Reader,
        now: datetime,
        which: tuple[ColumnElement[bool], ...],
        *,
        answered: ColumnElement[bool],
    ) -> list[tuple[Story, Notice]]:
        """The threads of these notices that ask something today, each with its version in force."""
        later = exists().where(_said.c.thread == record.c.thread, _said.c.feed_index > record.c.feed_index, answered)
        query = select(record.c.thread).where(record.c.type == SEALED.name, may_see(reader), *which)
        query = query.order_by(later, record.c.feed_index.desc()).limit(MOST)
        async with self.database.reading() as connection:
            subjects = list(dict.fromkeys((await connection.execute(query)).scalars()))
        told = await self.opener.stories(reader, subjects, MOST_SAID) if subjects else {}
        found = [(story, one) for story in told.values() for one in story.notices if story.is_current(one)]
        return [(story, one) for story, one in found if demands_of(one.event) and not over(one.event, now)]


_said = record.alias("said")


def _due(asking: tuple[Story, Notice], now: datetime) -> SealedDue:
    story, notice = asking
    row = notice.row
    lacking = [
        (one.due, sum(not party.settled for party in parties_to(story, notice, one)))
        for one in demands_of(notice.event)
    ]
    due = min((day for day, number in lacking if number and day), default=None)
    missing = sum(number for _, number in lacking)
    return SealedDue(row.source, row.id, row.thread, row.tlp, row.recordedtime, due, days_left(due, now), missing)


def _sorted(found: list[SealedDue], now: datetime) -> list[SealedDue]:
    return sorted(found, key=lambda one: (urgency(one.due, now), one.came))
