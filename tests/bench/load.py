"""The input of every row: signed notices that no process has seen before, a tenth of them twice, how to send them."""

import random
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, Message, Producer

from tamani.core.names import inbound
from tests.support.authors import Author, Signed, Signer
from tests.support.notices import SOURCES

THREADS = 600
DUPLICATES = 0.10


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, in order: `distinct` notices and their repeats."""

    records: tuple[Signed, ...]
    distinct: int

    @property
    def repeats(self) -> int:
        """How many were said before."""
        return len(self.records) - self.distinct


def make_load(distinct: int) -> Load:
    """Fresh notices (the seed is new each time) of all bodies, each repeat a little after its first sending."""
    author = Author(secrets.token_hex(8), threads=THREADS)
    signer = Signer()
    chance = random.Random(author.fresh_id())
    records: list[Signed] = []
    for number in range(distinct):
        records.append(signer.sign(author.notice()))
        # So many that a tenth of everything sent is a repeat.
        if chance.random() < DUPLICATES / (1 - DUPLICATES):
            records.append(records[max(0, len(records) - 1 - chance.randrange(min(number + 1, 500)))])
    return Load(tuple(records), distinct)


def check_load(load: Load) -> dict[str, int]:
    """What the load is, in numbers; it must be what the page says it is."""
    keys = {record.event.source for record in load.records}
    subjects = {record.event.subject for record in load.records}
    sizes = sorted(len(record.value) for record in load.records)
    median = sizes[len(sizes) // 2]
    assert len(keys) >= 9
    assert len(keys) == len(SOURCES)
    assert len(subjects) >= 500
    assert 1500 <= median <= 1900
    assert 0.08 <= load.repeats / len(load.records) <= 0.12
    return {"keys": len(keys), "subjects": len(subjects), "median": median, "largest": sizes[-1]}


@dataclass(frozen=True, slots=True)
class Sending:
    """How many records were sent, and how long it took until the broker had them (seconds)."""

    records: int
    seconds: float


class Refusing:
    """Remembers the first record that the broker did not take."""

    def __init__(self) -> None:
        self.error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, _: Message) -> None:
        self.error = self.error or error


def endless() -> Iterator[Signed]:
    """Fresh notices of all bodies, for as long as somebody wants more."""
    author, signer = Author(secrets.token_hex(8), threads=THREADS), Signer()
    while True:
        yield signer.sign(author.notice())


def send(
    records: Iterable[Signed],
    client: Mapping[str, str | int],
    per_second: int | None = None,
    stop: threading.Event | None = None,
) -> Sending:
    """Produce everything as nodes do (acks=all, idempotent, lz4).

    As fast as the broker takes it, or `per_second`; until the end, or until `stop` is set.
    """
    options = {"acks": "all", "enable.idempotence": "true", "compression.type": "lz4", "linger.ms": "5"}
    limits = {"queue.buffering.max.messages": "2000000", "queue.buffering.max.kbytes": "2000000"}
    producer = Producer({**client, **options, **limits})
    refused = Refusing()
    began, number = time.monotonic(), 0
    for number, record in enumerate(records, 1):
        if stop is not None and stop.is_set():
            break
        if per_second is not None and (early := began + (number - 1) / per_second - time.monotonic()) > 0:
            time.sleep(early)
        event = record.event
        producer.produce(inbound(event.country, event.lane), record.value, record.key, on_delivery=refused)
        producer.poll(0)
    assert producer.flush(120) == 0
    assert refused.error is None, refused.error
    return Sending(number, time.monotonic() - began)
