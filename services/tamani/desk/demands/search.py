"""What a body owes, and what it is owed: found by index, then told from each thread as the reader sees it.

SQL leaves out only what has been answered beyond doubt; `standing` decides about the rest.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Exists, Row, Select, any_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from tamani.core.policy import Reader
from tamani.desk.access import may_see
from tamani.desk.database import Database
from tamani.desk.demands.asking import FAMILIES, Demand, demands_of
from tamani.desk.demands.clock import FAR, days_left, urgency
from tamani.desk.demands.standing import Party, asks, parties_to
from tamani.desk.heads import heads_for, is_latest
from tamani.desk.queries import Queries
from tamani.desk.rows import Notice
from tamani.desk.tables import demand, head, record, settlement
from tamani.desk.threads import Story, Thread
from tamani.desk.told import Told

# More than anybody works through; the page says how many it shows.
MOST = 200
MOST_ANSWERED = 40
# Versions looked at for that: each thread may have several.
MOST_FOUND = 2000
# For so many readers the threads are kept that they were told of last; each is some kilobytes.
MOST_READERS, MOST_KEPT = 12, 3 * MOST


def told_of(queries: Queries) -> Told:
    """What remembers the threads in which something is asked."""
    return Told(queries, FAMILIES, readers=MOST_READERS, threads=MOST_KEPT)


@dataclass(frozen=True, slots=True)
class Due:
    """Something asked, with its notice and thread, and how many days are left (below 0: late)."""

    notice: Notice
    story: Story
    demand: Demand
    days: int | None

    @property
    def due(self) -> date | None:
        """The last day to answer."""
        return self.demand.due

    @property
    def late(self) -> bool:
        """Whether the day has passed."""
        return self.days is not None and self.days < 0

    @property
    def parties(self) -> tuple[Party, ...]:
        """Who is asked, and what they have said."""
        return parties_to(self.story, self.notice, self.demand)

    @property
    def missing(self) -> tuple[Party, ...]:
        """Those who have yet to answer."""
        return tuple(one for one in self.parties if not one.settled)

    def lacks(self, body: str) -> bool:
        """Whether it is still asked, and this body has yet to answer."""
        return asks(self.story, self.notice) and any(one.body == body for one in self.missing)


@dataclass(frozen=True, slots=True)
class Finder:
    """Asks the tables of one desk."""

    database: Database
    told: Told

    async def owed_by(self, reader: Reader, now: datetime) -> list[Due]:
        """What waits for an answer of the reader's body: late first, then the soonest."""
        if reader.body is None:
            return []
        body = reader.body
        mine = _open(reader, now).where(demand.c.asked.contains([body]), demand.c.source != body)
        given, back = _given(literal(body)), _taken_back(literal(body))
        # Two questions, so that each is a join: together they would be asked anew for every row.
        found = await self._due(reader, [mine.where(~given), mine.where(given, back)], now)
        return _sorted([one for one in found if one.lacks(body)], now)

    async def owed_to(self, reader: Reader, now: datetime) -> list[Due]:
        """What the reader's body has asked of others: late first, then the soonest, then what all have answered."""
        if reader.body is None:
            return []
        mine, lacking = _open(reader, now).where(demand.c.source == reader.body), _lacks_an_answer()
        answered = mine.where(~lacking).order_by(None).order_by(demand.c.feed_index.desc()).limit(MOST_ANSWERED)
        found = await self._due(reader, [mine.where(lacking), answered], now)
        kept = [one for one in found if asks(one.story, one.notice)]
        return sorted(_sorted(kept, now), key=lambda one: not one.missing)

    async def late_to(self, reader: Reader, now: datetime) -> list[Due]:
        """What others owe the reader's body although its day has passed, the longest first."""
        if reader.body is None:
            return []
        passed = demand.c.source == reader.body, demand.c.due < now.astimezone(UTC).date()
        found = await self._due(reader, [_open(reader, now).where(*passed, _lacks_an_answer())], now)
        return _sorted([one for one in found if asks(one.story, one.notice) and one.missing], now)

    async def _due(self, reader: Reader, wanted: Sequence[Select[Any]], now: datetime) -> list[Due]:
        """The last versions among those wanted, with their threads: first from the narrow table, then what they say."""
        async with self.database.reading() as connection:
            found = [row for query in wanted for row in await connection.execute(query)]
            last = list(await connection.execute(_last(reader, {row.feed_index for row in found})))
        pressing: dict[int, int] = {}
        for row in found:
            pressing[row.feed_index] = min(pressing.get(row.feed_index, FAR), urgency(row.due, now))
        last = sorted(last, key=lambda row: pressing[row.feed_index])[:MOST]
        told = await self.told.of(reader, [(row.source, row.thread) for row in last])
        asked = {(row.feed_index, row.no) for row in found}
        return [
            Due(notice, story, one, days_left(one.due, now))
            for story, notice in _standing(told, last)
            for number, one in enumerate(demands_of(notice.event))
            if (notice.row.feed_index, number) in asked
        ]


