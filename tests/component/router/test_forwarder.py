"""A batch through the router: judged with a registry that is new enough, sent in order, or not at all."""

import asyncio
from typing import Any

import pytest

from tamani.core.judge import judge
from tamani.core.names import QUARANTINE, Country, Lane, inbound, receipts, regional
from tamani.core.receipt import Inbound, decode_receipt
from tamani.router import route
from tamani.router.forwarder import Forwarder
from tamani.router.limit import Limit, Refusals
from tamani.router.metrics import Metrics
from tamani.router.route import Arrival
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, SOURCES, Speaker, key_of, registry, seal
from tests.support.region import NOW, StillRegistry
from tests.support.waiting import until

ONE_PARTITION = {regional(lane): 1 for lane in Lane} | {receipts(country): 1 for country in Country}


def forwarder(bus: InMemoryBus, rights: StillRegistry | None = None, limit: Limit | None = None) -> Forwarder:
    """A forwarder onto this bus."""
    refusals = Refusals(limit or Limit())
    return Forwarder(rights or StillRegistry(), InMemorySender(bus), refusals, Metrics(), lambda: NOW)


def arrivals(values: list[bytes], country: Country = Country.ML, first: int = 0) -> list[Arrival]:
    """These values on the country's normal lane."""
    topic = inbound(country)
    return [
        Arrival(country, Lane.NORMAL, Inbound(topic=topic, partition=0, offset=first + n), b"", value)
        for n, value in enumerate(values)
    ]


async def test_good_neighbours_go_on_in_order_and_bad_ones_are_answered() -> None:
    """Nothing stops the partition."""
    bus, speaker = InMemoryBus(ONE_PARTITION), Speaker()
    good = [speaker.seals(subject="agenda/fil") for _ in range(40)]
    batch = [value for pair in zip(good, [b"bad %d" % n for n in range(40)], strict=True) for value in pair]
    await forwarder(bus).forward(arrivals(batch))

    assert [record.value for record in bus.records(regional())] == good
    answers = [decode_receipt(record.value) for record in bus.records(receipts(Country.ML))]
    assert [answer.code for answer in answers] == ["refused.json"] * 40
    assert [answer.inbound.offset for answer in answers if answer.inbound] == [*range(1, 80, 2)]


async def test_a_key_enrolled_a_moment_ago_is_not_refused() -> None:
    """Before refusing for what the registry says, it is read once more, after the record had come."""
    bus = InMemoryBus(ONE_PARTITION)
    rights = StillRegistry(registry(sources=SOURCES[1:]), later=registry(version=2))
    await forwarder(bus, rights).forward(arrivals([Speaker(SOURCES[0]).seals()]))

    assert rights.asked == 1
    assert len(bus.records(regional())) == 1


async def test_broken_bytes_are_refused_without_asking_again() -> None:
    """A flood of rubbish must not make the registry's topic a bottleneck."""
    bus, rights = InMemoryBus(ONE_PARTITION), StillRegistry()
    await forwarder(bus, rights).forward(arrivals([b"rubbish"] * 50))

    assert rights.asked == 0
    assert len(bus.records(receipts(Country.ML))) == 50


async def test_nothing_is_done_before_the_broker_has_it() -> None:
    """`forward` returns after the acknowledgement; until then nothing is acknowledged to Kafka either."""
    bus = InMemoryBus(ONE_PARTITION)
    bus.up = False
    working = asyncio.create_task(forwarder(bus).forward(arrivals([Speaker().seals()])))
    await asyncio.wait({working}, timeout=0.2)
    assert not working.done()
    bus.up = True
    await asyncio.wait_for(working, 10)

    assert len(bus.records(regional())) == 1


async def test_a_bug_in_the_judge_sets_one_record_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held, answered, and the rest goes on."""
    bus, speaker = InMemoryBus(ONE_PARTITION), Speaker()
    values = [speaker.seals() for _ in range(12)]

    def buggy(value: bytes, *rest: Any) -> Any:
        if value == values[5]:
            raise KeyError("a bug")
        return judge(value, *rest)

    monkeypatch.setattr(route, "judge", buggy)
    await forwarder(bus).forward(arrivals(values))

    assert [record.value for record in bus.records(regional())] == values[:5] + values[6:]
    assert len(bus.records(QUARANTINE)) == 1
    assert [decode_receipt(r.value).code for r in bus.records(receipts(Country.ML))] == ["held.internal"]


async def test_at_its_limit_a_worker_stands_still_with_the_batch_unanswered() -> None:
    """Nearly all of two origins refused with one code: that is us. Nothing more is refused, nothing acknowledged."""
    bus = InMemoryBus(ONE_PARTITION)
    lost = StillRegistry(registry(sources=(SOURCES[-1],)))
    worker = forwarder(bus, lost, Limit(window=30, share=0.95, origins=2))
    malian = [Speaker(COMMISSION_ML).seals() for _ in range(30)]
    await worker.forward(arrivals(malian))
    nigerien = [Speaker(COMMISSION_NE).seals() for _ in range(30)]
    working = asyncio.create_task(worker.forward(arrivals(nigerien, Country.NE)))

    async def halted() -> bool:
        return worker.halted is not None

    await until(halted, "it stands still")
    assert worker.halted == "refused.key.unknown"
    assert not working.done()
    assert bus.records(receipts(Country.NE)) == []
    working.cancel()


async def test_a_flood_of_forgeries_from_one_origin_is_refused_to_the_last() -> None:
    """However many, they stop nobody; good notices among them go on."""
    bus = InMemoryBus(ONE_PARTITION)
    worker = forwarder(bus, limit=Limit(window=30, share=0.95, origins=2))
    forged = [seal(Speaker().says(), key_of("a forger")) for _ in range(200)]
    await worker.forward(arrivals(forged))
    await worker.forward(arrivals([Speaker().seals()], first=200))

    assert len(bus.records(receipts(Country.ML))) == 200
    assert len(bus.records(regional())) == 1
