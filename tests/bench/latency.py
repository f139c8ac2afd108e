"""How long after the last byte of its 202 a notice's bytes are at a reader of another site's desk."""

import asyncio
import contextlib
import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from tamani.embedded.child import Child
from tests.bench.checks import assert_durable
from tests.bench.loading import loaded
from tests.bench.wire import PostLine, heard
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.notices import COMMISSION_ML, OBSERVATORY_NE
from tests.support.waiting import until

# A quarter of what the machine of the page carries from site to mirrors would no longer be idle.
PER_SECOND = 10.0
# What the machine of the page carries for as long as one likes; far more only fills queues.
LOAD = 20
# What the figures are kept under: those of another rate of posting are no *before* of these.
IDLE, BUSY = f"idle-{PER_SECOND:g}", f"busy-{PER_SECOND:g}-{LOAD}"


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, sorted."""

    seconds: tuple[float, ...]

    def at(self, share: float) -> float:
        """The latency that this share of samples stayed below, in milliseconds."""
        return self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))] * 1000

    @property
    def worst(self) -> float:
        """Milliseconds."""
        return self.seconds[-1] * 1000


@dataclass(frozen=True, slots=True)
class Latencies:
    """At rest, and while other nodes send `per_second` notices."""

    idle: Latency
    busy: Latency
    per_second: float


async def measure_latencies(samples: int) -> Latencies:
    """One after the other, on one bus."""
    async with running_bus(begun=Child) as bus:
        await assert_durable(bus)
        idle = await measure_latency(bus, samples)
        async with loaded(bus, LOAD) as load:
            busy = await measure_latency(bus, samples)
    return Latencies(idle, busy, load.per_second)


async def measure_latency(bus: Bus, samples: int) -> Latency:
    """Post at the site of Mali at random intervals, listen at the desk of Niger; every notice must be heard."""
    hears: dict[str, float] = {}
    joined = asyncio.Event()
    listening = asyncio.create_task(_listen(bus, hears, joined))
    said: dict[str, float] = {}
    line = await PostLine.open(bus.ports["site-ml"], bus.tokens[COMMISSION_ML])
    author, chance = Author(f"latency {time.time_ns()}", (COMMISSION_ML,)), random.Random(1)
    try:
        await asyncio.wait([listening, asyncio.create_task(joined.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert joined.is_set(), listening.exception()
        await _warm(author, line, hears)
        for _ in range(samples):
            notice = author.notice(tlp="GREEN")
            said[notice.id] = await line.post(notice)
            await asyncio.sleep(chance.expovariate(PER_SECOND))
        await until(lambda: _heard_all(said, hears), "every notice is heard", 120)
    finally:
        line.close()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return Latency(tuple(sorted(hears[id_] - when for id_, when in said.items())))


async def _listen(bus: Bus, hears: dict[str, float], joined: asyncio.Event) -> None:
    async with contextlib.aclosing(heard(bus.ports["site-ne"], bus.tokens[OBSERVATORY_NE], joined)) as stream:
        async for id_, when in stream:
            hears.setdefault(id_, when)


async def _heard_all(ids: Collection[str], hears: dict[str, float]) -> bool:
    return all(id_ in hears for id_ in ids)


async def _warm(author: Author, line: PostLine, hears: dict[str, float]) -> None:
    for _ in range(20):
        notice = author.notice(tlp="GREEN")
        await line.post(notice)
        await until(partial(_heard_all, {notice.id}, hears), "the stream tells", 120)
