"""A store is away from the start, or for long: sites go on taking notices, workers wait, and all of it arrives."""

import time

import pytest

from tamani.core.names import Country
from tests.support.authors import Author
from tests.support.bus import Bus, running_bus
from tests.support.leaving import ends_of_themselves
from tests.support.notices import SOURCES
from tests.support.oracle import open_rows, settled
from tests.support.poster import Poster
from tests.support.telling import Tell
from tests.support.waiting import elapses

WORKERS = ("router-1", "archive-1")
SITES = tuple(f"site-{country}" for country in Country)

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(900)]


async def test_workers_wait_for_a_store_that_is_away(tell: Tell) -> None:
    """Twenty seconds without a broker, from the start, then without PostgreSQL: nobody leaves more than once."""
    await _without_a_store(20, tell)


@pytest.mark.long
async def test_workers_wait_two_minutes_for_a_store_that_is_away(tell: Tell) -> None:
    """The same for 120 seconds each."""
    await _without_a_store(120, tell)


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


async def _without_a_store(seconds: float, tell: Tell) -> None:
    async with running_bus() as bus:
        author = Author(f"away {seconds}")
        poster = await _met_once(bus, author)
        await _start_without_broker(bus, poster, author, seconds)
        tell(f"broker away for {seconds:.0f} s from the start; {ends_of_themselves(bus, {'kafka': 1})}")
        await _go_on_without_postgres(bus, poster, author, seconds)
        tell(f"PostgreSQL away for {seconds:.0f} s; {ends_of_themselves(bus, {'postgres': 1})}")


async def _start_without_broker(bus: Bus, poster: Poster, author: Author, seconds: float) -> None:
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


async def _go_on_without_postgres(bus: Bus, poster: Poster, author: Author, seconds: float) -> None:
    """Every site takes notices meanwhile, and says of each that it waits or was sent; nothing is refused."""
    before = await bus.archived()
    for part in bus.parts.values():
        part.left.clear()
    began = time.monotonic()
    await bus.parts["postgres"].end()
    await poster.flow(author.notices(100))
    assert {row[1] for country in Country for row in open_rows(bus, country)} <= {"waiting", "sent"}
    assert sum(len(open_rows(bus, country)) for country in Country) == 100, "somebody answered without a ledger"
    await elapses(began, seconds)
    await bus.parts["postgres"].start()
    await settled(bus, poster.promises)
    assert await bus.archived() == before + 100


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
