"""The archive's Faust: one agent a lane, from the regional stream to the lane's keeper."""

from collections.abc import Mapping, Sequence

from aiokafka import ConsumerRecord

from tamani.archive.keeper import Keeper
from tamani.archive.notice import Regional
from tamani.core.names import Lane, regional
from tamani.core.receipt import Inbound
from tamani.runtime.faust_app import Handle, WorkerApp, add_agent

BATCH = 500


def register(app: WorkerApp, keepers: Mapping[Lane, Keeper]) -> None:
    """Have each lane of the regional stream kept by its keeper."""
    for lane, keeper in keepers.items():
        add_agent(app, f"archive-{lane}", [regional(lane)], _handler(keeper), BATCH)


def _handler(keeper: Keeper) -> Handle:
    async def handle(batch: Sequence[ConsumerRecord]) -> None:
        await keeper.keep([regional_record(record) for record in batch])

    return handle


def regional_record(record: ConsumerRecord) -> Regional:
    """What Kafka gave, without Kafka. A record without a value is an empty one: it is refused, like any other."""
    text = next((value for name, value in record.headers if name == "inbound"), b"")
    inbound = Inbound.parse(text.decode("ascii", "replace")) if len(text) < 200 else None
    return Regional(record.topic, record.partition, record.offset, record.key, record.value or b"", inbound)
