"""Before a worker joins its group: does the ledger hold all that Kafka has been told it holds? If not, read it again.

A database that was restored from an earlier state is behind the group's offsets. Each partition is then set back, never
forward, to min(committed, what the ledger has of it), and the ledger's epoch rises, so that mirrors take the new
history for what it is. Offsets can be set only while nobody is in the group: the others are asked to leave.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from confluent_kafka import TopicPartition
from psycopg import AsyncConnection

from tamani.archive.head import read_head
from tamani.archive.past import GROUP, Past, Place, read_past, reader
from tamani.core.errors import OutageError
from tamani.runtime.database import only_row, through_outages
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)
AGAIN = 1.0
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]
Places = dict[Place, int]
# How much of the past a publisher tells a cluster that has lost everything.
RETOLD = 10_000
_POSITIONS = """
SELECT r.topic, p.partition, p.next_offset FROM position p JOIN stream_ref r USING (stream_no) WHERE r.cluster = %s
"""
_SET = """
WITH named AS (
    INSERT INTO stream_ref (cluster, topic) VALUES (%(cluster)s, %(topic)s)
    ON CONFLICT (cluster, topic) DO UPDATE SET topic = excluded.topic RETURNING stream_no
)
INSERT INTO position SELECT stream_no, %(partition)s, %(offset)s FROM named
ON CONFLICT (stream_no, partition) DO UPDATE SET next_offset = excluded.next_offset
"""
_MEET = """
UPDATE publisher SET cluster = %(cluster)s, answers = greatest(0, answers - %(retold)s),
    feeds = (
        SELECT coalesce(jsonb_object_agg(key, greatest(0, value::bigint - %(retold)s)), '{}') FROM jsonb_each(feeds)
    )
WHERE cluster <> %(cluster)s
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """What the ledger lacks: feeds that were told further than it reaches, partitions acknowledged further."""

    feeds: bool
    partitions: Places

    def __bool__(self) -> bool:
        return self.feeds or bool(self.partitions)


async def settle(settings: ServiceSettings, connect: Connect, cluster: str) -> None:
    """Bring group offsets and ledger together; return when this worker may join. Waits for whatever is away."""
    raised = asked = False
    while True:
        before = await through_outages(lambda: _known(connect, cluster), "rewind")
        past = await _through_broker(settings)

        async def look(before: Places = before, past: Past = past, raised: bool = raised) -> Places:
            async with await connect() as connection, connection.transaction():
                return await _compare(connection, before, past, cluster, raise_epoch=not raised)

        back = await through_outages(look, "rewind")
        if not back:
            return
        raised = True
        if await asyncio.to_thread(set_back, settings, back):
            log.warning("rewound", partitions=len(back))
            continue
        if not asked:
            asked = True
            await through_outages(lambda: _ask_to_leave(connect), "rewind")
        await asyncio.sleep(AGAIN)


async def trust(settings: ServiceSettings, connection: AsyncConnection[Any], cluster: str) -> None:
    """Make sure that the database at the end of a new connection has not gone back in time.

    Raises:
        OutageError: `failed.database.rewound`: leave, so that the start rewinds.
    """
    past = await _through_broker(settings)
    if found := await _behind(connection, past, cluster):
        detail = f"feeds: {found.feeds}, partitions: {len(found.partitions)}"
        raise OutageError("failed.database.rewound", detail)


async def _through_broker(settings: ServiceSettings) -> Past:
    while True:
        try:
            return await asyncio.to_thread(read_past, settings)
        except OutageError as error:
            log.warning("broker away", error=error.detail)
        await asyncio.sleep(AGAIN)


async def _known(connect: Connect, cluster: str) -> Places:
    async with await connect() as connection:
        return await _positions(connection, cluster)


async def _compare(
    connection: AsyncConnection[Any], before: Places, past: Past, cluster: str, *, raise_epoch: bool
) -> Places:
    """Write down what the topics themselves have lost, raise the epoch if need be; the partitions to set back."""
    head = await read_head(connection, lock=True)
    moved = await _meet(connection, cluster)
    await _follow_topics(connection, before, past, cluster)
    found = await _behind(connection, past, cluster)
    if moved or (found and raise_epoch):
        epoch = max([head.epoch, *(epoch for epoch, _ in past.tails.values())]) + 1
        await connection.execute("UPDATE log_head SET epoch = %s", [epoch])
        log.critical(
            "history raised", epoch=epoch, other_cluster=moved, feeds=found.feeds, partitions=len(found.partitions)
        )
    return found.partitions


async def _meet(connection: AsyncConnection[Any], cluster: str) -> bool:
    """Note the cluster; at another one than before, have the publisher tell the latest past again."""
    (known,) = await only_row(connection, "SELECT cluster FROM publisher FOR UPDATE")
    await connection.execute(_MEET, {"cluster": cluster, "retold": RETOLD if known else 0})
    return bool(known) and known != cluster


async def _follow_topics(connection: AsyncConnection[Any], before: Places, past: Past, cluster: str) -> None:
    """A partition may begin after, or end before, what the ledger has of it: retention, or a topic made anew.

    The ledger's positions go on while we look: only what it had before we asked can be beyond a topic's end.
    """
    known = await _positions(connection, cluster)
    for place, low in past.low.items():
        if known.get(place, 0) < low or before.get(place, 0) > past.high[place]:
            log.critical("records missing in the topic", place=place, ledger=known.get(place), low=low)
            row = {"cluster": cluster, "topic": place[0], "partition": place[1], "offset": low}
            await connection.execute(_SET, row)


async def _behind(connection: AsyncConnection[Any], past: Past, cluster: str) -> Behind:
    head = await read_head(connection)
    feeds = any((head.epoch, head.feeds[country].size) < tail for country, tail in past.tails.items())
    known = await _positions(connection, cluster)
    partitions = {place: known.get(place, 0) for place, at in past.committed.items() if at > known.get(place, 0)}
    return Behind(feeds, partitions)


async def _positions(connection: AsyncConnection[Any], cluster: str) -> Places:
    cursor = await connection.execute(_POSITIONS, [cluster])
    return {(topic, partition): following async for topic, partition, following in cursor}


async def _ask_to_leave(connect: Connect) -> None:
    async with await connect() as connection:
        await connection.execute("UPDATE log_head SET rewinds = rewinds + 1")


def set_back(settings: ServiceSettings, places: Places, group: str = GROUP) -> bool:
    """Set the group's offsets; false if somebody is still in the group or the broker is away."""
    wanted = [TopicPartition(topic, partition, offset) for (topic, partition), offset in places.items()]
    try:
        with reader(settings, group) as consumer:
            done = consumer.commit(offsets=wanted, asynchronous=False) or ()
    except OutageError as error:
        log.info("group not free yet", error=error.detail)
        return False
    return all(place.error is None for place in done)


def connector(conninfo: str) -> Connect:
    """Connections of the kind that `settle` asks for."""

    async def connect() -> AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(conninfo, autocommit=True)

    return connect
