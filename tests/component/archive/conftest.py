"""A ledger of one's own: a new database with its tables, and keepers that write to it."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import psycopg
import pytest

from tamani.archive.keeper import Keeper, Memory
from tamani.archive.ledger import Rows
from tamani.archive.store import Store
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.support.cluster import Database, PostgresCluster
from tests.support.region import NOW, StillRegistry
from tests.support.templates import ledger_tables

MakeKeeper = Callable[..., Keeper]


@pytest.fixture
def ledger(postgres: PostgresCluster) -> Iterator[Database]:
    """A database with the ledger's tables, empty."""
    made = postgres.copy_of(ledger_tables(postgres))
    yield made
    postgres.drop(made)


@pytest.fixture
def bus() -> InMemoryBus:
    """Where quarantine goes in these tests."""
    return InMemoryBus()


async def no_doubt(_: psycopg.AsyncConnection[Any]) -> None:
    """Trust every connection."""


def ignore(_: Rows) -> None:
    """Count nothing."""


@pytest.fixture
async def make_keeper(ledger: Database, bus: InMemoryBus) -> AsyncIterator[MakeKeeper]:
    """Keepers on this ledger; anything of theirs can be given by name."""
    made: list[Keeper] = []

    def make(**changes: Any) -> Keeper:
        parts: dict[str, Any] = {
            "store": Store("cluster-1", StillRegistry().digest),
            "memory": Memory(),
            "registry": StillRegistry(),
            "sender": InMemorySender(bus),
            "trust": no_doubt,
            "written": ignore,
            "clock": lambda: NOW,
        }
        made.append(Keeper(changes.pop("conninfo", ledger.dsn), **(parts | changes)))
        return made[-1]

    yield make
    for keeper in made:
        await keeper.close()


@pytest.fixture
def ask(ledger: Database) -> Callable[..., list[tuple[Any, ...]]]:
    """Rows of a query on the ledger."""

    def rows(query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(ledger.dsn) as connection:
            return connection.execute(query, arguments).fetchall()

    return rows
