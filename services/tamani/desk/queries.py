"""Reading the projection for one reader: what they may not see is neither returned nor counted."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.errors import RefusedError
from tamani.core.policy import Reader
from tamani.desk.access import head_for, may_see, numbered_for
from tamani.desk.cursors import Cursor, resume
from tamani.desk.database import Database
from tamani.desk.filters import LINES, LISTED, Filters
from tamani.desk.heads import heads_for, is_latest
from tamani.desk.position import Position, read_position
from tamani.desk.rows import Notice
from tamani.desk.search import Passage, few_with, headlines
from tamani.desk.tables import erasure, head, mirror, record, reference, unreadable
from tamani.desk.threads import Thread
from tamani.desk.turns import Since, stands_at, subjects_since

# A thread is folded whole; nobody answers a notice more often than this.
LONGEST_THREAD = 2000
# More meetings than a calendar holds.
MOST_FOUND = 5000
# More would be a list of its own.
MOST_CITING = 60


@dataclass(frozen=True, slots=True)
class Page:
    """Notices in the order asked for, where to go on, and up to where this answer is complete."""

    notices: list[Notice]
    next: int
    more: bool
    complete_through: int
    edition: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An entry that cannot be shown, and why."""

    feed_index: int
    code: str
    recordedtime: datetime | None


