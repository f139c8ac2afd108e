"""The bus behind one face, in memory and real, for tests that must hold on both."""

import asyncio
from typing import Protocol

from tamani.core.names import Country
from tamani.node.link import KafkaLink, Link
from tamani.node.settings import NodeSettings
from tamani.runtime.fakes import InMemoryBus, Record
from tests.support.cluster import KafkaCluster
from tests.support.kafka_reader import read_topic


class BusUnderTest(Protocol):
    """What a test does with a bus."""

    async def connect(self) -> Link:
        """A link of the node of Mali."""
        ...

    async def records(self, topic: str) -> list[Record]:
        """What a topic holds, by partition and offset."""
        ...

    async def go_down(self) -> None:
        """The broker is away."""
        ...

    async def come_up(self) -> None:
        """It is back."""
        ...

    async def lose_data(self) -> None:
        """It comes back empty, as another cluster."""
        ...


class MemoryBus:
    """The shipped fake."""

    def __init__(self) -> None:
        self.bus = InMemoryBus()

    async def connect(self) -> Link:
        return await self.bus.connect()

    async def records(self, topic: str) -> list[Record]:
        return self.bus.records(topic)

    async def go_down(self) -> None:
        self.bus.up = False

    async def come_up(self) -> None:
        self.bus.up = True

    async def lose_data(self) -> None:
        self.bus.lose_data()
        self.bus.up = True


class RealBus:
    """A running broker with its topics and access rules."""

    def __init__(self, cluster: KafkaCluster, principal: str = "node.ml") -> None:
        self.cluster = cluster
        self.settings = NodeSettings(country=Country.ML, **cluster.settings(principal))

    async def connect(self) -> Link:
        return await KafkaLink(self.settings).start()

    async def records(self, topic: str) -> list[Record]:
        found = await asyncio.to_thread(lambda: list(read_topic(self.cluster.kafka.client("admin"), topic)))
        ordered = sorted(found, key=lambda record: (record.partition, record.offset))
        return [Record(record.partition, record.offset, record.key, record.value) for record in ordered]

    async def go_down(self) -> None:
        await asyncio.to_thread(self.cluster.kill)

    async def come_up(self) -> None:
        await asyncio.to_thread(self.cluster.start)

    async def lose_data(self) -> None:
        await asyncio.to_thread(self.cluster.kill)
        await asyncio.to_thread(self.cluster.lose_data)
        await asyncio.to_thread(self.cluster.start)
