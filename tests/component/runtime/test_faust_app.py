"""The Faust rules on a real broker: acknowledged only after its effect, a bug ends the worker, nothing is skipped."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord
from confluent_kafka import Producer, TopicPartition

from tamani.archive.past import reader
from tamani.core.errors import OutageError
from tamani.core.names import Country, Lane, inbound
from tamani.runtime.faust_app import Handle, add_agent, build_app, run_app, wait_for_topics
from tamani.runtime.settings import ServiceSettings
from tests.support.cluster import KafkaCluster
from tests.support.kafka_reader import end_offsets
from tests.support.waiting import until

pytestmark = pytest.mark.kafka
TOPIC = inbound(Country.BF, Lane.URGENT)
OTHER = inbound(Country.BF)
_numbers = itertools.count()


class Collector:
    """A handler that keeps what it gets."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.places: list[tuple[int, int]] = []

    async def __call__(self, batch: Sequence[ConsumerRecord]) -> None:
        """Keep a batch."""
        self.values += [record.value for record in batch]
        self.places += [(record.partition, record.offset) for record in batch]


def settings(kafka: KafkaCluster, folder: Path, instance: str = "1") -> ServiceSettings:
    """Settings of a worker that may do everything."""
    return ServiceSettings(data_dir=folder, instance=instance, **kafka.settings("admin"))


def send(kafka: KafkaCluster, topic: str, values: Sequence[bytes]) -> None:
    """Put these on a topic, spread by their own key."""
    producer = Producer(kafka.confluent())
    for number, value in enumerate(values):
        producer.produce(topic, value, b"%d" % (number % 16))
    assert producer.flush(30) == 0


def fresh_group(kafka: KafkaCluster, folder: Path) -> str:
    """A group that has read everything so far."""
    group = f"test-{next(_numbers)}"
    with reader(settings(kafka, folder), group) as consumer:
        ends = [
            TopicPartition(topic, partition, at)
            for topic in (TOPIC, OTHER)
            for partition, at in end_offsets(kafka.confluent(), topic).items()
        ]
        consumer.commit(offsets=ends, asynchronous=False)
    return group


def committed(kafka: KafkaCluster, folder: Path, group: str, topic: str = TOPIC) -> int:
    """How many records of a topic the group has acknowledged, all partitions together."""
    with reader(settings(kafka, folder), group) as consumer:
        places = [TopicPartition(topic, partition) for partition in range(4)]
        return sum(max(0, place.offset) for place in consumer.committed(places, timeout=10))


@asynccontextmanager
async def worker(
    kafka: KafkaCluster, folder: Path, group: str, handlers: dict[str, Handle], instance: str = "1"
) -> AsyncIterator[asyncio.Task[None]]:
    """A worker in this process, ended in good order."""
    app, stop = build_app(settings(kafka, folder, instance), group), asyncio.Event()
    for topic, handler in handlers.items():
        add_agent(app, f"agent-{topic}", [topic], handler)
    running = asyncio.create_task(run_app(app, stop))
    try:
        yield running
    finally:
        stop.set()
        await asyncio.wait({running}, timeout=60)


async def test_what_is_handled_is_acknowledged_and_in_order(kafka: KafkaCluster, tmp_path: Path) -> None:
    """Every record once, each partition in its order, offsets committed at a graceful end."""
    group, found = fresh_group(kafka, tmp_path), Collector()
    send(kafka, TOPIC, values := [b"a%d" % n for n in range(2000)])
    async with worker(kafka, tmp_path, group, {TOPIC: found}):
        await until(lambda: _all(found, 2000), "all are handled")
    end = sum(end_offsets(kafka.confluent(), TOPIC).values())

    assert sorted(found.values) == sorted(values)
    for partition in range(4):
        offsets = [offset for number, offset in found.places if number == partition]
        assert offsets == sorted(offsets)
    assert committed(kafka, tmp_path, group) == end