def _standing(told: Mapping[Thread, Story], last: Iterable[Row[Any]]) -> Iterator[tuple[Story, Notice]]:
    """Each thread with the version that was found; none that has gone meanwhile."""
    for row in last:
        if (story := told.get((row.source, row.thread))) is not None:
            yield from ((story, one) for one in story.notices if one.row.feed_index == row.feed_index)


def _open(reader: Reader, now: datetime) -> Select[Any]:
    """What the last versions ask that is not over, in the order of its day: earlier ones ask no more."""
    last = exists().where(head.c.feed_index == demand.c.feed_index, heads_for(reader))
    query = select(demand.c.feed_index, demand.c.no, demand.c.due).where(last)
    return query.where(or_(demand.c.until.is_(None), demand.c.until > now)).order_by(demand.c.due).limit(MOST_FOUND)


def _last(reader: Reader, found: Collection[int]) -> Select[Any]:
    """Those of these that are the last version of their thread, for this reader; who asks opens the thread."""
    among = record.c.feed_index == any_(literal(sorted(found), ARRAY(BigInteger)))
    query = select(record.c.feed_index, record.c.source, record.c.thread)
    return query.where(among, may_see(reader), is_latest(reader))


def _given(body: ColumnElement[str]) -> Exists:
    """This body has answered this version; of an action, any version since the minutes charge it with that action."""
    same = settlement.c.owner == demand.c.source, settlement.c.thread == demand.c.thread, settlement.c.source == body
    asked = _earlier.c.source == demand.c.source, _earlier.c.thread == demand.c.thread, _earlier.c.what == demand.c.what
    first = select(func.min(_earlier.c.feed_index)).where(*asked, body == any_(_earlier.c.asked))
    names = "owner", "thread", "source", "what"
    again = exists().where(
        *(_later.c[name] == settlement.c[name] for name in names),
        _later.c.feed_index > settlement.c.feed_index,
        ~_later.c.ends,
    )
    since = case((demand.c.what == "", demand.c.feed_index), else_=first.correlate(demand).scalar_subquery())
    ended = settlement.c.what == demand.c.what, settlement.c.ends, settlement.c.feed_index > since
    return exists().where(*same, *ended, ~again)


_earlier, _later = demand.alias("earlier"), settlement.alias("later")


def _taken_back(body: ColumnElement[str]) -> Exists:
    """It has taken some word back here: only the thread tells whether that was its answer."""
    took = record.alias("took")
    return exists().where(took.c.thread == demand.c.thread, took.c.source == body, took.c.type == "withdrawal")


def _lacks_an_answer() -> ColumnElement[bool]:
    """Some body that is asked has not answered for certain."""
    body = func.unnest(demand.c.asked).table_valued("source", name="body").render_derived()
    # Said outright: left to itself, the inner question would ask of any demand at all.
    given, back = (told(body.c.source).correlate(demand, body) for told in (_given, _taken_back))
    return exists(select(literal(1)).select_from(body).where(or_(~given, back)).correlate(demand))


def _sorted(found: list[Due], now: datetime) -> list[Due]:
    return sorted(found, key=lambda one: (urgency(one.due, now), one.notice.row.feed_index))
