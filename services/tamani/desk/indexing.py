"""What the mirror holds and search does not yet know: after an upgrade, once, before anybody misses it."""

import asyncio

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.registry import Registry
from tamani.desk.database import Database
from tamani.desk.search import Indexed, index
from tamani.desk.tables import mirror, record, search
from tamani.desk.words import words_of

log = structlog.get_logger(__name__)
BATCH = 500
_MISSING = (
    select(record.c.feed_index, mirror.c.envelope)
    .join(mirror, mirror.c.feed_index == record.c.feed_index)
    .where(~exists().where(search.c.feed_index == record.c.feed_index))
    .order_by(record.c.feed_index)
    .limit(BATCH)
)


async def index_missing(database: Database, registry: Registry) -> int:
    """Make findable what is not, batch by batch, each in a transaction of its own; how many there were.

    Raises:
        OutageError: `failed.database`; what was done stays done.
    """
    done = 0
    while True:
        async with database.writing() as connection:
            count = await _index_batch(connection, registry)
        done += count
        if count < BATCH:
            return done
        log.info("search.filling", done=done)


async def _index_batch(connection: AsyncConnection, registry: Registry) -> int:
    rows = (await connection.execute(_MISSING)).all()
    await index(connection, await asyncio.to_thread(_words, [(row[0], bytes(row[1])) for row in rows], registry))
    return len(rows)


def _words(rows: list[tuple[int, bytes]], registry: Registry) -> list[Indexed]:
    events = [(number, decode_event(decode_envelope(value).payload)) for number, value in rows]
    return [Indexed(number, event, words_of(event, registry)) for number, event in events]