class Queries:
    """The questions that the exits ask."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self) -> Position:
        """How far the desk has read its feed."""
        async with self._database.reading() as connection:
            return await read_position(connection)

    async def after(self, reader: Reader, filters: Filters, cursor: Cursor, limit: int) -> Page:
        """The notices that follow a position, oldest first."""
        async with self._database.reading() as connection:
            place = await read_position(connection)
            start = await resume(connection, reader, place, cursor)
            number, last = numbered_for(reader), head_for(reader, place)
            notices = _notices(reader, filters, await few_with(connection, filters.q))
            query = notices.where(number > start, number <= last).order_by(number).limit(limit + 1)
            return _page(reader, place, await _fetch(connection, reader, query), limit)

    async def before(
        self, reader: Reader, filters: Filters, cursor: Cursor, limit: int, labels: Sequence[str] = ()
    ) -> Page:
        """The newest notices, or those before a position, newest first; under these labels alone, if any are given."""
        async with self._database.reading() as connection:
            place = await read_position(connection)
            notices = _notices(reader, filters, await few_with(connection, filters.q))
            kept = notices.where(record.c.tlp.in_(labels)) if labels else notices
            query = _back_from(reader, place, kept, cursor)
            return _page(reader, place, await _fetch(connection, reader, query.limit(limit + 1)), limit)

    async def threads(self, reader: Reader, filters: Filters, cursor: Cursor, limit: int) -> Page:
        """The latest version of each thread, newest first: what a page lists."""
        async with self._database.reading() as connection:
            place = await read_position(connection)
            wanted = _lines(reader, filters, await few_with(connection, filters.q))
            lines = _back_from(reader, place, wanted, cursor, head).limit(limit + 1).subquery()
            query = _notices(reader, Filters()).join(lines, lines.c.feed_index == record.c.feed_index)
            found = await _fetch(connection, reader, query.order_by(numbered_for(reader).desc()))
            return _page(reader, place, found, limit)

    async def listed(self, reader: Reader, filters: Filters, limit: int) -> list[tuple[Thread, int]]:
        """The threads that a list would show, newest first, each with the feed's number of its latest version."""
        async with self._database.reading() as connection:
            lines = _lines(reader, filters, await few_with(connection, filters.q))
            query = lines.with_only_columns(head.c.source, head.c.thread, head.c.feed_index)
            rows = await connection.execute(query.order_by(head.c.feed_index.desc()).limit(limit))
            return [((row.source, row.thread), row.feed_index) for row in rows]

    async def moved_since(self, reader: Reader, cursor: Cursor, limit: int) -> tuple[int, list[Notice]]:
        """How many threads of others have moved since a position (at most `MOST_FOUND`), and the latest of them."""
        async with self._database.reading() as connection:
            start = await resume(connection, reader, await read_position(connection), cursor)
            others = heads_for(reader), head.c.source != reader.body, head.c.feed_index > start
            lines = select(head.c.feed_index).where(*others).order_by(head.c.feed_index.desc()).limit(MOST_FOUND)
            indexes = list(await connection.scalars(lines))
            query = _notices(reader, Filters()).where(record.c.feed_index.in_(indexes[:limit]))
            found = await _fetch(connection, reader, query.order_by(record.c.feed_index.desc()))
            return len(indexes), found

    async def threads_found(self, reader: Reader, filters: Filters) -> set[Thread]:
        """Whose threads, and their subjects, a list would show; of very many the newest."""
        async with self._database.reading() as connection:
            lines = _lines(reader, filters, await few_with(connection, filters.q))
            query = lines.with_only_columns(head.c.source, head.c.thread)
            rows = await connection.execute(query.order_by(head.c.feed_index.desc()).limit(MOST_FOUND))
            return {(row.source, row.thread) for row in rows}

    async def one(self, reader: Reader, number: int) -> Notice:
        """The notice of this number, as this reader counts.

        Raises:
            RefusedError: `refused.request.notice`: there is none that they may read; `refused.erased`: there was.
        """
        gone = numbered_for(reader, erasure) == number
        return await self._single(reader, _notices(reader, Filters()).where(numbered_for(reader) == number), gone)

    async def said(self, reader: Reader, source: str, id_: str) -> Notice:
        """The notice of this body and id.

        Raises:
            RefusedError: `refused.request.notice`, `refused.erased`.
        """
        wanted = record.c.source == source, record.c.id == id_
        gone = and_(erasure.c.source == source, erasure.c.id == id_)
        return await self._single(reader, _notices(reader, Filters()).where(*wanted), gone)

    async def with_id(self, reader: Reader, id_: str) -> Notice:
        """The notice of this id, whoever said it; of several (a body may reuse another's id) the first.

        Raises:
            RefusedError: `refused.request.notice`, `refused.erased`.
        """
        found = _notices(reader, Filters()).where(record.c.id == id_).order_by(record.c.feed_index)
        return await self._single(reader, found, erasure.c.id == id_)

    async def _single(self, reader: Reader, query: Select[Any], gone: ColumnElement[bool]) -> Notice:
        async with self._database.reading() as connection:
            found = await _fetch(connection, reader, query.limit(1))
            if found:
                return found[0]
            erased = select(erasure.c.digest).where(gone, may_see(reader, erasure)).limit(1)
            known = await connection.scalar(erased) is not None
        raise RefusedError("refused.erased" if known else "refused.request.notice")

    async def naming(self, reader: Reader, kind: str, limit: int) -> list[Notice]:
        """The latest versions of another body's threads of this type that name the reader's body, newest first."""
        query = _notices(reader, Filters(type=(kind,))).where(
            record.c.audience.contains([reader.body]), record.c.source != reader.body, is_latest(reader)
        )
        async with self._database.reading() as connection:
            return await _fetch(connection, reader, query.order_by(record.c.feed_index.desc()).limit(limit))

    async def newest(self, reader: Reader, filters: Filters, limit: int) -> list[Notice]:
        """The newest notices that these filters let through, system notices too."""
        query = _notices(reader, filters).order_by(record.c.feed_index.desc()).limit(limit)
        async with self._database.reading() as connection:
            return await _fetch(connection, reader, query)

    async def marked(self, reader: Reader, mark: str, limit: int) -> list[Notice]:
        """The newest notices of the reader's own body that bear this mark."""
        # As the index of what is marked says it: without it, one looks through all that the body has ever said.
        marked = text("record.marks <> '{}'"), record.c.marks.contains([mark])
        query = _notices(reader, Filters()).where(record.c.source == reader.body, *marked)
        async with self._database.reading() as connection:
            return await _fetch(connection, reader, query.order_by(record.c.feed_index.desc()).limit(limit))

    async def stands_at(self) -> Since:
        """Where the mirror stands now."""
        async with self._database.reading() as connection:
            return await stands_at(connection)

    async def subjects_since(self, since: Since, families: Collection[str]) -> set[str] | None:
        """The subjects of these families of which something was said since; none at all if the past changed."""
        async with self._database.reading() as connection:
            return await subjects_since(connection, since, families)

    async def threads_of(self, reader: Reader, notices: Iterable[Notice]) -> list[Notice]:
        """Every notice of the threads of these that this reader may see, in feed order."""
        return await self.of_threads(reader, {notice.thread for notice in notices})

    async def of_threads(self, reader: Reader, threads: Collection[Thread]) -> list[Notice]:
        """Every notice of these threads that this reader may see, in feed order."""
        if not threads:
            return []
        subjects = tuple(sorted({subject for _, subject in threads}))
        query = _notices(reader, Filters(thread=subjects)).order_by(record.c.feed_index).limit(LONGEST_THREAD)
        async with self._database.reading() as connection:
            found = await _fetch(connection, reader, query)
        return [notice for notice in found if notice.thread in threads]

    async def passages(self, asked: str, texts: Sequence[Passage], *, whole: bool = False) -> dict[int, str]:
        """Where in these texts the words asked for stand."""
        async with self._database.reading() as connection:
            return await headlines(connection, asked, texts, whole=whole)

    async def under(self, reader: Reader, subjects: Sequence[str], most: int) -> list[Notice]:
        """The newest notices under these subjects, whoever says them, that this reader may see, in feed order."""
        query = _notices(reader, Filters(thread=tuple(subjects))).order_by(record.c.feed_index.desc()).limit(most)
        async with self._database.reading() as connection:
            return (await _fetch(connection, reader, query))[::-1]

    async def thread(self, reader: Reader, owner: str, subject: str) -> list[Notice]:
        """One thread, as this reader may see it, in feed order."""
        query = _notices(reader, Filters(thread=(subject,))).order_by(record.c.feed_index).limit(LONGEST_THREAD)
        async with self._database.reading() as connection:
            found = await _fetch(connection, reader, query)
        return [notice for notice in found if notice.thread == (owner, subject)]

    async def named(self, reader: Reader, names: Sequence[tuple[str, str]]) -> list[Notice]:
        """Those of these notices (source and id) that this reader may read."""
        if not names:
            return []
        query = _notices(reader, Filters()).where(tuple_(record.c.source, record.c.id).in_(names))
        async with self._database.reading() as connection:
            return await _fetch(connection, reader, query)

    async def citing(self, reader: Reader, source: str, id_: str) -> list[tuple[str, Notice]]:
        """The notices that name this one and that this reader may read, each with its relation, in feed order."""
        wanted = reference.c.source == source, reference.c.id == id_
        at = select(reference.c.feed_index, reference.c.rel).where(*wanted)
        async with self._database.reading() as connection:
            rels = {row.feed_index: row.rel for row in await connection.execute(at)}
            query = _notices(reader, Filters()).where(record.c.feed_index.in_(rels)).order_by(record.c.feed_index)
            found = await _fetch(connection, reader, query.limit(MOST_CITING))
        return [(rels[notice.row.feed_index], notice) for notice in found]

    async def unreadable(self, limit: int = 200) -> list[Failed]:
        """The newest entries that cannot be shown."""
        columns = unreadable.c.feed_index, unreadable.c.code, unreadable.c.recordedtime
        query = select(*columns).order_by(unreadable.c.feed_index.desc()).limit(limit)
        async with self._database.reading() as connection:
            return [Failed(*row) for row in await connection.execute(query)]


