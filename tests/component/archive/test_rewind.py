"""Ledger and bus compared before a worker joins: set back, never forward; a new epoch only when history was lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tamani.archive.past import GROUP, reader
from tamani.archive.rewind import connector, settle, trust
from tamani.core.errors import OutageError
from tamani.core.feed import FeedEntry
from tamani.core.names import Country, feed, regional
from tamani.runtime.settings import ServiceSettings
from tests.component.archive.conftest import MakeKeeper
from tests.component.archive.test_keeper import said
from tests.support.cluster import Database, KafkaCluster
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
Ask = Callable[..., list[tuple[Any, ...]]]
CLUSTER = "cluster-1"
PLACES = [TopicPartition(regional(), partition) for partition in range(3)]


class Region:
    """The archive's settings on a broker of its own, and what its group has committed."""

    def __init__(self, kafka: KafkaCluster, folder: Path, ledger: Database) -> None:
        self.kafka, self.ledger = kafka, ledger
        self.settings = ServiceSettings(data_dir=folder, **kafka.settings("archive"))

    async def settle(self, cluster: str = CLUSTER) -> None:
        """As a worker does at its start."""
        await settle(self.settings, connector(self.ledger.dsn), cluster)

    async def trust(self, cluster: str = CLUSTER) -> None:
        """As a worker does with each new connection."""
        async with await psycopg.AsyncConnection.connect(self.ledger.dsn) as connection:
            await trust(self.settings, connection, cluster)

    def fill(self, topic: str, count: int, partition: int = 0, value: bytes = b"x") -> None:
        """So many records on a partition."""
        producer = Producer(self.kafka.confluent())
        for _ in range(count):
            producer.produce(topic, value, partition=partition)
        assert producer.flush(30) == 0

    def commit(self, *offsets: int) -> None:
        """What the group has acknowledged of partitions 0, 1, 2."""
        wanted = [TopicPartition(regional(), number, at) for number, at in enumerate(offsets)]
        with reader(self.settings) as consumer:
            consumer.commit(offsets=wanted, asynchronous=False)

    def committed(self) -> list[int]:
        """The same, as it is now."""
        with reader(self.settings) as consumer:
            return [place.offset for place in consumer.committed(PLACES, timeout=10)]


@pytest.fixture
def region(fresh_kafka: KafkaCluster, tmp_path: Path, ledger: Database) -> Region:
    """A broker with ten records on each of three partitions, and an empty ledger."""
    found = Region(fresh_kafka, tmp_path, ledger)
    for partition in range(3):
        found.fill(regional(), 10, partition)
    return found


async def test_a_restored_ledger_has_its_partitions_set_back_and_no_other(
    region: Region, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """Behind: set to what it holds. Ahead, since a commit was lost: left alone, repeats do no harm."""
    for partition, count in ((0, 4), (1, 10)):
        await make_keeper().keep(said(count, partition=partition))
    region.commit(9, 6, 2)
    with pytest.raises(OutageError, match="rewound"):
        await region.trust()
    await region.settle()

    assert region.committed() == [4, 6, 0]
    assert ask("SELECT epoch FROM log_head") == [(2,)]
    await region.trust()


async def test_a_ledger_that_holds_all_is_left_in_peace(region: Region, make_keeper: MakeKeeper, ask: Ask) -> None:
    """No rewind, no new epoch, at any number of starts."""
    await make_keeper().keep(said(10))
    region.commit(10)
    for _ in range(2):
        await region.settle()
    await region.trust()

    assert region.committed()[0] == 10
    assert ask("SELECT epoch, rewinds FROM log_head") == [(1, 0)]


async def test_a_feed_told_further_than_the_ledger_raises_the_epoch(region: Region, ask: Ask) -> None:
    """Mirrors hold entries that the ledger has not: they must see that history begins anew."""
    told = FeedEntry(
        epoch=3, feed_index=7, prev="", kind="mark", recordedtime="2026-03-02T10:00:00Z", digest="", mark="contested"
    )
    region.fill(feed(Country.NE), 1, value=told.encode())
    with pytest.raises(OutageError, match="feeds: True"):
        await region.trust()
    await region.settle()

    assert ask("SELECT epoch FROM log_head") == [(4,)]
    await region.trust()


async def test_a_feed_of_strange_records_is_no_reason_to_doubt(region: Region, ask: Ask) -> None:
    """Whatever lies there that is not an entry tells nothing."""
    region.fill(feed(Country.NE), 3, value=b'{"not": "ours"}')
    await region.settle()

    assert ask("SELECT epoch FROM log_head") == [(1,)]


async def test_records_that_retention_has_taken_do_not_stop_the_archive(
    region: Region, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """The topic begins after what the ledger has: it is said aloud, and the archive goes on from there."""
    admin = region.kafka.kafka.admin()
    (done,) = admin.delete_records([TopicPartition(regional(), 0, 6)]).values()
    done.result()
    await region.settle()

    assert ask("SELECT partition, next_offset FROM position") == [(0, 6)]
    await make_keeper().keep(said(1, first=6))
    assert ask("SELECT count(*) FROM ledger") == [(1,)]


async def test_a_topic_made_anew_in_the_same_cluster_is_read_from_its_beginning(
    region: Region, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """What the ledger believes to have of it is beyond its end."""
    await make_keeper().keep(said(15))
    await region.settle()

    assert ask("SELECT next_offset FROM position") == [(0,)]


async def test_another_cluster_starts_at_nothing_and_hears_the_latest_past_again(
    region: Region, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """Its readers may have missed the last entries of the old one; the epoch says that history was at stake."""
    await region.settle("the first cluster")
    await make_keeper().keep(said(3))
    async with await psycopg.AsyncConnection.connect(region.ledger.dsn) as connection:
        await connection.execute("""UPDATE publisher SET answers = 3, feeds = '{"ml": 3, "ne": 20000}'""")
    await region.settle("the second cluster")
    await region.settle("the second cluster")

    assert ask("SELECT cluster, answers, feeds FROM publisher") == [("the second cluster", 0, {"ml": 0, "ne": 10_000})]
    assert ask("SELECT epoch FROM log_head") == [(2,)]


async def test_a_worker_that_must_rewind_waits_for_the_group_and_asks_the_others_to_leave(
    region: Region, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """Offsets can be set only when nobody is in the group."""
    await make_keeper().keep(said(4))
    region.commit(9)
    member = Consumer(region.kafka.confluent("archive") | {"group.id": GROUP, "session.timeout.ms": 6000})
    member.subscribe([regional()])

    async def joined() -> bool:
        await asyncio.to_thread(member.poll, 0.2)
        return bool(member.assignment())

    async def asked() -> bool:
        await asyncio.to_thread(member.poll, 0.2)
        return ask("SELECT rewinds FROM log_head") == [(1,)]

    await until(joined, "another worker is in the group")
    settling = asyncio.create_task(region.settle())
    await until(asked, "it is asked to leave")
    assert not settling.done()
    member.close()
    await asyncio.wait_for(settling, 60)

    assert region.committed()[0] == 4
    assert ask("SELECT epoch FROM log_head") == [(2,)]
