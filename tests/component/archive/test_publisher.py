"""One fenced publisher among several: everything once in order, whoever falls asleep in the middle."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import psycopg
import pytest

from tamani.archive.lease import move, read_cursor, take
from tamani.archive.publisher import MOST, Publisher
from tamani.core.feed import FeedEntry, decode_feed
from tamani.core.names import Country, feed, receipts
from tamani.core.receipt import Receipt, decode_receipt, is_signed, sign_receipt
from tamani.core.signing import SigningKey
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tamani.runtime.sender import Outgoing
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import BUREAU, OBSERVATORY_NE, Speaker, seal
from tests.support.region import record
from tests.support.waiting import until

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


def connector(ledger: Database) -> Connect:
    """Connections of this ledger."""

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    return connect


def entries(bus: InMemoryBus, country: Country) -> list[FeedEntry]:
    """The feed of a country."""
    return [decode_feed(one.value) for one in bus.records(feed(country))]


def answers(bus: InMemoryBus, country: Country) -> list[Receipt]:
    """Its receipts."""
    return [decode_receipt(one.value) for one in bus.records(receipts(country))]


async def fill(make_keeper: MakeKeeper, count: int, first: int = 0) -> None:
    """So many notices of Mali, and one for Niger's eyes from the bureau."""
    speaker = Speaker()
    events = [speaker.says() for _ in range(count)]
    secret = Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE)
    batch = [record(seal(e), e.source, e.subject, first + n) for n, e in enumerate([*events, secret])]
    await make_keeper().keep(batch)


class Sleeper:
    """A sender that falls asleep before its first batch leaves, until it is woken."""

    def __init__(self, bus: InMemoryBus) -> None:
        self._sender = InMemorySender(bus)
        self.asleep, self.wake = asyncio.Event(), asyncio.Event()

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Sleep, then send."""
        self.asleep.set()
        await self.wake.wait()
        await self._sender.send_all(records)


async def test_everything_is_published_once_and_in_order(make_keeper: MakeKeeper, ledger: Database) -> None:
    """Several pages of answers and entries; only those entitled have the bureau's."""
    bus = InMemoryBus(dict.fromkeys(map(feed, Country), 1))
    await fill(make_keeper, MOST * 2)
    publisher = Publisher(connector(ledger), InMemorySender(bus), "one")
    running = asyncio.create_task(publisher.run())
    await until(lambda: _count(bus, Country.NE, MOST * 2 + 1), "the feed of Niger is complete")
    running.cancel()
    await publisher.close()

    for country, more in ((Country.ML, 0), (Country.NE, 1), (Country.RG, 1), (Country.BF, 0)):
        found = entries(bus, country)
        assert [entry.feed_index for entry in found] == [*range(1, MOST * 2 + 1 + more)]
        assert [entry.prev for entry in found[1:]] == [entry.digest for entry in found[:-1]]
    assert [answer.log_index for answer in answers(bus, Country.ML)] == [*range(MOST * 2)]
    assert [answer.log_index for answer in answers(bus, Country.RG)] == [MOST * 2]


async def test_a_publisher_that_slept_is_fenced_and_only_repeats(make_keeper: MakeKeeper, ledger: Database) -> None:
    """Another has taken over and gone on; the sleeper's batch is a repeat, and it cannot move the cursor."""
    bus = InMemoryBus(dict.fromkeys(map(feed, Country), 1))
    await fill(make_keeper, 20)
    sleeper = Sleeper(bus)
    first = Publisher(connector(ledger), sleeper, "one", seconds=1)
    running = asyncio.create_task(first.run())
    await sleeper.asleep.wait()
    second = Publisher(connector(ledger), InMemorySender(bus), "two", seconds=1)
    other = asyncio.create_task(second.run())
    await until(lambda: _count(bus, Country.ML, 20), "the second has published")
    await fill(make_keeper, 5, first=21)
    await until(lambda: _count(bus, Country.ML, 25), "and what came since")
    sleeper.wake.set()
    await until(lambda: _true(not first.publishing), "the first knows that it is fenced")
    found = [entry.feed_index for entry in entries(bus, Country.ML)]
    async with await connector(ledger)() as connection:
        row = await (await connection.execute("SELECT feeds->'ml', holder FROM publisher")).fetchone()
    for task in (running, other):
        task.cancel()
    await first.close()
    await second.close()

    assert sorted(set(found)) == [*range(1, 26)]
    assert found[:25] == [*range(1, 26)], "the second left no hole"
    assert found[25:] == [*range(1, 21)], "the first repeated its batch, and no more"
    assert row == (25, "two")


