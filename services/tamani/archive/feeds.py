"""Reading the feeds from the ledger, in index order, for the publisher and for the catch-up API."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.wire import Kept, Row
from tamani.core.feed import CONFIRMED, ERASED
from tamani.core.names import Country

DOCUMENTED = (ERASED, CONFIRMED)
_ENTRIES = """
SELECT cc, feed_index, epoch, log_index, mark, prev, recordedtime FROM feed_entry
WHERE cc = %s AND feed_index > %s ORDER BY feed_index LIMIT %s
"""
_NOTICES = """
SELECT l.log_index, s.source, l.id::text, l.digest, l.marks, l.tlp, l.recordedtime, l.envelope
FROM ledger l JOIN source_ref s USING (source_no)
WHERE l.log_index = ANY(%b)
"""


_DOCUMENTS = """
SELECT log_index, 'erased', document FROM erasure WHERE NOT evidence AND log_index = ANY(%b)
UNION ALL
SELECT x.log_index, 'confirmed/' || c.part, c.envelope FROM erasure_confirmation c JOIN erasure x USING (order_env)
WHERE NOT x.evidence AND x.log_index = ANY(%b)
"""


async def read_feeds(connection: AsyncConnection[Any], after: dict[Country, int], most: int) -> list[Row]:
    """What follows these indexes, at most so many a country."""
    found: list[tuple[Any, ...]] = []
    for country, index in after.items():
        found += await (await connection.execute(_ENTRIES, [country.value, index, most], binary=True)).fetchall()
    notices = await _notices(connection, {row[3] for row in found})
    documents = await _documents(connection, [row[3] for row in found if (row[4] or "").startswith(DOCUMENTED)])
    return [
        Row(cc, index, epoch, mark, prev, recorded, notices[log_index], documents.get((log_index, mark)))
        for cc, index, epoch, log_index, mark, prev, recorded in found
    ]


async def _notices(connection: AsyncConnection[Any], indexes: Iterable[int]) -> dict[int, Kept]:
    wanted = sorted(indexes)
    if not wanted:
        return {}
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_NOTICES, [wanted])
        return {row[0]: Kept.of(row[1:]) async for row in cursor}


async def _documents(connection: AsyncConnection[Any], indexes: list[int]) -> dict[tuple[int, str | None], bytes]:
    """What stands behind the marks of an erasure: the order, and the signs of life that say it was carried out."""
    if not indexes:
        return {}
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_DOCUMENTS, [indexes, indexes])
        return {(log_index, mark): document async for log_index, mark, document in cursor}
