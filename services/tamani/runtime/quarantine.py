"""What we, not the sender, failed on: kept for 30 days with its bytes, for operators alone, and put back by them.

A record held is written before its source is acknowledged. Putting it back means producing the same bytes to the
inbound topic of its origin: they are judged and archived as if they came for the first time.
"""

import asyncio
import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tamani.core.errors import DefectError, OutageError
from tamani.core.event import format_time
from tamani.core.names import QUARANTINE
from tamani.runtime.kafka import Producer, admin_config
from tamani.runtime.sender import Outgoing
from tamani.runtime.settings import ServiceSettings

WAIT = 10.0


class Held(BaseModel):
    """One record set aside: by whom and why, where it stood, where it goes back to, and its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    code: str
    detail: str = ""
    at: str
    by: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    back_to: str | None = None
    key: str | None = None
    value: str

    @property
    def raw(self) -> bytes:
        """The exact bytes."""
        return base64.b64decode(self.value)

    @property
    def raw_key(self) -> bytes | None:
        """The key they had."""
        return base64.b64decode(self.key) if self.key is not None else None


def hold(
    by: str,
    *,
    code: str,
    detail: str,
    place: tuple[str, int, int],
    key: bytes | None,
    value: bytes,
    back_to: str | None,
    at: datetime,
) -> Outgoing:
    """The record to send to the quarantine for what stood at `place` (topic, partition, offset)."""
    topic, partition, offset = place
    held = Held(
        code=code,
        detail=detail[:400],
        at=format_time(at),
        by=by,
        topic=topic,
        partition=partition,
        offset=offset,
        back_to=back_to,
        key=base64.b64encode(key).decode() if key is not None else None,
        value=base64.b64encode(value).decode(),
    )
    return Outgoing(QUARANTINE, None, held.model_dump_json(exclude_none=True).encode())


def read_held(settings: ServiceSettings) -> Iterator[tuple[int, Held]]:
    """Everything in quarantine at this moment, by its number there.

    Raises:
        OutageError: `failed.broker`.
        DefectError: `failed.quarantine`, something else lies there.
    """
    config = admin_config(settings) | {"group.id": "operator", "enable.auto.commit": "false"}
    consumer = Consumer(config)
    place = TopicPartition(QUARANTINE, 0)
    try:
        low, high = consumer.get_watermark_offsets(place, timeout=WAIT)
        consumer.assign([TopicPartition(QUARANTINE, 0, OFFSET_BEGINNING)])
        number = low - 1
        while number < high - 1:
            message = consumer.poll(WAIT)
            error = message.error() if message else None
            if error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                continue  # librdkafka asks for a group that operators need not have
            if message is None or error is not None:
                raise OutageError("failed.broker", error.name() if error else "quarantine")
            number = message.offset()
            yield number, _decode(message.value() or b"")
    except KafkaException as error:
        raise OutageError("failed.broker", error.args[0].name()) from error
    finally:
        consumer.close()


def _decode(value: bytes) -> Held:
    try:
        return Held.model_validate_json(value)
    except ValidationError as error:
        raise DefectError("failed.quarantine", str(error)[:200]) from error


async def put_back(settings: ServiceSettings, producer: Producer, number: int) -> Held:
    """Produce the bytes of this record to where they came in; they stay in quarantine until its retention ends.

    Raises:
        OutageError: `failed.broker`.
        DefectError: `failed.quarantine`, no such record, or nobody knows where it had come in.
    """
    found = await asyncio.to_thread(lambda: dict(read_held(settings)).get(number))
    if found is None or found.back_to is None:
        raise DefectError("failed.quarantine", str(number))
    await producer.send(found.back_to, found.raw_key, found.raw, (("retry", b"%d" % number),))
    return found
