"""Entries of the feed as the mirror kept them, to be projected anew from their exact bytes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.feed import FeedEntry
from tamani.desk.tables import mirror, record, unreadable


def entry_of(row: Row[Any]) -> FeedEntry:
    """The entry that a row of the mirror holds."""
    held = row.envelope.decode() if row.envelope is not None else None
    return FeedEntry(
        epoch=row.epoch,
        feed_index=row.feed_index,
        prev=row.prev,
        kind=row.kind,
        recordedtime=row.recordedtime.isoformat() if row.recordedtime is not None else "",
        digest=row.digest,
        marks=tuple(row.marks),
        envelope=held if row.kind == "record" else None,
        source=row.source,
        id=row.id,
        mark=row.mark,
        document=held if row.kind == "mark" else None,
    )


async def entries_after(connection: AsyncConnection, after: int, limit: int) -> list[FeedEntry]:
    """The next entries, in order."""
    query = select(mirror).where(mirror.c.feed_index > after).order_by(mirror.c.feed_index).limit(limit)
    return [entry_of(row) for row in await connection.execute(query)]


async def unread_entries(connection: AsyncConnection) -> list[FeedEntry]:
    """Those that could not be shown."""
    query = (
        select(mirror).join(unreadable, unreadable.c.feed_index == mirror.c.feed_index).order_by(mirror.c.feed_index)
    )
    return [entry_of(row) for row in await connection.execute(query)]


async def marks_on(connection: AsyncConnection, notices: Sequence[int]) -> list[FeedEntry]:
    """The marks that were set on these notices."""
    said = select(record.c.source, record.c.id).where(record.c.feed_index.in_(notices))
    keys = [tuple(row) for row in await connection.execute(said)]
    query = (
        select(mirror)
        .where(mirror.c.kind == "mark", tuple_(mirror.c.source, mirror.c.id).in_(keys))
        .order_by(mirror.c.feed_index)
    )
    return [entry_of(row) for row in await connection.execute(query)]