def _lines(reader: Reader, filters: Filters, few: Sequence[int] | None) -> Select[Any]:
    """Of the heads that are this reader's, those asked for."""
    query = select(head.c.feed_index).select_from(LINES)
    return query.where(heads_for(reader), *filters.conditions(LISTED, few))


def _notices(reader: Reader, filters: Filters, few: Sequence[int] | None = None) -> Select[Any]:
    joined = record.join(mirror, mirror.c.feed_index == record.c.feed_index)
    query = select(record, mirror.c.envelope, mirror.c.digest).select_from(joined)
    return query.where(may_see(reader), *filters.conditions(few=few))


async def _fetch(connection: AsyncConnection, reader: Reader, query: Select[Any]) -> list[Notice]:
    found = [Notice.of(row) for row in await connection.execute(query)]
    return [notice for notice in found if notice.row.readable_by(reader)]


def _back_from(
    reader: Reader, place: Position, query: Select[Any], cursor: Cursor, row: FromClause = record
) -> Select[Any]:
    """Newest first, from before the cursor or from the end of what this reader's answers are complete through."""
    number = numbered_for(reader, row)
    before = [number < cursor.number] if cursor.number else []
    return query.where(number <= head_for(reader, place), *before).order_by(number.desc())


def _page(reader: Reader, place: Position, found: Sequence[Notice], limit: int) -> Page:
    shown, more, last = list(found[:limit]), len(found) > limit, head_for(reader, place)
    return Page(shown, shown[-1].row.number(reader) if more else last, more, last, place.edition)
