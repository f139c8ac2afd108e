"""A node's sign of life: for each key that counts, valid, directly on the bus, and never at a notice's expense."""

import asyncio

import pytest

from tamani.core.judge import judge
from tamani.core.names import Country, Lane
from tamani.core.verdict import Forward
from tamani.node.heartbeat import Heartbeat
from tamani.node.link import Link
from tamani.runtime.fakes import InMemoryBus
from tests.support.notices import COMMISSION_ML, SOURCES, api_body, key_row, registry
from tests.support.posting import Posting
from tests.support.waiting import until

OURS = {source for source in SOURCES if source.startswith("/ml/")}


@pytest.fixture
def bus() -> InMemoryBus:
    """A bus of the test's own."""
    return InMemoryBus()


async def beat(node: Posting, bus: InMemoryBus, link: Link | None, records: int) -> list[bytes]:
    """Let it beat until so many records are there, then stop it."""
    stop = asyncio.Event()
    task = asyncio.create_task(Heartbeat(node.ground, lambda: link).run(stop, every_seconds=0.02))

    async def there() -> bool:
        assert not task.done(), task.exception()
        return len(bus.records("inbound.ml")) >= records

    await until(there, f"{records} beats", 10)
    stop.set()
    await task
    return [record.value for record in bus.records("inbound.ml")]


async def test_each_key_gives_a_sign_of_life_that_the_region_accepts(node: Posting, bus: InMemoryBus) -> None:
    """What waits is said, per lane; the outbox holds none of it and no number is used up."""
    async with node.client(COMMISSION_ML) as client:
        for kind in ("agenda.meeting", "agenda.meeting", "monitor.alert"):
            await client.post("/v1/messages", json=api_body(kind))
        values = await beat(node, bus, await bus.connect(), 3)
        after = (await client.post("/v1/messages", json=api_body())).json()
    verdicts = [judge(value, Country.ML, Lane.NORMAL, registry()) for value in values]
    events = [verdict.event for verdict in verdicts if isinstance(verdict, Forward)]
    assert {event.source for event in events} == OURS
    assert {event.kind for event in events} == {"heartbeat"}
    assert {(event.data["waiting"], event.data["waiting_urgent"]) for event in events} == {(2, 1)}
    assert len(await node.rows()) == 4
    assert after["sequence"] == "3"


async def test_a_key_that_does_not_count_is_silent(node: Posting, bus: InMemoryBus) -> None:
    """A suspended key must not make refusals."""
    keys = [key_row(source, state="suspended" if source == COMMISSION_ML else "active") for source in SOURCES]
    node.known.append(registry(version=2, keys=keys))
    values = await beat(node, bus, await bus.connect(), 4)
    said = [judge(value, Country.ML, Lane.NORMAL, registry()) for value in values]
    assert {verdict.event.source for verdict in said if isinstance(verdict, Forward)} == OURS - {COMMISSION_ML}


async def test_without_a_bus_a_beat_is_left_out(node: Posting, bus: InMemoryBus) -> None:
    """No link, or one that fails: the task goes on."""
    link = await bus.connect()
    bus.up = False
    stop = asyncio.Event()
    asked = 0

    def now_and_then() -> Link | None:
        nonlocal asked
        asked += 1
        return link if asked % 2 else None

    task = asyncio.create_task(Heartbeat(node.ground, now_and_then).run(stop, every_seconds=0.01))

    async def several() -> bool:
        assert not task.done()
        return asked > 6

    await until(several, "several beats were due", 10)
    stop.set()
    await task
    assert bus.records("inbound.ml") == []
