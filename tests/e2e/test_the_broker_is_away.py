"""The broker is away from the start, or for long: sites go on taking notices, workers wait, and all of it arrives."""

import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.notices import SOURCES
from tests.support.oracle import settled
from tests.support.poster import Poster
from tests.support.telling import Tell
from tests.support.waiting import elapses

WORKERS = ("router-1", "archive-1")
SITES = tuple(f"site-{country}" for country in Country)

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_workers_wait_for_a_broker_that_is_away_from_the_start(tell: Tell) -> None:
    """Twenty seconds without a broker: notices are taken, no worker leaves more than once."""
    await _start_without_broker(20, tell)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_workers_wait_two_minutes_for_a_broker_that_is_away_from_the_start(tell: Tell) -> None:
    """The same for 120 seconds."""
    await _start_without_broker(120, tell)


async def test_a_site_restarts_while_it_is_offline() -> None:
    """What a site took while the bus was away survives its own death, and leaves when the bus is back."""
    async with running_bus() as bus:
        author = Author("offline")
        poster = await _met_once(bus, author)
        before = await bus.archived()
        await bus.parts["kafka"].end()
        await poster.flow(author.notices(60))
        for name in SITES:
            bus.parts[name].kill()
        await poster.flow(author.notices(60))
        assert await bus.archived() == before
        await bus.parts["kafka"].start()
        await settled(bus, poster.promises)


async def _start_without_broker(seconds: float, tell: Tell) -> None:
    async with running_bus() as bus:
        author = Author(f"away {seconds}")
        poster = await _met_once(bus, author)
        before = await bus.archived()
        await _stop_all(bus)
        for name in (*WORKERS, *SITES):
            bus.parts[name].left.clear()
            await bus.parts[name].start()
        began = [bus.parts[name].started for name in WORKERS]
        await poster.flow(author.notices(100))
        assert await bus.archived() == before
        await elapses(max(began), seconds)
        await bus.parts["kafka"].start()
        await settled(bus, poster.promises)
        left = {name: bus.parts[name].unwished for name in (*WORKERS, *SITES)}
        tell(f"broker away for {seconds:.0f} s from the start; processes that left: {left}")
        assert all(times <= 1 for times in left.values()), f"a restart storm: {left}"


async def _met_once(bus: Bus, author: Author) -> Poster:
    """Every site has met the region and holds a registry, as one does that was installed before the outage."""
    poster = bus.poster()
    await poster.flow(author.notices(4 * len(SOURCES)))
    await settled(bus, poster.promises)
    return poster


async def _stop_all(bus: Bus) -> None:
    for name in (*SITES, *WORKERS):
        await bus.parts[name].stop()
    await bus.parts["kafka"].end()
