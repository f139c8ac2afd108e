"""The watch of an idle worker: it notices a database that went back, and takes no busy lane for one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from tamani.archive.keeper import Memory
from tamani.archive.work import Worker
from tamani.core.errors import OutageError
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.test_keeper import said
from tests.support.cluster import Database
from tests.support.region import NOW

pytestmark = pytest.mark.postgres


class BusyPool:
    """A real pool, with something that happens between a reading and what is made of it."""

    def __init__(self, pool: AsyncConnectionPool[Any], meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._pool, self._meanwhile = pool, meanwhile

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Lend a connection; the other lane is busy while it is given back."""
        async with self._pool.connection() as connection:
            yield connection
        await self._meanwhile()


@asynccontextmanager
async def watching(ledger: Database, memory: Memory, meanwhile: Callable[[], Awaitable[None]]) -> AsyncIterator[Worker]:
    """A worker that has nothing but its memory and the database."""
    none = cast(Any, None)
    async with AsyncConnectionPool[Any](ledger.dsn, min_size=1, open=False) as pool:
        busy = cast(AsyncConnectionPool[Any], BusyPool(pool, meanwhile))
        yield Worker(none, none, none, busy, lambda: NOW, memory=memory)


async def test_what_a_lane_commits_while_we_read_is_no_step_back(ledger: Database, make_keeper: MakeKeeper) -> None:
    """Else every busy hour would restart the archive as if its database had been restored."""
    memory = Memory()
    keeper = make_keeper(memory=memory)
    await keeper.keep(said(1))

    async def commit() -> None:
        await keeper.keep(said(3, first=1))

    async with watching(ledger, memory, commit) as worker:
        await worker._look()
    assert memory.head.size == 4


async def test_a_database_that_holds_less_than_we_saw_is_one_that_went_back(
    ledger: Database, make_keeper: MakeKeeper
) -> None:
    memory = Memory()
    await make_keeper(memory=memory).keep(said(2))

    async def nothing() -> None:
        return

    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("UPDATE log_head SET size = size - 1")
    async with watching(ledger, memory, nothing) as worker:
        with pytest.raises(OutageError) as caught:
            await worker._look()
    assert caught.value.code.name == "failed.database.rewound"