@pytest.mark.parametrize("count", [1, 20])
async def test_answers_are_signed_with_the_key_of_the_log(
    make_keeper: MakeKeeper, ledger: Database, count: int
) -> None:
    """Each is a promise that names its entry; an archive without the key sends the same bytes unsigned."""
    key = SigningKey.from_seed(b"\7" * 32)
    bus = InMemoryBus(dict.fromkeys(map(feed, Country), 1))
    await fill(make_keeper, count)
    seal = partial(sign_receipt, key=key)
    publisher = Publisher(connector(ledger), InMemorySender(bus), "one", seal=seal)
    running = asyncio.create_task(publisher.run())
    await until(lambda: _count(bus, Country.ML, count), "published")
    running.cancel()
    await publisher.close()
    values = [one.value for one in bus.records(receipts(Country.ML))]

    assert len(values) == count
    assert all(is_signed(value, [key.public]) for value in values)
    # the registry's own entry comes first
    assert [decode_receipt(value).leaf_index for value in values] == [*range(1, count + 1)]


async def test_only_one_holds_the_lease(ledger: Database) -> None:
    """The fence rises with each change of hands; who is fenced cannot move the cursor."""
    async with await connector(ledger)() as connection:
        mine = await take(connection, "one", 60)
        theirs = await take(connection, "two", 60)
        mine_again = await take(connection, "one", 60)
        cursor = await read_cursor(connection, mine_again or 0)

        assert (mine, theirs, mine_again) == (1, None, 2)
        assert cursor is not None
        assert not await move(connection, 1, cursor)
        assert await read_cursor(connection, 1) is None
        assert await move(connection, 2, cursor)


async def test_the_cursor_does_not_move_while_the_broker_is_away(make_keeper: MakeKeeper, ledger: Database) -> None:
    """Nothing counts as published that the broker has not acknowledged."""
    bus = InMemoryBus(dict.fromkeys(map(feed, Country), 1))
    bus.up = False
    await fill(make_keeper, 3)
    publisher = Publisher(connector(ledger), InMemorySender(bus), "one")
    running = asyncio.create_task(publisher.run())
    await until(lambda: _true(publisher.publishing), "it has the lease")
    async with await connector(ledger)() as connection:
        row = await (await connection.execute("SELECT answers FROM publisher")).fetchone()
        assert row == (0,)
        bus.up = True
        await until(lambda: _cursor(connection, 4), "the cursor follows the acknowledgement")
    running.cancel()
    await publisher.close()

    assert len(entries(bus, Country.ML)) == 3


async def test_the_ledgers_hint_wakes_the_publisher(make_keeper: MakeKeeper, ledger: Database) -> None:
    """A commit anywhere is heard here."""
    publisher = Publisher(connector(ledger), InMemorySender(InMemoryBus()), "one")
    listening = asyncio.create_task(publisher.listen())
    async with await connector(ledger)() as connection:
        query = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' AND datname = current_database()"
        await until(lambda: _value(connection, query), "somebody listens")
    await fill(make_keeper, 1)
    await asyncio.wait_for(publisher.hint.wait(), 10)
    listening.cancel()


async def _count(bus: InMemoryBus, country: Country, least: int) -> bool:
    return len(bus.records(feed(country))) >= least


async def _true(found: bool) -> bool:
    return found


async def _value(connection: psycopg.AsyncConnection[Any], query: str) -> Any:
    row = await (await connection.execute(query)).fetchone()
    return row and row[0]


async def _cursor(connection: psycopg.AsyncConnection[Any], least: int) -> bool:
    return bool(await _value(connection, "SELECT answers FROM publisher") == least)
