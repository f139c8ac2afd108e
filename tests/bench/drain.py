"""The region alone, inbound topics to ledger: how fast it takes what nodes send, what each of its processes spends."""

import asyncio
import time
from dataclasses import dataclass

from tamani.embedded.child import Child
from tests.bench.checks import assert_durable, verify_again
from tests.bench.costs import Stopwatch, Stretch
from tests.bench.load import Load, check_load, make_load, send
from tests.support.bus import Bus, stores_only
from tests.support.waiting import until

WARM_UP = 1500


@dataclass(frozen=True, slots=True)
class Drained:
    """One run."""

    load: dict[str, int]
    records: int
    archived: int
    sending: float
    sending_cpu: float
    stretch: Stretch
    published: float
    verified_again: int

    @property
    def rate(self) -> float:
        """Records a second of wall time."""
        return self.records / self.stretch.wall

    @property
    def microseconds(self) -> float:
        """CPU of all our processes for one record."""
        return self.stretch.total / self.records * 1e6


async def drain(workers: int, count: int) -> Drained:
    """One run on a cluster of its own, after a warm-up; repeats count as records, for they must be judged too."""
    load, warm = make_load(count), make_load(WARM_UP)
    described = check_load(load)
    async with stores_only(begun=Child) as bus:
        numbers = range(1, workers + 1)
        await bus.add(*(f"archive-{n}" for n in numbers), *(f"router-{n}" for n in numbers))
        await assert_durable(bus)
        await _send(bus, warm)
        await _archived(bus, warm.distinct)
        await _published(bus)
        watch, cpu = Stopwatch(bus), time.process_time()
        began = time.monotonic()
        sending = await _send(bus, load)
        sending_cpu = time.process_time() - cpu
        await _archived(bus, warm.distinct + load.distinct)
        stretch = watch.stop()
        await _published(bus)
        published = time.monotonic() - began
        again = await verify_again(bus)
    return Drained(described, len(load.records), load.distinct, sending, sending_cpu, stretch, published, again)


async def _send(bus: Bus, load: Load) -> float:
    return (await asyncio.to_thread(send, load.records, bus.kafka.confluent())).seconds


async def _archived(bus: Bus, count: int) -> None:
    async def done() -> bool:
        return await bus.ledger_size() >= count

    await until(done, f"{count} archived", 600, 0.1)


async def _published(bus: Bus) -> None:
    await until(bus.published, "receipts and feeds are published", 300, 0.1)
