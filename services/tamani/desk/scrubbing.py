"""After an erasure: the desk's tables are written anew, so that the bytes do not lie on in their files."""

import asyncio

import psycopg
import structlog
from sqlalchemy import func, update

from tamani.core.errors import OutageError
from tamani.desk.database import Database
from tamani.desk.erasures import unscrubbed
from tamani.desk.tables import erasure
from tamani.runtime.database import is_outage
from tamani.runtime.scrub import scrub_tables

log = structlog.get_logger(__name__)
EVERY = 5.0
TABLES = (
    "mirror",
    "record",
    "head",
    "search",
    "reference",
    "demand",
    "settlement",
    "agenda",
    "unreadable",
    "capsule",
    "mail_outbox",
    "import_row",
    "piece",
)


class Scrubber:
    """The task of a desk."""

    def __init__(self, conninfo: str, database: Database) -> None:
        self._conninfo, self._database = conninfo, database

    async def run(self) -> None:
        """Look for erasures until cancelled; whatever is away or busy is waited for."""
        while True:
            try:
                await self.scrub()
            except OutageError as error:
                log.warning("scrub.waits", code=error.code.name, detail=error.detail)
            await asyncio.sleep(EVERY)

    async def scrub(self) -> int:
        """Clean the files of what was erased since the last time; of how many notices.

        Raises:
            OutageError: `failed.database`.
        """
        async with self._database.reading() as connection:
            waiting = await unscrubbed(connection)
        if not waiting or not await self._rewrite():
            return 0
        async with self._database.writing() as connection:
            done = update(erasure).where(erasure.c.digest.in_(waiting)).values(scrubbed=func.now())
            await connection.execute(done)
        log.info("scrubbed", notices=len(waiting))
        return len(waiting)

    async def _rewrite(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                return await scrub_tables(connection, TABLES)
        except psycopg.Error as error:
            if not is_outage(error):
                raise
            raise OutageError("failed.database", str(error).strip()[:200]) from error
