"""Send batches to Kafka: in the order given, and done only when the broker has every record.

Unlike the `Producer` port, which tells its caller of an outage, a sender waits: the workers of the region have nothing
better to do than to stay where they are until the broker is back. Built on librdkafka, which costs a tenth of the CPU.
"""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from tamani.runtime.kafka import Headers, admin_config
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)
FIRST_WAIT = 0.1
FULL_WAIT = 0.01
LONGEST_WAIT = 5.0
LARGEST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()


class Sender(Protocol):
    """What a worker needs of the broker."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Return when the broker has acknowledged every record, however long it is away."""
        ...


class _Batch:
    """The records of one call that are still under way; `done` is called in the poller's thread too."""

    def __init__(self, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self._left = size
        self._loop = loop
        self._lock = threading.Lock()
        self.error: KafkaError | None = None
        self.ended = asyncio.Event()

    def done(self, error: KafkaError | None, _message: Message | None) -> None:
        with self._lock:
            self.error = self.error or error
            self._left -= 1
            last = self._left == 0
        if last:
            self._loop.call_soon_threadsafe(self.ended.set)


class _Line:
    """One librdkafka producer, until it fails for good."""

    def __init__(self, config: dict[str, str]) -> None:
        self.failed = False
        self._producer = Producer(config)

    @property
    def spent(self) -> bool:
        """Whether it has failed, and has told of every record what became of it."""
        return self.failed and len(self._producer) == 0

    def produce(self, record: Outgoing, batch: _Batch) -> None:
        """Hand over one record; `batch` hears of it from `poll`."""
        headers = list(record.headers) or None
        self._producer.produce(record.topic, record.value, record.key, on_delivery=batch.done, headers=headers)

    def poll(self, seconds: float) -> None:
        """Have the answers told that have come. What librdkafka cannot recover from is raised here, in our thread."""
        try:
            self._producer.poll(seconds)
        except KafkaException as error:
            log.error("producer failed for good", error=error.args[0].str())
            self.give_up()

    def give_up(self) -> None:
        """Have told of what still waits in a producer that failed for good: librdkafka would leave it there."""
        if not self.failed:
            self.failed = True
            self._producer.purge(blocking=False)


class KafkaSender:
    """Idempotent, `acks=all`, never giving up on a record by time; a producer that fails for good is replaced."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._config = admin_config(settings) | {
            "enable.idempotence": "true",
            "acks": "all",
            "compression.type": "lz4",
            "partitioner": "murmur2_random",  # as every other client of ours: a thread stays on its partition
            "message.timeout.ms": "0",
            "message.max.bytes": str(LARGEST),
            "linger.ms": "1",
            "queue.buffering.max.messages": "20000",
            "queue.buffering.max.kbytes": "65536",
        }
        # The last is in use; earlier ones failed for good and only tell what became of their records.
        self._lines = [_Line(self._config)]
        self._closed = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="kafka-sender", daemon=True)
        self._poller.start()

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """See `Sender.send_all`. A failed batch is sent again from its first record, so that no thread is reordered."""
        wait = FIRST_WAIT
        while error := await self._try(records, line := self._lines[-1]):
            fatal = line.failed or _is_fatal(error)
            log.error("broker refused a batch", error=error.name(), fatal=fatal, again_in=wait)
            if fatal and line is self._lines[-1]:
                line.give_up()
                self._lines = [*(line for line in self._lines if not line.spent), _Line(self._config)]
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def stop(self) -> None:
        """Let go of the broker; what no call waits for any more is dropped."""
        self._closed.set()
        await asyncio.to_thread(self._poller.join)

    async def _try(self, records: Sequence[Outgoing], line: _Line) -> KafkaError | None:
        if not records:
            return None
        batch = _Batch(len(records), asyncio.get_running_loop())
        for record in records:
            while not _handed_over(line, record, batch):  # noqa: ASYNC110 - librdkafka does not tell of free space
                await asyncio.sleep(FULL_WAIT)
        await batch.ended.wait()
        return batch.error

    def _poll(self) -> None:
        while not self._closed.is_set():
            *failed, current = self._lines
            for line in failed:
                line.poll(0)
            current.poll(0.2)


def _is_fatal(error: KafkaError) -> bool:
    """Whether the producer will never send again. One that has failed for good says so by code, not by flag."""
    return bool(error.fatal() or error.code() == KafkaError._FATAL)


def _handed_over(line: _Line, record: Outgoing, batch: _Batch) -> bool:
    """False if the queue is full: the broker is away, or slower than we."""
    try:
        line.produce(record, batch)
    except BufferError:
        return False
    except KafkaException as error:
        batch.done(error.args[0], None)
    return True
