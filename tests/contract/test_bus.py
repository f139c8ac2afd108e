"""What a node expects of a bus holds on the fake that we ship and on the real broker alike."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tamani.core.envelope import MAX_VALUE
from tamani.core.errors import OutageError
from tamani.node.link import Link
from tests.support.buses import BusUnderTest, MemoryBus, RealBus
from tests.support.cluster import KafkaCluster

TOPIC, URGENT = "inbound.ml", "inbound.ml.urgent"
BOTH = pytest.mark.parametrize("kind", ["memory", pytest.param("real", marks=pytest.mark.kafka)])


@pytest.fixture
def bus(kind: str, request: pytest.FixtureRequest) -> BusUnderTest:
    """A bus that other tests use too: look for your own values."""
    if kind == "memory":
        return MemoryBus()
    cluster: KafkaCluster = request.getfixturevalue("kafka")
    return RealBus(cluster)


@pytest.fixture
def own_bus(kind: str, request: pytest.FixtureRequest) -> BusUnderTest:
    """A bus of the test's own, to be mistreated."""
    if kind == "memory":
        return MemoryBus()
    cluster: KafkaCluster = request.getfixturevalue("fresh_kafka")
    return RealBus(cluster)


@asynccontextmanager
async def linked(bus: BusUnderTest) -> AsyncIterator[Link]:
    """A link for as long as the block lasts."""
    link = await bus.connect()
    try:
        yield link
    finally:
        await link.close()


def key(number: int) -> bytes:
    """A thread's key."""
    return number.to_bytes(16, "big")


@BOTH
async def test_an_acknowledged_record_is_there_byte_for_byte(bus: BusUnderTest) -> None:
    """At the place that the acknowledgement names, the largest envelope too."""
    value = uuid.uuid4().bytes * (MAX_VALUE // 16)
    async with linked(bus) as link:
        ack = await link.send(TOPIC, key(1), value)
    found = [record for record in await bus.records(TOPIC) if record.value == value]
    assert [(record.partition, record.offset, record.key) for record in found] == [(ack.partition, ack.offset, key(1))]
    assert ack.topic == TOPIC


@BOTH
async def test_a_thread_stays_on_one_partition_in_order(bus: BusUnderTest) -> None:
    """One after another, each after the acknowledgement of the one before; other threads in between."""
    tag = uuid.uuid4().bytes

    async def say(link: Link, thread: int) -> None:
        for number in range(10):
            await link.send(TOPIC, key(thread), tag + bytes([thread, number]))

    async with linked(bus) as link:
        await asyncio.gather(*(say(link, thread) for thread in range(8)))
    mine = [record for record in await bus.records(TOPIC) if record.value.startswith(tag)]
    assert len({record.partition for record in mine}) > 1
    for thread in range(8):
        said = [record for record in mine if record.key == key(thread)]
        assert len({record.partition for record in said}) == 1
        assert [record.value[-1] for record in said] == list(range(10))


@BOTH
async def test_both_kinds_of_bus_put_a_key_on_the_same_partition(bus: BusUnderTest) -> None:
    """Hence a test on the fake says something about the order on the real one."""
    async with linked(bus) as link:
        acks = [await link.send(TOPIC, key(number), b"x") for number in range(12)]
    assert [ack.partition for ack in acks] == [0, 2, 0, 2, 3, 1, 1, 2, 0, 3, 1, 2]


@BOTH
async def test_offsets_of_a_partition_have_no_gap(bus: BusUnderTest) -> None:
    """From what one link wrote and another read."""
    async with linked(bus) as link:
        acks = [await link.send(URGENT, key(5), b"%d" % number) for number in range(5)]
    offsets = [ack.offset for ack in acks]
    assert offsets == list(range(offsets[0], offsets[0] + 5))


@BOTH
async def test_every_link_knows_the_same_cluster(bus: BusUnderTest) -> None:
    """Its id is what the outbox remembers."""
    async with linked(bus) as one, linked(bus) as other:
        assert one.cluster_id == other.cluster_id != ""


@BOTH
async def test_a_closed_link_sends_nothing(bus: BusUnderTest) -> None:
    """An outage, so that whoever still holds it looks for another."""
    link = await bus.connect()
    await link.close()
    with pytest.raises(OutageError) as told:
        await link.send(TOPIC, key(1), b"x")
    assert told.value.code.name == "failed.broker"


@BOTH
async def test_a_broker_that_is_away_is_an_outage_and_comes_back(own_bus: BusUnderTest) -> None:
    """No new link while it is away; afterwards, on the same data, the same cluster, and what it had is still there."""
    async with linked(own_bus) as link:
        before = link.cluster_id
        await link.send(TOPIC, key(1), b"before")
    await own_bus.go_down()
    with pytest.raises(OutageError):
        await own_bus.connect()
    await own_bus.come_up()
    async with linked(own_bus) as link:
        assert link.cluster_id == before
        await link.send(TOPIC, key(1), b"after")
    assert [record.value for record in await own_bus.records(TOPIC)] == [b"before", b"after"]


@BOTH
async def test_a_link_never_writes_to_another_cluster(own_bus: BusUnderTest) -> None:
    """A broker that lost everything comes back at the same address: the old link fails, a new one knows the new id."""
    async with linked(own_bus) as link:
        await link.send(TOPIC, key(1), b"old")
        await own_bus.lose_data()
        with pytest.raises(OutageError):
            await link.send(TOPIC, key(1), b"ahead of what was lost")
        async with linked(own_bus) as fresh:
            assert fresh.cluster_id != link.cluster_id
            await fresh.send(TOPIC, key(1), b"new")
    assert [record.value for record in await own_bus.records(TOPIC)] == [b"new"]


@BOTH
async def test_closing_does_not_wait_for_a_broker_that_is_away(own_bus: BusUnderTest) -> None:
    """What is in flight fails at once; the outbox has it."""
    link = await own_bus.connect()
    await link.send(TOPIC, key(1), b"x")
    await own_bus.go_down()
    sending = asyncio.create_task(link.send(TOPIC, key(1), b"never"))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await link.close()
        with pytest.raises(OutageError):
            await sending
    await own_bus.come_up()
    assert [record.value for record in await own_bus.records(TOPIC)] == [b"x"]
