"""Notices flowing through a bus while a test does it harm, never further ahead of the ledger than a window."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.authors import Notice
from tests.support.bus import Bus
from tests.support.poster import Poster
from tests.support.waiting import BETWEEN, reaches

WINDOW = 40
# A machine that does much else takes long to start a broker again; an idle one needs seconds.
PATIENCE = 300.0


@dataclass
class Flow:
    """A client that posts `notices` to the bus, and what the ledger held when last asked."""

    bus: Bus
    notices: Sequence[Notice]
    poster: Poster
    archived: int = 0
    window: int = WINDOW
    before: int = 0
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reaches(self, least: int, seconds: float = PATIENCE) -> int:
        """Wait until the ledger holds so many of this flow's notices."""
        return await reaches(self._now, least, "the ledger", seconds)

    async def _now(self) -> int:
        return self.archived

    async def run(self) -> None:
        """Post everything."""
        watching = asyncio.create_task(self._watch())
        try:
            await self.poster.flow(list(self.notices), self._gate)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _gate(self) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: len(self.poster.promises) - self.archived < self.window)

    async def _watch(self) -> None:
        while True:
            found = await self.bus.archived() - self.before
            async with self._moved:
                self.archived = found
                self._moved.notify_all()
            await asyncio.sleep(BETWEEN)


@asynccontextmanager
async def flowing(
    bus: Bus, notices: Sequence[Notice], window: int = WINDOW, poster: Poster | None = None
) -> AsyncIterator[Flow]:
    """The notices flow while the block runs; at its end all have their 202."""
    flow = Flow(bus, notices, poster or bus.poster(), window=window, before=await bus.archived())
    task = asyncio.create_task(flow.run(), name="flow")
    try:
        yield flow
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Kill:
    """One SIGKILL: whom, by which pid, how many notices the ledger held just then, how many were on their way to it."""

    victim: str
    pid: int
    archived: int
    under_way: int


async def kill_while_flowing(flow: Flow, victims: Sequence[str], seed: str) -> list[Kill]:
    """SIGKILL each victim once in the order of the seed, at instants of the seed between the first and last notice."""
    chance = random.Random(seed)
    order = list(victims)
    chance.shuffle(order)
    total = len(flow.notices)
    # Places in the ledger, not times: so a kill can never fall before the first notice or after the last.
    instants = sorted(chance.sample(range(total // 50 + 1, total - flow.window * 2), len(order)))
    kills = []
    for victim, instant in zip(order, instants, strict=True):
        await flow.reaches(instant)
        part = flow.bus.parts[victim]
        await part.running()
        archived = await flow.bus.archived() - flow.before
        kills.append(Kill(victim, part.pid, archived, len(flow.poster.promises) - archived))
        part.kill()
        assert 0 < archived < total, f"{victim} was killed at {archived} of {total}"
    return kills


def told(kills: Sequence[Kill]) -> str:
    """A line for each victim."""
    times = Counter(kill.victim for kill in kills)
    places = {v: ", ".join(f"{kill.archived}+{kill.under_way}" for kill in kills if kill.victim == v) for v in times}
    return "\n".join(f"{v}: {times[v]} kills at archived + under way = {places[v]}" for v in sorted(times))
