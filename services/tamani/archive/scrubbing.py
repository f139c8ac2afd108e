"""After an erasure: write the files of the tables anew, so that the bytes are not left lying in them.

PostgreSQL leaves a row's old version in its page until something happens to overwrite it; VACUUM only marks the
place as free. VACUUM FULL copies what is alive into new files and gives the old ones back. What samples of the columns
ANALYZE had kept is written anew, too, and the write-ahead log of before is dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from psycopg import AsyncConnection

from tamani.runtime.database import through_outages
from tamani.runtime.scrub import scrub_tables

log = structlog.get_logger(__name__)
EVERY = 5.0
NOTICES = ("ledger", "equivocation")
# Much the largest: copied only if an erasure took bytes from them.
PIECES = ("piece", "piece_part")
_WAITING = "SELECT order_env, pieces FROM erasure WHERE scrubbed IS NULL"
_DONE = "UPDATE erasure SET scrubbed = clock_timestamp() WHERE order_env = ANY(%s)"
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]


class Scrubber:
    """The task of one worker; of several workers one does it."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def run(self) -> None:
        """Look for erasures until cancelled; whatever is away or busy is waited for."""
        while True:
            await through_outages(self.scrub, "scrub")
            await asyncio.sleep(EVERY)

    async def scrub(self) -> int:
        """Clean the files of what was erased since the last time; of how many orders.

        Raises:
            psycopg.Error: the database is away.
        """
        async with await self._connect() as connection:
            waiting = {order: pieces async for order, pieces in await connection.execute(_WAITING)}
            tables = NOTICES + (PIECES if any(waiting.values()) else ())
            if not waiting or not await scrub_tables(connection, tables):
                return 0
            await connection.execute(_DONE, [list(waiting)])
        log.info("scrubbed", orders=len(waiting))
        return len(waiting)
