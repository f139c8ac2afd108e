"""Two routers and two archives join, leave, sleep and wake while notices flow: nothing is lost, doubled or idle."""

import time

import pytest

from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.flow import Flow, flowing
from tests.support.oracle import settled
from tests.support.telling import Tell
from tests.support.waiting import elapses
from tests.support.workers import counting

COUNT = 1200
ASLEEP = 16.0
WORKERS = ("router-1", "router-2", "archive-1", "archive-2")

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_two_of_each_join_leave_sleep_and_wake(tell: Tell) -> None:
    """The second of each kind joins, the first sleeps for 16 s and wakes, the second leaves and comes back."""
    async with running_bus() as bus, counting(bus, WORKERS) as shares:
        async with flowing(bus, Author("two workers", threads=200).notices(COUNT)) as flow:
            await flow.reaches(COUNT // 10)
            await bus.add("router-2", "archive-2")
            await flow.reaches(COUNT * 4 // 10)
            await _sleep_and_wake(bus, "router-1", "archive-2")
            await flow.reaches(COUNT * 6 // 10)
            await _leave_and_return(bus, flow, "router-2", "archive-1")
        await settled(bus, flow.poster.promises)
    tell(", ".join(f"{name}: {number}" for name, number in sorted(shares.done.items())))
    for name in WORKERS:
        assert shares.done[name] > COUNT // 10, f"{name} did {shares.done[name]} of {COUNT}"


async def _sleep_and_wake(bus: Bus, *names: str) -> None:
    """SIGSTOP for longer than a session: the others take over, and the sleeper must not write behind their backs."""
    began = time.monotonic()
    for name in names:
        bus.parts[name].freeze()
    await elapses(began, ASLEEP)
    for name in names:
        bus.parts[name].thaw()


async def _leave_and_return(bus: Bus, flow: Flow, *names: str) -> None:
    for name in names:
        await bus.parts[name].stop()
    await flow.reaches(min(flow.archived + COUNT // 10, COUNT * 8 // 10))
    for name in names:
        await bus.parts[name].start()
