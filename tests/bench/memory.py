"""The whole platform at rest and at work: how long it takes to start, and what each process holds in memory."""

import asyncio
import time
from dataclasses import dataclass

from tests.bench.costs import memory
from tests.bench.latency import Latency, loaded, measure_latency
from tests.support.bus import running_bus

PER_SECOND = 100


@dataclass(frozen=True, slots=True)
class Platform:
    """One whole bus: four sites, router, archive, Kafka, PostgreSQL."""

    start: float
    idle: Latency
    busy: Latency
    memory: dict[str, int]

    @property
    def total(self) -> int:
        """Bytes (PSS) of everything."""
        return sum(self.memory.values())


async def measure_platform() -> Platform:
    """Start it, measure its latency idle and under load, then weigh it."""
    began = time.monotonic()
    async with running_bus() as bus:
        start = time.monotonic() - began
        idle = await measure_latency(bus)
        async with loaded(bus, PER_SECOND):
            busy = await measure_latency(bus)
        weights = await asyncio.to_thread(memory, bus)
    return Platform(start, idle, busy, weights)
