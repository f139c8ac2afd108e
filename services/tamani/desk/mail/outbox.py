"""The letters to send: one for each subscription and notice, from the calendar's changes in the order of arrival.

The cursor moves in the transaction that writes the letters, so a crash loses none and doubles none. What a row stands
for is told from the thread when it is sent: after an outage one letter tells the newest state, not each on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.policy import Reader
from tamani.core.registry import Registry
from tamani.desk.agenda.meetings import Meeting
from tamani.desk.agenda.search import stories_of
from tamani.desk.database import Database
from tamani.desk.mail.subscriptions import Subscription
from tamani.desk.rows import Notice
from tamani.desk.tables import agenda, mail_cursor, mail_outbox, mirror, record
from tamani.runtime.clock import Clock

BATCH = 100
# Longer than any attempt may take: a process that died while sending leaves its letter to the next after this.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is due."""

    number: int
    subscription: int
    source: str
    thread: str
    id: str
    attempts: int
    reminder: str | None = None


_COLUMNS = [mail_outbox.c[name] for name in Letter.__dataclass_fields__]


class Outbox:
    """The outbox of one desk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def fill(self, subscriptions: Sequence[Subscription], registry: Registry) -> int:
        """Write the letters for the next changes; how many changes that were."""
        async with self._database.writing() as connection:
            cursor = await connection.scalar(select(mail_cursor.c.arrival).with_for_update())
            rows = (await connection.execute(_CHANGES.where(agenda.c.arrival > cursor).limit(BATCH))).all()
            for row in rows:
                for subscription in subscriptions:
                    await self._write(connection, Notice.of(row), subscription, registry)
            if rows:
                await connection.execute(update(mail_cursor).values(arrival=rows[-1].arrival))
        return len(rows)

    async def _write(
        self, connection: AsyncConnection, notice: Notice, subscription: Subscription, registry: Registry
    ) -> None:
        if not concerns(notice, subscription, registry, self._clock()):
            return
        meeting = await meeting_for(connection, subscription, notice.thread)
        if meeting is None or meeting.hours.end < self._clock():
            return
        source, thread = notice.thread
        if not (subscription.asked.match(meeting) or await _was_told(connection, subscription, source, thread)):
            return
        now = self._clock()
        row = {"subscription": subscription.number, "source": source, "thread": thread, "id": notice.row.id}
        values = row | {"state": "waiting", "created": now, "due": now}
        await connection.execute(insert(mail_outbox).values(**values).on_conflict_do_nothing())

    async def take(self) -> Letter | None:
        """The next letter that is due, lent for a while; whoever sends it says what became of it."""
        now = self._clock()
        due = (
            select(mail_outbox.c.number)
            .where(mail_outbox.c.state == "waiting", mail_outbox.c.due <= now)
            .order_by(mail_outbox.c.due, mail_outbox.c.number)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taking = update(mail_outbox).where(mail_outbox.c.number == due)
        lent = taking.values(due=now + LEASE, attempts=mail_outbox.c.attempts + 1).returning(*_COLUMNS)
        async with self._database.writing() as connection:
            row = (await connection.execute(lent)).one_or_none()
        return Letter(*row) if row is not None else None

    async def later(self, letter: Letter, due: datetime, reply: int | None = None) -> None:
        """Try again at this instant."""
        await self._note(letter, due=due, reply=reply)

    async def end(self, letter: Letter, state: str, reply: int | None = None) -> None:
        """It was `sent`, `failed` for good, or is `passed` over by a later one."""
        await self._note(letter, state=state, reply=reply, ended=self._clock())

    async def _note(self, letter: Letter, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(mail_outbox).where(mail_outbox.c.number == letter.number).values(**values))

    async def counts(self) -> dict[str, int]:
        """How many letters are in each state."""
        query = select(mail_outbox.c.state, func.count().label("number")).group_by(mail_outbox.c.state)
        async with self._database.reading() as connection:
            return {row.state: row.number for row in await connection.execute(query)}


def concerns(notice: Notice, subscription: Subscription, registry: Registry, now: datetime) -> bool:
    """Whether this subscription may be told of this notice: said since it was confirmed, and its body may read it."""
    body = registry.body(subscription.body)
    return (
        body is not None
        and body.stands(now)
        and subscription.confirmed is not None
        and notice.row.recordedtime >= subscription.confirmed
        and notice.row.readable_by(Reader(subscription.body))
    )


async def meeting_for(
    connection: AsyncConnection, subscription: Subscription, thread: tuple[str, str]
) -> Meeting | None:
    """The meeting as the subscription's body sees it."""
    found = await stories_of(connection, Reader(subscription.body), [thread])
    return Meeting.of(found[thread]) if thread in found else None


async def _was_told(connection: AsyncConnection, subscription: Subscription, source: str, thread: str) -> bool:
    """Whoever has been told of a meeting is told what becomes of it, even if it no longer fits their filters."""
    mine = (
        mail_outbox.c.subscription == subscription.number,
        mail_outbox.c.source == source,
        mail_outbox.c.thread == thread,
        mail_outbox.c.reminder.is_(None),
    )
    return bool(await connection.scalar(select(exists().where(*mine))))


_CHANGES = (
    select(agenda.c.arrival, record, mirror.c.envelope, mirror.c.digest)
    .select_from(
        agenda.join(record, record.c.feed_index == agenda.c.feed_index).join(
            mirror, mirror.c.feed_index == agenda.c.feed_index
        )
    )
    .order_by(agenda.c.arrival)
)
