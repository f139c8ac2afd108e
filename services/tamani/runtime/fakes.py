"""Fakes that we ship: the bus in memory, for tests and for whoever builds on these ports.

The same contract tests run on it and on a real broker: partitions by the same hash, contiguous offsets, exact bytes,
outages as `failed.broker`, and a cluster id that changes when everything is lost.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka.partitioner import DefaultPartitioner

from tamani.core.errors import OutageError
from tamani.runtime.kafka import Ack, Headers
from tamani.runtime.sender import Outgoing

DEFAULT_PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a reader gets it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Headers = ()


class InMemoryBus:
    """Topics in memory. `up`, `lose_data` and `fail_after` play the broker's bad days."""

    def __init__(self, partitions: Mapping[str, int] | None = None) -> None:
        self._partitions = dict(partitions or {})
        self._logs: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self._generation = 1
        self.up = True
        self.fail_after: int | None = None
        self._partition_of = DefaultPartitioner()

    @property
    def cluster_id(self) -> str:
        """The id of the cluster that now stands at this address."""
        return f"memory-{self._generation}"

    def lose_data(self) -> None:
        """All records are gone; another, empty cluster answers; links to the old one are dead."""
        self._logs.clear()
        self._generation += 1

    async def connect(self) -> "InMemoryLink":
        """A link to the cluster of this moment.

        Raises:
            OutageError: `failed.broker`, the bus is down.
        """
        if not self.up:
            raise OutageError("failed.broker", "down")
        return InMemoryLink(self)

    def records(self, topic: str) -> list[Record]:
        """What a topic holds, by partition and offset."""
        logs = sorted((partition, log) for (name, partition), log in self._logs.items() if name == topic)
        return [record for _, log in logs for record in log]

    def append(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """Add a record where its key belongs.

        Raises:
            OutageError: `failed.broker`, the bus is down.
        """
        if self.fail_after is not None:
            self.up, self.fail_after = self.fail_after > 0, (self.fail_after - 1 if self.fail_after > 0 else None)
        if not self.up:
            raise OutageError("failed.broker", "down")
        count = self._partitions.get(topic, DEFAULT_PARTITIONS)
        every = list(range(count))
        partition: int = self._partition_of(key, every, every)
        log = self._logs[(topic, partition)]
        log.append(Record(partition, len(log), key, value, headers))
        return Ack(topic, partition, len(log) - 1)


class InMemorySender:
    """The `Sender` port on the bus in memory: it waits while the bus is down."""

    def __init__(self, bus: InMemoryBus) -> None:
        self._bus = bus

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """See `Sender.send_all`."""
        while not self._bus.up:  # noqa: ASYNC110 - `up` is a plain switch that tests turn
            await asyncio.sleep(0)
        for record in records:
            self._bus.append(record.topic, record.key, record.value, record.headers)


class InMemoryLink:
    """A connection to one cluster: the `Producer` port, and the node's `Link`."""

    def __init__(self, bus: InMemoryBus) -> None:
        self._bus = bus
        self.cluster_id = bus.cluster_id
        self._closed = False

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """See `Producer.send`."""
        if self._closed or self.cluster_id != self._bus.cluster_id:
            raise OutageError("failed.broker", "another cluster")
        return self._bus.append(topic, key, value, headers)

    async def close(self) -> None:
        """Drop the connection."""
        self._closed = True
