"""Writing tables of PostgreSQL anew, so that nothing of their deleted rows is left in the files (archive and desks).

The write-ahead log holds the rows as well. A checkpoint drops the segments before it, and the one that is being written
counts among them once another is begun. Both need rights that a server of `tamani up` gives and another may not.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.errors import InsufficientPrivilege, LockNotAvailable

log = structlog.get_logger(__name__)
# A copy of the database (`tamani backup`) holds its tables for long: nobody is made to queue behind us meanwhile.
PATIENCE = "2s"
# Any number, the same in every process: one at a time.
ONE = 7_241_553
# What ANALYZE sampled stands here, in clear.
SAMPLES = "pg_statistic"
FORGET_LOG = ("SELECT pg_switch_wal()", "CHECKPOINT")


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
        await _forget_log(connection)
    except LockNotAvailable as error:
        log.info("scrub.later", why=str(error).strip()[:200])
        return False
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", [ONE])
    return True


async def _forget_log(connection: AsyncConnection[Any]) -> None:
    """Drop what the write-ahead log still holds of before; a server that does not let us forgets in its own time."""
    try:
        for command in FORGET_LOG:
            await connection.execute(command)
    except InsufficientPrivilege as error:
        log.warning("scrub.log", why=str(error).strip()[:200])
