"""A compromise on a real bus: from the topic `registry` to every feed, through the death of the archive, and back."""

from collections import Counter
from typing import Any

import pytest
from confluent_kafka import Producer

from tamani.core.names import REGISTRY, Country, feed
from tests.support.bus import Bus
from tests.support.notices import COMMISSION_ML, SOURCES, START, key_row, registry_value
from tests.support.region_flow import Crowd, archived, published, records, region, rows
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]
SUSPECT = "SELECT count(*) FROM suspicion"
OF = "SELECT count(*) FROM ledger JOIN source_ref USING (source_no) WHERE source = %s"


def send(bus: Bus, version: int, **changes: Any) -> None:
    """The officers' next registry, in which the commission's key is so."""
    keys = [key_row(source, **(changes if source == COMMISSION_ML else {})) for source in SOURCES]
    producer = Producer(bus.kafka.confluent("registry"))
    producer.produce(REGISTRY, registry_value(version=version, keys=keys), b"registry")
    assert producer.flush(60) == 0


async def marks(bus: Bus) -> Counter[str]:
    """How often each feed was told of each mark."""
    await published(bus)
    entries = [entry for country in Country for entry in records(bus, feed(country)) if entry["kind"] == "mark"]
    return Counter(entry["mark"] for entry in entries)


async def test_a_compromise_reaches_every_feed_and_is_lifted_again() -> None:
    """The archive is killed as soon as it has heard; who read the notice is told once that it is suspect, then not."""
    async with region("router-1", "archive-1") as bus:
        crowd = Crowd(bus, "suspicion")
        await crowd.say(120)
        await archived(bus, 120)
        ((mine,),) = await rows(bus, OF, COMMISSION_ML)
        carried = "SELECT count(*) FROM feed_entry JOIN ledger USING (log_index) JOIN source_ref USING (source_no)"
        ((told,),) = await rows(bus, f"{carried} WHERE source = %s AND mark IS NULL", COMMISSION_ML)
        send(bus, 2, state="compromised", compromised_since=START)
        bus.parts["archive-1"].kill()
        await bus.parts["archive-1"].running()

        async def suspect(count: int) -> bool:
            return await rows(bus, SUSPECT) == [(count,)]

        await until(lambda: suspect(mine), "all that the key said is suspect", 60)
        after_compromise = await marks(bus)
        send(bus, 3)
        await until(lambda: suspect(0), "nothing is suspect any more", 60)
        after_all = await marks(bus)
        ((kept,),) = await rows(bus, "SELECT count(*) FROM ledger")

    assert mine > 3
    assert after_compromise == {"suspect": told}
    assert after_all == {"suspect": told, "cleared": told}
    assert kept == 120
