"""Our way to Kafka outside Faust: one producer port, the security of a connection, and outages as our own errors."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any, Protocol, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from tamani.core.errors import OutageError
from tamani.runtime.settings import ServiceSettings

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Ack:
    """The broker's word that it has the record."""

    topic: str
    partition: int
    offset: int


class Producer(Protocol):
    """What a service needs to send: an awaited answer of the broker, or `failed.broker`."""

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """Send one record and wait for the broker's acknowledgement.

        Raises:
            OutageError: `failed.broker`; whether the record was kept is unknown.
        """
        ...


def client_security(settings: ServiceSettings) -> dict[str, Any]:
    """The arguments that make an aiokafka client speak as this service."""
    tls = ssl.create_default_context(cafile=str(settings.kafka_ca_file)) if settings.kafka_ca_file else None
    if settings.kafka_username is None:
        return {"security_protocol": "SSL", "ssl_context": tls} if tls else {}
    return {
        "security_protocol": "SASL_SSL" if tls else "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password,
        **({"ssl_context": tls} if tls else {}),
    }


def admin_config(settings: ServiceSettings) -> dict[str, str]:
    """The configuration of a confluent-kafka client that speaks as this service (admin calls, cluster id)."""
    config = {"bootstrap.servers": settings.kafka_bootstrap, "log_level": "0"}
    if settings.kafka_username is not None:
        config |= {"sasl.mechanism": "PLAIN", "security.protocol": "SASL_PLAINTEXT"}
        config |= {"sasl.username": settings.kafka_username, "sasl.password": settings.kafka_password or ""}
    if settings.kafka_ca_file is not None:
        config |= {"ssl.ca.location": str(settings.kafka_ca_file)}
        config |= {"security.protocol": "SASL_SSL" if settings.kafka_username else "SSL"}
    return config


class KafkaProducer:
    """The real port: idempotent, `acks=all`, compressed."""

    def __init__(self, settings: ServiceSettings, *, timeout_ms: int = 60_000, **options: Any) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_request_size=4 * 1024 * 1024,
            request_timeout_ms=timeout_ms,
            **client_security(settings),
            **options,
        )

    async def start(self) -> Self:
        """Connect.

        Raises:
            OutageError: `failed.broker`.
        """
        try:
            await self._producer.start()
        except (KafkaError, OSError) as error:
            await self._producer.stop()
            raise OutageError("failed.broker", type(error).__name__) from error
        return self

    async def stop(self) -> None:
        """Flush and close."""
        await self._producer.stop()

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """See `Producer.send`."""
        try:
            done = await self._producer.send_and_wait(topic, value, key=key, headers=list(headers))
        except (KafkaError, OSError) as error:
            raise OutageError("failed.broker", type(error).__name__) from error
        return Ack(done.topic, done.partition, done.offset)


def make_consumer(settings: ServiceSettings, *topics: str, **options: Any) -> AIOKafkaConsumer:
    """A consumer without group, of committed records only, that starts where its owner seeks."""
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=settings.kafka_bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **client_security(settings),
        **options,
    )


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Close a consumer, whatever state it is in.

    While a broker is away, aiokafka 0.14 lets the cancellation of its own pending fetch out of `stop()`, which would
    end the task that called it as if somebody had cancelled that one; and its connections would stay open.
    """
    task = asyncio.current_task()
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        await consumer._client.close()
        if task is not None and task.cancelling():
            raise
