"""Reading the feeds from the ledger, in index order, for the publisher and for the catch-up API."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.wire import Kept, Row
from tamani.core.names import Country

_ENTRIES = """
SELECT cc, feed_index, epoch, log_index, mark, prev, recordedtime FROM feed_entry
WHERE cc = %s AND feed_index > %s ORDER BY feed_index LIMIT %s
"""
_NOTICES = """
SELECT l.log_index, s.source, l.id::text, l.digest, l.marks, l.tlp, l.recordedtime, l.envelope
FROM ledger l JOIN source_ref s USING (source_no)
WHERE l.log_index = ANY(%b)
"""


async def read_feeds(connection: AsyncConnection[Any], after: dict[Country, int], most: int) -> list[Row]:
    """What follows these indexes, at most so many a country."""
    found: list[tuple[Any, ...]] = []
    for country, index in after.items():
        found += await (await connection.execute(_ENTRIES, [country.value, index, most], binary=True)).fetchall()
    notices = await _notices(connection, {row[3] for row in found})
    return [
        Row(cc, index, epoch, mark, prev, recorded, notices[log_index])
        for cc, index, epoch, log_index, mark, prev, recorded in found
    ]


async def _notices(connection: AsyncConnection[Any], indexes: Iterable[int]) -> dict[int, Kept]:
    wanted = sorted(indexes)
    if not wanted:
        return {}
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_NOTICES, [wanted])
        return {row[0]: Kept.of(row[1:]) async for row in cursor}