async def test_a_handler_that_raises_ends_the_worker_and_nothing_is_lost(kafka: KafkaCluster, tmp_path: Path) -> None:
    """Its batch is not acknowledged, nor is what follows; the next worker gets all of it."""
    group, found = fresh_group(kafka, tmp_path), Collector()
    before = committed(kafka, tmp_path, group)
    send(kafka, TOPIC, values := [b"b%d" % n for n in range(900)])

    async def fails(batch: Sequence[ConsumerRecord]) -> None:
        if len(found.values) > 200:
            raise ZeroDivisionError
        await found(batch)

    app, stop = build_app(settings(kafka, tmp_path), group), asyncio.Event()
    add_agent(app, "fails", [TOPIC], fails, most=100)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(run_app(app, stop), 60)
    handled = set(found.values)
    acknowledged = committed(kafka, tmp_path, group) - before
    await app.stop()
    async with worker(kafka, tmp_path, group, {TOPIC: found}):
        await until(lambda: _all(found, 900, distinct=True), "the next worker handles the rest")

    assert acknowledged <= len(handled)
    assert set(found.values) == set(values)


async def test_a_lane_that_waits_holds_up_neither_the_other_nor_its_own_rest(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    """An agent that waits for its database leaves the other lane alone, even with more waiting than it may buffer."""
    group, slow, quick, gate = fresh_group(kafka, tmp_path), Collector(), Collector(), asyncio.Event()

    async def waits(batch: Sequence[ConsumerRecord]) -> None:
        await gate.wait()
        await slow(batch)

    send(kafka, OTHER, [b"s%d" % n for n in range(12_000)])
    async with worker(kafka, tmp_path, group, {OTHER: waits, TOPIC: quick}):
        send(kafka, TOPIC, [b"q%d" % n for n in range(300)])
        await until(lambda: _all(quick, 300), "the urgent lane is done")
        assert slow.values == []
        gate.set()
        await until(lambda: _all(slow, 12_000), "the other lane catches up")

    assert len(set(slow.values)) == 12_000


async def test_a_second_worker_takes_its_share_and_nothing_is_skipped(kafka: KafkaCluster, tmp_path: Path) -> None:
    """A rebalance under load: each record is handled by one of them, or by both, never by none."""
    group, one, two = fresh_group(kafka, tmp_path), Collector(), Collector()
    values: list[bytes] = []
    async with worker(kafka, tmp_path, group, {TOPIC: one}, "1"), worker(kafka, tmp_path, group, {TOPIC: two}, "2"):
        while not (one.values and two.values):
            values += (more := [b"c%d" % (len(values) + n) for n in range(400)])
            await asyncio.to_thread(send, kafka, TOPIC, more)
            await _handled(one, two, set(values))

    assert set(one.values) | set(two.values) == set(values)


async def test_a_broker_at_the_same_address_that_is_another_cluster_ends_the_worker(
    kafka: KafkaCluster, tmp_path: Path
) -> None:
    """Its offsets mean nothing there."""
    app = build_app(settings(kafka, tmp_path), fresh_group(kafka, tmp_path), cluster_id="the one that was here")
    add_agent(app, "agent", [TOPIC], Collector())
    with pytest.raises(OutageError, match="another cluster"):
        await asyncio.wait_for(run_app(app, asyncio.Event()), 60)


async def test_topics_are_waited_for(kafka: KafkaCluster, tmp_path: Path) -> None:
    """A worker does not begin with a topic missing, and says which cluster it met."""
    found = await wait_for_topics(settings(kafka, tmp_path), [TOPIC])
    assert found == kafka.kafka.admin().list_topics(timeout=10).cluster_id
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait_for_topics(settings(kafka, tmp_path), [TOPIC, "never-made"]), 2)


async def _all(found: Collector, count: int, *, distinct: bool = False) -> bool:
    return (len(set(found.values)) if distinct else len(found.values)) >= count


async def _handled(one: Collector, two: Collector, values: set[bytes]) -> None:
    async def both() -> bool:
        return set(one.values) | set(two.values) >= values

    await until(both, "all is handled so far")
