"""PostgreSQL as a service meets it: what is an outage, and the one way to wait it out: in place, from the start.

Only an outage is waited out; every other error belongs to whoever gave the data.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from tamani.core.errors import DefectError

T = TypeVar("T")
log = structlog.get_logger(__name__)

# Connection failures, rollbacks to be tried again, resources, operator intervention, system errors (SQLSTATE, app. A).
OUTAGE_CLASSES = frozenset({"08", "40", "53", "57", "58"})
# The server ended a transaction that stood idle: the process was stopped in the middle of it, and lost its connection.
LOST = frozenset({"25P03", "25P04"})
FIRST_WAIT = 0.05
LONGEST_WAIT = 5.0


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or asks for another try, as against refusing what it was given."""
    if isinstance(error, psycopg.InterfaceError | ConnectionError | TimeoutError):
        return True
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        # libpq has no state for a connection that broke or could not be made
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate[:2] in OUTAGE_CLASSES or error.sqlstate in LOST


def with_password(conninfo: str, password_file: Path | None) -> str:
    """The connection string with the secret of a file, read now; secrets never stand in settings themselves."""
    if password_file is None:
        return conninfo
    return make_conninfo(conninfo, password=password_file.read_text("utf-8").strip())


def for_service(conninfo: str, name: str, idle_in_transaction: int = 10) -> str:
    """The connection string with our session settings.

    A commit means that the log is on the disk. A process that is stopped in the middle of a transaction holds its
    locks for `idle_in_transaction` seconds, then the server lets the others go on.
    """
    options = f"-c synchronous_commit=on -c idle_in_transaction_session_timeout={idle_in_transaction}s -c TimeZone=UTC"
    return make_conninfo(conninfo, application_name=name, options=options, connect_timeout=10)


def make_pool(conninfo: str, name: str, most: int = 4) -> AsyncConnectionPool[Any]:
    """A pool, not yet open; `await pool.open()` does not wait for the database."""
    return AsyncConnectionPool(
        for_service(conninfo, name), min_size=1, max_size=most, open=False, name=name, timeout=10
    )


async def only_row(connection: psycopg.AsyncConnection[Any], query: str, arguments: Sequence[Any] = ()) -> Any:
    """The one row that this query must have.

    Raises:
        DefectError: `failed.database.version`: the tables are not as this version makes them.
    """
    row = await (await connection.execute(query, arguments)).fetchone()
    if row is None:
        raise DefectError("failed.database.version", " ".join(query.split())[:120])
    return row


async def through_outages(work: Callable[[], Awaitable[T]], what: str) -> T:
    """Do `work` until the database lets it end, however long that takes.

    Raises:
        psycopg.Error: the database answered, and the error is not an outage.
    """
    wait = FIRST_WAIT
    while True:
        try:
            return await work()
        except (psycopg.Error, OSError, TimeoutError) as error:
            if not is_outage(error):
                raise
            log.warning("database away", what=what, error=str(error).strip()[:200], again_in=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
