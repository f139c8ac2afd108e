"""The desk's own PostgreSQL: brought up to date at start, read without transactions, written in one; outages are ours.

Every error of the database that only waiting mends leaves here as `failed.database`, whoever asked.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from tamani.core.errors import OutageError
from tamani.runtime.database import is_outage
from tamani.runtime.migrate import upgrade

MIGRATIONS = Path(__file__).parent / "migrations"
# A hint without payload: whoever listens asks the tables what is new.
CHANNEL = "tamani_desk"
# A plan is made for the values asked for: the same words may stand in every notice or in one. Compiling it costs more
# than any of our questions. A mirror lies in memory, or nearly, and looking through a text is no cheap comparison.
PLANS = "-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1 -c cpu_operator_cost=0.01"
OPTIONS = f"-c TimeZone=UTC -c idle_in_transaction_session_timeout=60s {PLANS}"


class Database:
    """A pool of connections; each is tested before use, so that a restart of the server is survived."""

    def __init__(self, conninfo: str, most: int = 8) -> None:
        self.conninfo = make_conninfo(conninfo, application_name="desk", options=OPTIONS, connect_timeout=5)
        self._engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._connect,
            pool_size=most,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=10,
        )
        self._reads = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self.conninfo)

    async def migrate(self) -> None:
        """Bring the desk's tables to this version.

        Raises:
            DefectError: `failed.database.version`.
            OutageError: `failed.database`.
        """
        with outages():
            await asyncio.to_thread(upgrade, self.conninfo, MIGRATIONS)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries, each of which stands alone."""
        with outages():
            async with self._reads.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction, committed at the end."""
        with outages():
            async with self._engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def sqlstate_of(error: DBAPIError | psycopg.Error) -> str:
    """The SQLSTATE of an error that is no outage."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or "XX000"


@contextmanager
def outages() -> Iterator[None]:
    """Turn what only waiting mends into `failed.database`.

    Raises:
        OutageError: `failed.database`.
    """
    try:
        yield
    except NoConnectionFree as error:
        raise OutageError("failed.database", "no connection free") from error
    except (DBAPIError, psycopg.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if cause is None or not is_outage(cause):
            raise
        raise OutageError("failed.database", type(cause).__name__) from error
