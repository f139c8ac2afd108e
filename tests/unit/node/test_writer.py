"""Group commit: one transaction for all who wait, each answered for their own part, none before it is on the disk."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select

from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import Lane
from tamani.node.counters import last_sequence, next_sequence
from tamani.node.database import open_database
from tamani.node.tables import counter
from tamani.node.writer import GroupWriter


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An empty file."""
    return open_database(tmp_path / "outbox.sqlite")


@pytest.fixture
async def writer(engine: Engine) -> AsyncIterator[GroupWriter]:
    """A writer at work."""
    made = GroupWriter(engine)
    await made.start()
    yield made
    await made.stop()


def take(connection: Connection) -> int:
    """The next number of one series."""
    return next_sequence(connection, "k", Lane.NORMAL)


async def test_posts_that_come_together_share_a_commit(writer: GroupWriter) -> None:
    """What arrives while one commit is under way goes into the next, all at once."""
    gate = threading.Event()
    first = asyncio.create_task(writer.write(lambda c: (gate.wait(5), take(c))[1]))
    await asyncio.sleep(0)
    others = [asyncio.create_task(writer.write(take)) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == 1
    assert sorted(await asyncio.gather(*others)) == list(range(2, 52))
    assert writer.commits <= 3


async def test_what_is_refused_takes_nothing_with_it(writer: GroupWriter, engine: Engine) -> None:
    """Its own part is rolled back, the neighbours stand; the number it took is given again."""

    def refused(connection: Connection) -> int:
        take(connection)
        raise RefusedError("refused.data")

    def broken(connection: Connection) -> int:
        take(connection)
        raise ZeroDivisionError

    works = (take, refused, take, broken, take)
    outcomes = await asyncio.gather(*(writer.write(work) for work in works), return_exceptions=True)
    assert [outcomes[0], outcomes[2], outcomes[4]] == [1, 2, 3]
    assert isinstance(outcomes[1], RefusedError)
    assert isinstance(outcomes[3], ZeroDivisionError)
    with engine.connect() as connection:
        assert last_sequence(connection, "k", Lane.NORMAL) == 3


async def test_an_answer_means_that_another_connection_sees_it(writer: GroupWriter, engine: Engine) -> None:
    """Nobody is answered before the commit."""
    await writer.write(lambda c: c.execute(insert(counter).values(keyid="a", lane="normal", last=7)))
    with engine.connect() as connection:
        assert connection.execute(select(counter.c.last)).scalar_one() == 7


async def test_who_hangs_up_does_not_undo_the_others(writer: GroupWriter) -> None:
    """A cancelled caller's part is written all the same: the node may keep what the client did not hear of."""
    gate = threading.Event()
    blocking = asyncio.create_task(writer.write(lambda _: gate.wait(5)))
    await asyncio.sleep(0)
    gone, stays = asyncio.create_task(writer.write(take)), asyncio.create_task(writer.write(take))
    await asyncio.sleep(0)
    gone.cancel()
    gate.set()
    await blocking
    assert await stays == 2


async def test_a_file_that_cannot_be_written_is_an_outage_for_each(tmp_path: Path) -> None:
    """Locked by a stranger: everybody of the group hears `failed.database`, and the writer goes on afterwards."""
    path = tmp_path / "outbox.sqlite"
    made, stranger = GroupWriter(open_database(path, busy_seconds=0.05)), open_database(path)
    await made.start()
    with stranger.connect().execution_options(writing=True) as lock, lock.begin():
        outcomes = await asyncio.gather(made.write(take), made.write(take), return_exceptions=True)
    assert [outcome.code.name for outcome in outcomes if isinstance(outcome, OutageError)] == ["failed.database"] * 2
    assert await made.write(take) == 1
    await made.stop()


async def test_a_stopped_writer_takes_nothing(engine: Engine) -> None:
    """After `stop`, what was asked before is written and what is asked later is refused."""
    made = GroupWriter(engine)
    await made.start()
    before = asyncio.create_task(made.write(take))
    await asyncio.sleep(0)
    await made.stop()
    assert await before == 1
    with pytest.raises(OutageError):
        await made.write(take)
