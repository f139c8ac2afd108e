"""Writing tables of PostgreSQL anew, so that nothing of their deleted rows is left in the files (archive and desks)."""

from collections.abc import Sequence
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.errors import LockNotAvailable

log = structlog.get_logger(__name__)
# A copy of the database (`tamani backup`) holds its tables for long: nobody is made to queue behind us meanwhile.
PATIENCE = "2s"
# Any number, the same in every process: one at a time.
ONE = 7_241_553
# What ANALYZE sampled stands here, in clear.
SAMPLES = "pg_statistic"


async def scrub_tables(connection: AsyncConnection[Any], tables: Sequence[str]) -> bool:
    """Write these tables and the samples of their columns anew; false if another does, or they are in use for long.

    `connection` is in autocommit mode. Readers and writers of a table wait while it is copied.
    """
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE])).fetchone()
    if row is None or not row[0]:
        return False
    try:
        await connection.execute(f"SET lock_timeout = '{PATIENCE}'")
        for table in tables:
            await connection.execute(f"VACUUM (FULL, ANALYZE) {table}")
        await connection.execute(f"VACUUM (FULL) {SAMPLES}")
    except LockNotAvailable as error:
        log.info("scrub.later", why=str(error).strip()[:200])
        return False
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", [ONE])
    return True
