"""The meetings of a reader in a stretch of time, each folded from all that they may see of its thread."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.policy import Reader
from tamani.desk.access import may_see
from tamani.desk.agenda.meetings import Meeting
from tamani.desk.database import Database
from tamani.desk.folded import Folded
from tamani.desk.rows import Notice
from tamani.desk.tables import agenda, mirror, record
from tamani.desk.threads import Story, Thread, stories
from tamani.desk.turns import Since, stands_at, subjects_since

# The family of the threads of meetings.
FAMILY = "agenda"
# More meetings than anybody reads on one page, or keeps in one calendar.
MOST_THREADS = 2000
Kept = TypeVar("Kept")


# By what the first of many are taken: the earliest hour that a version says, and between equals a name.
Place = tuple[datetime, str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The meetings of a stretch of time by their threads, and where the mirror stood when they were asked for.

    `places`: of each thread its place among all; of very many, the first are here.
    """

    since: Since
    meetings: dict[Thread, Meeting | None]
    places: dict[Thread, Place]

    def in_order(self) -> list[Meeting]:
        """By hour of beginning."""
        made = [meeting for meeting in self.meetings.values() if meeting is not None]
        return sorted(made, key=lambda meeting: (meeting.hours.start, meeting.hours.end, meeting.uid))


async def gather(
    database: Database,
    reader: Reader,
    first: datetime,
    last: datetime,
    changed_since: datetime | None = None,
    *,
    before: Gathered | None = None,
) -> Gathered:
    """Those that any of their versions, old or new, puts between the two instants.

    With `changed_since` also those of which something was said since then, whenever they are or were. Of what was
    gathered `before` for the same reader, only the threads that have changed are read again.
    """
    wanted = and_(agenda.c.starts < last, agenda.c.ends >= first)
    if changed_since is not None:
        wanted = or_(wanted, record.c.recordedtime >= changed_since)
    query = _threads(reader).where(wanted)
    async with database.reading() as connection:
        since = await stands_at(connection)
        changed = await subjects_since(connection, before.since, (FAMILY,)) if before else None
        places = await _places_now(connection, query, before, changed)
        kept = _unchanged(before.meetings, changed) if before else {}
        told = await stories_of(connection, reader, [thread for thread in places if thread not in kept])
    fresh = {thread: Meeting.of(story) for thread, story in told.items()}
    return Gathered(since, {thread: kept.get(thread) or fresh.get(thread) for thread in places}, places)


async def meetings_between(
    database: Database, reader: Reader, first: datetime, last: datetime, changed_since: datetime | None = None
) -> list[Meeting]:
    """Those of `gather`, by hour of beginning."""
    return (await gather(database, reader, first, last, changed_since)).in_order()


async def kept_between(
    folded: Folded[Hashable, Gathered], database: Database, reader: Reader, first: datetime, last: datetime
) -> list[Meeting]:
    """The same, kept for the next who looks at this time: of what changed only the threads are read anew."""

    async def make(before: Gathered | None) -> Gathered:
        return await gather(database, reader, first, last, before=before)

    return (await folded.get((reader, first, last, False), make)).in_order()


def _unchanged(found: Mapping[Thread, Kept], changed: set[str] | None) -> dict[Thread, Kept]:
    """Of the threads that are as they were; nothing: it is not known which have changed."""
    return {} if changed is None else {thread: one for thread, one in found.items() if thread[1] not in changed}


async def _places_now(
    connection: AsyncConnection, query: Select[Any], before: Gathered | None, changed: set[str] | None
) -> dict[Thread, Place]:
    """The threads of the query; of those that have not changed, the places are known.

    As long as the past is as it was, versions are only added, and a thread's earliest hour never becomes a later one.
    So none that was left out among very many comes to stand among the first unless it has changed itself.
    """
    if before is None or changed is None:
        return await _places(connection, query)
    kept = _unchanged(before.places, changed)
    fresh = await _places(connection, query.where(record.c.thread.in_(sorted(changed)))) if changed else {}
    return dict(sorted((kept | fresh).items(), key=itemgetter(1))[:MOST_THREADS])


async def _places(connection: AsyncConnection, query: Select[Any]) -> dict[Thread, Place]:
    """The first of these threads, in their order."""
    first = func.min(agenda.c.starts).label("first")
    found = query.add_columns(first).group_by(record.c.source, record.c.thread)
    names = (name.collate("C") for name in (record.c.source, record.c.thread))
    rows = await connection.execute(found.order_by(first, *names).limit(MOST_THREADS))
    return {(row.source, row.thread): (row.first, row.source, row.thread) for row in rows}


async def meeting_of(database: Database, reader: Reader, thread: Thread) -> Meeting | None:
    """The meeting of one thread, as this reader sees it."""
    async with database.reading() as connection:
        found = await stories_of(connection, reader, [thread])
    return Meeting.of(found[thread]) if thread in found else None


async def stories_of(connection: AsyncConnection, reader: Reader, threads: Collection[Thread]) -> dict[Thread, Story]:
    """These threads without the answers to them: what a meeting has become does not depend on who comes."""
    if not threads:
        return {}
    joined = record.join(mirror, mirror.c.feed_index == record.c.feed_index)
    query = (
        select(record, mirror.c.envelope, mirror.c.digest)
        .select_from(joined)
        .where(record.c.thread.in_(sorted({subject for _, subject in threads})), may_see(reader))
        .where(or_(~record.c.system, record.c.type == "withdrawal"))
        .order_by(record.c.feed_index)
    )
    notices = [Notice.of(row) for row in await connection.execute(query)]
    wanted = set(threads)
    return stories([n for n in notices if n.row.readable_by(reader) and n.thread in wanted])


def _threads(reader: Reader) -> Select[Any]:
    joined = agenda.join(record, record.c.feed_index == agenda.c.feed_index)
    return select(record.c.source, record.c.thread).select_from(joined).where(may_see(reader))
