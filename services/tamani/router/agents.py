"""The router's Faust: one agent a lane, from the inbound topics of all origins to the forwarder."""

from collections.abc import Sequence

from faust.types import EventT

from tamani.core.names import Country, Lane, inbound, inbound_of
from tamani.core.receipt import Inbound
from tamani.router.forwarder import Forwarder
from tamani.router.route import Arrival
from tamani.runtime.faust_app import WorkerApp, add_agent

BATCH = 500


def register(app: WorkerApp, forwarder: Forwarder) -> None:
    """Have the inbound topics of each lane worked through."""

    async def handle(batch: Sequence[EventT]) -> None:
        await forwarder.forward([arrival(event) for event in batch])

    for lane in Lane:
        add_agent(app, f"route-{lane}", [inbound(country, lane) for country in Country], handle, BATCH)


def arrival(event: EventT) -> Arrival:
    """What Kafka gave, without Faust. A record without a value is an empty one: it is refused, like any other."""
    message = event.message
    country, lane = inbound_of(message.topic)
    place = Inbound.model_construct(topic=message.topic, partition=message.partition, offset=message.offset)
    return Arrival(country, lane, place, message.key, message.value or b"")
