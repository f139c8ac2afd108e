"""The dispatcher gets everything out, in order within each thread, whatever happens to the broker; on both buses."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.names import Country, Lane, inbound
from tamani.node.answers import ReadTo
from tamani.node.dispatch import Dispatcher, Window
from tamani.node.link import LARGEST_WINDOW, Link
from tamani.runtime.fakes import InMemoryBus, Record
from tests.support.answering import receipt_for
from tests.support.buses import BusUnderTest, MemoryBus, RealBus
from tests.support.cluster import KafkaCluster
from tests.support.notices import COMMISSION_ML, api_body, data_of
from tests.support.posting import Posting
from tests.support.waiting import until

BOTH = pytest.mark.parametrize("kind", ["memory", pytest.param("real", marks=pytest.mark.kafka)])
MINUTE = 60.0


@pytest.fixture
def own_bus(kind: str, request: pytest.FixtureRequest) -> BusUnderTest:
    """A bus of the test's own."""
    if kind == "memory":
        return MemoryBus()
    cluster: KafkaCluster = request.getfixturevalue("fresh_kafka")
    return RealBus(cluster)


@asynccontextmanager
async def dispatching(node: Posting, bus: BusUnderTest) -> AsyncIterator[dict[Lane, Dispatcher]]:
    """Both lanes at work."""
    stop, quiet = asyncio.Event(), asyncio.Event()
    quiet.set()
    lanes = {
        lane: Dispatcher(
            Country.ML,
            lane,
            outbox=node.outbox,
            connect=bus.connect,
            alerts_done=quiet,
            metrics=node.metrics,
            poll_seconds=0.05,
        )
        for lane in Lane
    }
    tasks = [asyncio.create_task(part.run(stop)) for part in lanes.values()]
    try:
        yield lanes
    finally:
        stop.set()
        await asyncio.wait(tasks, timeout=2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def say(node: Posting, count: int, threads: int = 3, kind: str = "agenda.meeting") -> None:
    """Post so many, over so many threads."""
    family = "alert" if kind == "monitor.alert" else "agenda"
    async with node.client(COMMISSION_ML) as client:
        for number in range(count):
            data = data_of(kind) | ({"msg_type": "Update"} if kind == "monitor.alert" else {})
            body = api_body(kind, subject=f"{family}/{number % threads}", id=str(uuid_of(number, kind)), data=data)
            assert (await client.post("/v1/messages", json=body)).status_code == 202


def uuid_of(number: int, kind: str) -> uuid.UUID:
    """A fixed id for the n-th post of a kind; another one after a restart of the numbering is not wanted here."""
    return uuid.UUID(f"01890000-0000-7000-8{len(kind):03x}-{number:012x}")


def sequences(records: list[Record]) -> dict[str, list[int]]:
    """Per thread, the numbers as they stand in the topic."""
    found: dict[str, list[int]] = {}
    for record in records:
        event = decode_event(decode_envelope(record.value).payload)
        found.setdefault(event.subject, []).append(int(event.sequence))
    return found


def in_order(records: list[Record]) -> bool:
    """Whether each thread's numbers rise, repeats of a run set aside."""
    for numbers in sequences(records).values():
        first_seen = list(dict.fromkeys(numbers))
        if first_seen != sorted(first_seen):
            return False
    return True


async def all_sent(node: Posting) -> bool:
    """Whether the broker has everything."""
    rows = await node.rows()
    return bool(rows) and all(row["state"] == "sent" and not row["queued"] for row in rows)


@BOTH
async def test_everything_goes_out_once_in_order_on_its_lane(node: Posting, own_bus: BusUnderTest) -> None:
    """Both topics get what is theirs; the rows say where it went and when it must be answered."""
    await say(node, 30)
    assert await node.outbox.clear() is False
    async with dispatching(node, own_bus):
        await say(node, 10, kind="monitor.alert")
        await until(lambda: all_sent(node), "everything is sent", 30)
    assert await node.outbox.clear() is True
    normal, urgent = [await own_bus.records(inbound(Country.ML, lane)) for lane in Lane]
    rows = await node.rows()
    assert sorted(record.value for record in normal + urgent) == sorted(row["value"] for row in rows)
    assert (len(normal), len(urgent)) == (30, 10)
    assert in_order(normal)
    assert in_order(urgent)
    places = {(record.partition, record.offset): record.value for record in normal}
    assert all(places[row["partition"], row["offset"]] == row["value"] for row in rows if row["lane"] == "normal")
    assert {row["due_at"] for row in rows} == {node.outbox.now() + 600_000}


@BOTH
async def test_a_broker_that_is_down_from_the_start_gets_everything_when_it_comes(
    node: Posting, own_bus: BusUnderTest
) -> None:
    """Posts are answered all the while."""
    await own_bus.go_down()
    async with dispatching(node, own_bus) as lanes:
        await say(node, 20)
        assert {row["state"] for row in await node.rows()} == {"waiting"}
        assert lanes[Lane.NORMAL].link is None
        await own_bus.come_up()
        await until(lambda: all_sent(node), "everything is sent", 60)
    records = await own_bus.records("inbound.ml")
    assert len(records) == 20
    assert in_order(records)


@BOTH
async def test_a_broker_that_lost_everything_gets_the_open_rows_before_new_ones(
    node: Posting, own_bus: BusUnderTest
) -> None:
    """In outbox order, although new ones of the same threads were posted meanwhile; closed rows stay closed."""
    async with dispatching(node, own_bus):
        await say(node, 12)
        await until(lambda: all_sent(node), "everything is sent", 30)
        await close(node, 1, 2, 3)
        losing = asyncio.create_task(own_bus.lose_data())
        await say_more(node, 12, 24)
        await losing
        await until(lambda: _sent_here(node, own_bus), "the new cluster has everything", 60)
    records = await own_bus.records("inbound.ml")
    numbers = sorted(number for thread in sequences(records).values() for number in thread)
    assert sorted(set(numbers)) == list(range(4, 25))
    assert in_order(records), sequences(records)


async def _sent_here(node: Posting, bus: BusUnderTest) -> bool:
    held = {record.value for record in await bus.records("inbound.ml")}
    return all(row["closed_at"] is not None or row["value"] in held for row in await node.rows())


async def say_more(node: Posting, first: int, end: int) -> None:
    """Go on where `say` stopped."""
    async with node.client(COMMISSION_ML) as client:
        for number in range(first, end):
            body = api_body(subject=f"agenda/{number % 3}", id=str(uuid_of(number, "agenda.meeting")))
            assert (await client.post("/v1/messages", json=body)).status_code == 202


async def close(node: Posting, *sequence: int) -> None:
    """The region has answered for these."""
    chosen = [row for row in await node.rows() if row["sequence"] in sequence]
    await node.outbox.answer([receipt_for(row) for row in chosen], frozenset(), ReadTo("c", "receipts.ml", 0, 1))


async def test_a_row_without_receipt_goes_again_with_its_thread_and_not_before_its_time(node: Posting) -> None:
    """After ten minutes 2 and 5, of one thread, in order; 8 of the same thread is answered for, the others not due."""
    bus = MemoryBus()
    async with dispatching(node, bus):
        await say(node, 9)
        await until(lambda: all_sent(node), "everything is sent", 10)
        await close(node, 1, 3, 4, 6, 7, 8, 9)
        node.clock.turn(minutes=9, seconds=59)
        # A new notice shows that the dispatcher has looked: it looks for late rows first.
        await say_more(node, 9, 10)
        await until(lambda: all_sent_but(node, 7), "the tenth is sent", 10)
        assert await _count(bus, 10)
        await close(node, 10)
        node.clock.turn(seconds=1)
        await until(lambda: _count(bus, 12), "two go again", 10)
        node.clock.turn(minutes=20)
        await until(lambda: _count(bus, 14), "and again, twenty minutes later", 10)
    assert sequences(bus.bus.records("inbound.ml"))["agenda/1"] == [2, 5, 8, 2, 5, 2, 5]


async def all_sent_but(node: Posting, closed: int) -> bool:
    """Whether the broker has all that is not closed."""
    states = [row["state"] for row in await node.rows()]
    return states.count("archived") == closed and set(states) == {"archived", "sent"}


async def _count(bus: MemoryBus, count: int) -> bool:
    return len(bus.bus.records("inbound.ml")) == count


async def test_an_outage_in_the_middle_of_a_window_reorders_nothing(node: Posting) -> None:
    """The broker fails time and again: what it has acknowledged is noted, the rest follows in order."""
    await say(node, 12)
    bus = MemoryBus()
    async with dispatching(node, bus):
        for _ in range(6):
            await until(lambda: _down(bus), "the broker has failed", 10)
            bus.bus.up, bus.bus.fail_after = True, 1
        bus.bus.fail_after = None
        await until(lambda: _sent_after(bus, node), "everything is sent", 10)
    records = bus.bus.records("inbound.ml")
    assert sorted(record.value for record in records) == sorted(row["value"] for row in await node.rows())
    assert in_order(records)


async def _down(bus: MemoryBus) -> bool:
    if bus.bus.fail_after is None and bus.bus.up:
        bus.bus.fail_after = 1
    return not bus.bus.up


async def _sent_after(bus: MemoryBus, node: Posting) -> bool:
    bus.bus.up = True
    return await all_sent(node)


async def test_an_alert_does_not_wait_behind_normal_notices(node: Posting) -> None:
    """The normal lane is stuck in a send that takes for ever; the alert is out at once."""
    bus, stuck = InMemoryBus(), asyncio.Event()

    class Slow:
        """A link on which normal notices never get through."""

        def __init__(self, link: Link) -> None:
            self._link = link
            self.cluster_id = link.cluster_id

        async def send(self, topic: str, key: bytes | None, value: bytes, headers: tuple[()] = ()) -> object:
            if topic == "inbound.ml":
                await stuck.wait()
            return await self._link.send(topic, key, value, headers)

        async def close(self) -> None:
            await self._link.close()

    class SlowBus(MemoryBus):
        async def connect(self) -> Link:
            return Slow(await bus.connect())  # type: ignore[return-value]

    await say(node, 50)
    async with dispatching(node, SlowBus()):
        await say(node, 1, kind="monitor.alert")
        await until(lambda: _alert_out(bus), "the alert is out", 5)
        assert bus.records("inbound.ml") == []
        stuck.set()
        await until(lambda: all_sent(node), "everything is sent", 10)


async def _alert_out(bus: InMemoryBus) -> bool:
    return len(bus.records("inbound.ml.urgent")) == 1


def test_a_window_follows_the_line() -> None:
    """Small at first and on a slow line, large on a fast one; never without bounds."""
    window = Window()
    first = window.size
    for _ in range(20):
        window.note(0.01)
    assert window.size == LARGEST_WINDOW
    window.note(1.0)
    assert window.size == LARGEST_WINDOW
    for _ in range(20):
        window.note(11.0)
    assert window.size == first
