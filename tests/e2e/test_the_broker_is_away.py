"""The broker is away from the start, or for long: sites go on taking notices, workers wait, and all of it arrives."""

import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.flow import flowing
from tests.support.notices import SOURCES
from tests.support.oracle import settled
from tests.support.waiting import elapses

WORKERS = ("router-1", "archive-1")
SITES = tuple(f"site-{country}" for country in Country)

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_workers_wait_for_a_broker_that_is_away_from_the_start() -> None:
    """Twenty seconds without a broker: notices are taken, no worker leaves more than once."""
    await _start_without_broker(20)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_workers_wait_two_minutes_for_a_broker_that_is_away_from_the_start() -> None:
    """The same for 120 seconds."""
    await _start_without_broker(120)


async def test_a_site_restarts_while_it_is_offline() -> None:
    """What a site took while the bus was away survives its own death, and leaves when the bus is back."""
    async with running_bus() as bus:
        author = Author("offline")
        poster = bus.poster()
        await bus.parts["kafka"].end()
        await poster.flow(author.notices(60))
        for name in SITES:
            bus.parts[name].kill()
        await poster.flow(author.notices(60))
        assert await bus.archived() == 0
        await bus.parts["kafka"].start()
        await settled(bus, poster.promises)


async def _start_without_broker(seconds: float) -> None:
    async with running_bus() as bus:
        author = Author(f"away {seconds}")
        # The sites have met the region once: they hold a registry, as a site does that was installed before the outage.
        async with flowing(bus, author.notices(4 * len(SOURCES))) as first:
            pass
        await settled(bus, first.poster.promises)
        await _stop_all(bus)
        for name in (*WORKERS, *SITES):
            bus.parts[name].left.clear()
            await bus.parts[name].start()
        began = [bus.parts[name].started for name in WORKERS]
        await first.poster.flow(author.notices(100))
        assert await bus.archived() == 4 * len(SOURCES)
        await elapses(max(began), seconds)
        await bus.parts["kafka"].start()
        await settled(bus, first.poster.promises)
        left = {name: bus.parts[name].unwished for name in (*WORKERS, *SITES)}
        print(f"\nbroker away for {seconds:.0f} s from the start; processes that left: {left}")
        assert all(times <= 1 for times in left.values()), f"a restart storm: {left}"


async def _stop_all(bus: Bus) -> None:
    for name in (*SITES, *WORKERS):
        await bus.parts[name].stop()
    await bus.parts["kafka"].end()
