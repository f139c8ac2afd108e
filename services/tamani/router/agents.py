"""The router's Faust: one agent a lane, from the inbound topics of all origins to the forwarder."""

from collections.abc import Sequence

from aiokafka import ConsumerRecord

from tamani.core.names import Country, Lane, inbound
from tamani.core.receipt import Inbound
from tamani.router.forwarder import Forwarder
from tamani.router.route import Arrival
from tamani.runtime.faust_app import WorkerApp, add_agent

BATCH = 500
ORIGINS = {inbound(country, lane): (country, lane) for country in Country for lane in Lane}


def register(app: WorkerApp, forwarder: Forwarder) -> None:
    """Have the inbound topics of each lane worked through."""

    async def handle(batch: Sequence[ConsumerRecord]) -> None:
        await forwarder.forward([arrival(record) for record in batch])

    for lane in Lane:
        add_agent(app, f"route-{lane}", [inbound(country, lane) for country in Country], handle, BATCH)


def arrival(record: ConsumerRecord) -> Arrival:
    """What Kafka gave, without Kafka. A record without a value is an empty one: it is refused, like any other."""
    country, lane = ORIGINS[record.topic]
    place = Inbound.model_construct(topic=record.topic, partition=record.partition, offset=record.offset)
    return Arrival(country, lane, place, record.key, record.value or b"")
