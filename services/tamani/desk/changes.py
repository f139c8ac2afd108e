"""What a live reader is told: a notice, or a mark set on one. Made once, shared by every client that may have it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.policy import PUBLIC, Reader
from tamani.desk.access import may_see, numbered_for
from tamani.desk.rows import Notice
from tamani.desk.tables import mark, mirror, record
from tamani.desk.wire import change_json, mark_json


@dataclass(frozen=True)
class Change:
    """Something new about a notice, at a position of the feed (of the public one, too, if it is CLEAR)."""

    feed_index: int
    public_index: int | None
    notice: Notice
    mark: str | None = None

    @property
    def kind(self) -> str:
        """The name of the event on the stream."""
        return "record" if self.mark is None else "mark"

    def number(self, reader: Reader) -> int:
        """Its position as this reader counts."""
        return self.feed_index if reader.body is not None else self.public_index or 0

    def body(self, reader: Reader) -> bytes:
        """Its JSON for this reader."""
        return self._for_public if reader.body is None else self._for_bodies

    @cached_property
    def _for_public(self) -> bytes:
        return self._json(PUBLIC)

    @cached_property
    def _for_bodies(self) -> bytes:
        return self._json(Reader(self.notice.row.source))

    def _json(self, reader: Reader) -> bytes:
        if self.mark is None:
            return change_json(self.notice, reader)
        return mark_json(self.notice, self.number(reader), self.mark, reader)


async def changes_after(
    connection: AsyncConnection, after: int, through: int, limit: int, reader: Reader | None = None
) -> list[Change]:
    """The next changes, notices and marks in one order, for a reader; without one, for all (the hub asks so).

    Whoever hands them on asks the policy again for each.
    """
    said = [
        Change(row.feed_index, row.public_index, Notice.of(row))
        for row in await connection.execute(_within(_RECORDS, record, after, through, limit, reader=reader))
    ]
    marked = [
        Change(row.marked_at, row.marked_public, Notice.of(row), row.mark)
        for row in await connection.execute(_within(_MARKS, mark, after, through, limit, reader=reader))
    ]
    return sorted(said + marked, key=lambda change: change.feed_index)[:limit]


_JOINED = record.join(mirror, mirror.c.feed_index == record.c.feed_index)
_RECORDS = select(record, mirror.c.envelope, mirror.c.digest).select_from(_JOINED)
_MARKS = select(
    record,
    mirror.c.envelope,
    mirror.c.digest,
    mark.c.mark,
    mark.c.feed_index.label("marked_at"),
    mark.c.public_index.label("marked_public"),
).select_from(_JOINED.join(mark, mark.c.target == record.c.feed_index))


def _within(query: Any, table: Table, after: int, through: int, limit: int, *, reader: Reader | None) -> Any:
    number: Any = table.c.feed_index
    if reader is not None:
        number, query = numbered_for(reader, table), query.where(may_see(reader))
    return query.where(number > after, number <= through).order_by(number).limit(limit)
