"""Reminders of what waits for an answer: a week before its day, the day before, and once when the day has passed.

A letter says that something waits, never what: who reads it signs in. Each reminder is noted once for each address and
each day that was set, so a restart repeats none; what has been answered or called off meanwhile is not sent.

The day of a sealed request is sealed with it: a row that counted to it would tell it. So of those a reminder goes out a
day, a week and three weeks after they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.policy import Reader
from tamani.core.registry import Registry
from tamani.desk.database import Database
from tamani.desk.demands.clock import stage_of
from tamani.desk.demands.sealed import SealedDue, SealedFinder
from tamani.desk.demands.search import Due, Finder
from tamani.desk.mail.outbox import Letter
from tamani.desk.mail.subscriptions import Subscription
from tamani.desk.opening import Opener
from tamani.desk.tables import mail_outbox
from tamani.desk.told import Told
from tamani.runtime.clock import Clock

# Days after a sealed request came.
AFTER = (1, 7, 21)
# Days are what is counted: looking more often finds nothing new.
EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that waits for an answer; `mark` is its reminder that is in its time, if one is."""

    source: str
    thread: str
    id: str
    mark: str | None


class Reminders:
    """The reminders of one desk."""

    def __init__(self, database: Database, told: Told, opener: Opener, clock: Clock) -> None:
        self._database = database
        self._finder = Finder(database, told)
        self._sealed = SealedFinder(database, opener)
        self._clock = clock
        self._looked: datetime | None = None

    async def fill(self, subscriptions: Sequence[Subscription], registry: Registry) -> None:
        """Write the reminders that are in their time and not yet written."""
        now = self._clock()
        if self._looked is not None and self._looked <= now < self._looked + EVERY:
            return
        wanted: dict[str, list[Subscription]] = {}
        for one in subscriptions:
            body = registry.body(one.body)
            if one.reminders and body is not None and body.stands(now):
                wanted.setdefault(one.body, []).append(one)
        for source, readers in wanted.items():
            await self._write(await self._waits(source, now), readers, now)
        self._looked = now

    async def _waits(self, body: str, now: datetime) -> list[Waits]:
        """All that waits for an answer of this body."""
        owed = await self._finder.owed_by(Reader(body), now)
        sealed = await self._sealed.owed_by(Reader(body), now)
        open_ = [Waits(one.notice.row.source, one.notice.row.thread, one.notice.row.id, mark_of(one)) for one in owed]
        return open_ + [Waits(one.source, one.thread, one.id, sealed_mark(one, now)) for one in sealed]

    async def _write(self, waits: Sequence[Waits], readers: Sequence[Subscription], now: datetime) -> None:
        rows = [
            {
                "subscription": reader.number,
                "source": one.source,
                "thread": one.thread,
                "id": one.id,
                "reminder": one.mark,
                "state": "waiting",
                "created": now,
                "due": now,
            }
            for one in waits
            if one.mark is not None
            for reader in readers
        ]
        if rows:
            async with self._database.writing() as connection:
                await connection.execute(insert(mail_outbox).on_conflict_do_nothing(), rows)

    async def waiting(self, letter: Letter, subscription: Subscription) -> int:
        """How many things wait for this body now; none if what this letter was written for is no longer among them."""
        waits = await self._waits(subscription.body, self._clock())
        told = letter.source, letter.thread, letter.reminder
        return len(waits) if any((one.source, one.thread, one.mark) == told for one in waits) else 0

    async def told(self, subscription: int) -> None:
        """One letter has said how many things wait: the reminders beside it need none of their own."""
        now = self._clock()
        mine = mail_outbox.c.subscription == subscription, mail_outbox.c.reminder.is_not(None)
        waits = mail_outbox.c.state == "waiting", mail_outbox.c.due <= now
        async with self._database.writing() as connection:
            await connection.execute(update(mail_outbox).where(*mine, *waits).values(state="passed", ended=now))


def mark_of(one: Due) -> str | None:
    """What makes a reminder one: the day that was set, and which of the three it is; nothing while it is early."""
    stage = stage_of(one.days)
    return f"{one.due}/{stage}" if stage is not None else None


def sealed_mark(one: SealedDue, now: datetime) -> str | None:
    """The same of a sealed one: how long ago it came, which whoever sees its envelope knows."""
    come = [days for days in AFTER if now - one.came >= timedelta(days=days)]
    return f"{SEALED.name}/{come[-1]}" if come else None
