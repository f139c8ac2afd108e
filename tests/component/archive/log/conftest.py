"""A log of one's own: a new database, a key that is always the same, a tree in memory to hold it against."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.lease import take
from tamani.archive.log.checkpointer import Checkpointer
from tamani.core.log.checkpoint import Checkpoint
from tests.support.cluster import Database
from tests.support.small_log import SmallLog


@dataclass
class Listener:
    """Who is told of checkpoints here, and what it says to have seen."""

    held: list[Checkpoint] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)

    async def seen(self) -> list[Checkpoint]:
        """What the test says."""
        return self.held

    def offer(self, size: int) -> None:
        """Note it."""
        self.offered.append(size)


@pytest.fixture
def tree() -> SmallLog:
    """The tree that the database should hold."""
    return SmallLog()


@pytest.fixture
def listener() -> Listener:
    """Told of everything."""
    return Listener()


MakeCheckpointer = Callable[..., Checkpointer]


@pytest.fixture
async def make_checkpointer(
    ledger: Database, tree: SmallLog, listener: Listener, tmp_path: Path
) -> AsyncIterator[MakeCheckpointer]:
    """Checkpointers of this ledger, the lease in hand; anything of theirs can be given by name."""
    made: list[Checkpointer] = []

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    async with await connect() as connection:
        fence = await take(connection, "test", 300)

    def make(**changes: Any) -> Checkpointer:
        parts: dict[str, Any] = {"fence": lambda: fence, "told": listener, "seconds": 0.05}
        memory = changes.pop("memory", tmp_path / "log-state.json")
        made.append(Checkpointer(connect, changes.pop("key", tree.key), memory, **(parts | changes)))
        return made[-1]

    yield make
    for one in made:
        await one.close()
