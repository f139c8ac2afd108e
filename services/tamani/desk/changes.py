"""What a live reader is told: a notice, a mark set on one, an erasure. Made once, shared by all who may have it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from sqlalchemy import ColumnElement, FromClause, Row, Select, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.erasure.order import decode_order
from tamani.core.feed import ERASED
from tamani.core.policy import PUBLIC, Reader, may_read
from tamani.desk.access import may_see
from tamani.desk.filters import Filters
from tamani.desk.rows import Notice
from tamani.desk.tables import erasure, mark, mirror, record
from tamani.desk.wire import change_json, erased_json, mark_json


@dataclass(frozen=True)
class _Numbered:
    """A position of the feed (of the public one, too, if it concerns what is CLEAR)."""

    feed_index: int
    public_index: int | None

    def number(self, reader: Reader) -> int:
        """Its position as this reader counts."""
        return self.feed_index if reader.body is not None else self.public_index or 0


@dataclass(frozen=True)
class Said(_Numbered):
    """A new notice, or a mark that was set on one."""

    notice: Notice
    mark: str | None = None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From `_RECORDS` or `_MARKS`."""
        return cls(row.at, row.public_at, Notice.of(row), row.mark)

    @property
    def kind(self) -> str:
        """The name of the event on the stream."""
        return "record" if self.mark is None else "mark"

    def readable_by(self, reader: Reader) -> bool:
        """Whether they may read the notice."""
        return self.notice.row.readable_by(reader)

    def wanted_by(self, filters: Filters) -> bool:
        """Whether the notice is asked for."""
        return filters.match(self.notice.row)

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


@dataclass(frozen=True)
class Gone(_Numbered):
    """A notice that was erased; the names and readers are those that the order gives."""

    source: str
    id: str
    tlp: str
    audience: tuple[str, ...]
    recorded: datetime
    basis: str
    kind = ERASED

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From `_ERASURES`."""
        basis = decode_order(bytes(row.document)).order.basis
        return cls(row.at, row.public_at, row.source, row.id, row.tlp, tuple(row.audience), row.recordedtime, basis)

    def readable_by(self, reader: Reader) -> bool:
        """Whether they could have read the notice."""
        return may_read(reader, self.source, self.tlp, " ".join(self.audience))

    def wanted_by(self, _filters: Filters) -> bool:
        """Always: whoever could have read it may hold it, whatever they ask for now."""
        return True

    def body(self, reader: Reader) -> bytes:
        """Its JSON for this reader."""
        return erased_json(self.number(reader), self.source, self.id, self.recorded, self.basis)


Change = Said | Gone


async def changes_after(
    connection: AsyncConnection, after: int, through: int, limit: int, reader: Reader | None = None
) -> list[Change]:
    """The next changes of all kinds in one order, for a reader; without one, for all (the hub asks so).

    Whoever hands them on asks the policy again for each.
    """
    public = reader is not None and reader.body is None

    def page(
        query: Select[Any], at: ColumnElement[int], public_at: ColumnElement[int], seen: FromClause
    ) -> Select[Any]:
        number = public_at if public else at
        asked = query.add_columns(at.label("at"), public_at.label("public_at"))
        allowed = asked if reader is None else asked.where(may_see(reader, seen))
        return allowed.where(number > after, number <= through).order_by(number).limit(limit)

    said = page(_RECORDS, record.c.feed_index, record.c.public_index, record)
    marked = page(_MARKS, mark.c.feed_index, mark.c.public_index, record)
    gone = page(select(erasure), erasure.c.told_at, erasure.c.told_public, erasure)
    found: list[Change] = [Said.of(row) for query in (said, marked) for row in await connection.execute(query)]
    found += [Gone.of(row) for row in await connection.execute(gone)]
    return sorted(found, key=lambda change: (change.public_index or 0) if public else change.feed_index)[:limit]


_JOINED = record.join(mirror, mirror.c.feed_index == record.c.feed_index)
_CONTENT = mirror.c.envelope, mirror.c.digest
_RECORDS = select(record, *_CONTENT, literal(None).label("mark")).select_from(_JOINED)
_MARKS = select(record, *_CONTENT, mark.c.mark).select_from(_JOINED.join(mark, mark.c.target == record.c.feed_index))
