"""Notices thrown at a region of real processes, and an oracle of what must have become of each of them.

There is no node here: what nodes promise is tested end to end. The oracle reads topics from offset 0 and the ledger as
plain rows, and decodes with the standard library.
"""

import asyncio
import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from confluent_kafka import Producer

from tamani.core.names import Country, feed, inbound, partition_key, receipts
from tests.support.authors import Author, Signed, Signer
from tests.support.bus import Bus, stores_only
from tests.support.kafka_reader import read_topic
from tests.support.oracle import opened
from tests.support.waiting import reaches, until


@asynccontextmanager
async def region(*workers: str) -> AsyncIterator[Bus]:
    """Kafka, PostgreSQL and these workers."""
    async with stores_only(()) as bus:
        await bus.add(*workers)
        yield bus


class Crowd:
    """Signed notices of many bodies over many threads, and producers that speak as the nodes of their origins."""

    def __init__(self, bus: Bus, seed: str, threads: int = 60) -> None:
        self._bus = bus
        self._author, self._signer = Author(seed, threads=threads), Signer()
        self.said: list[Signed] = []
        self._producers: dict[Country, Producer] = {}

    def signed(self, count: int) -> list[Signed]:
        """The next notices, not yet sent."""
        return [self._signer.sign(notice) for notice in self._author.notices(count)]

    async def say(self, count: int, pause: float = 0.0) -> None:
        """Sign and send so many, each acknowledged by the broker; `pause` seconds between hundreds of them."""
        for one in self.signed(count):
            self.send(one.event.country, inbound(one.event.country, one.event.lane), one.value, one.key)
            self.said.append(one)
            if len(self.said) % 100 == 0:
                await self.flush()
                await asyncio.sleep(pause)
        await self.flush()

    async def resend(self, said: Iterable[Signed]) -> None:
        """Send what was said before once more, byte for byte, as a node without a receipt does."""
        for one in said:
            self.send(one.event.country, inbound(one.event.country, one.event.lane), one.value, one.key)
        await self.flush()

    def send(self, country: Country, topic: str, value: bytes, key: bytes = b"") -> None:
        """Hand any bytes to the node of a country; they leave in order."""
        self._producer(country).produce(topic, value, key)
        self._producer(country).poll(0)

    async def flush(self) -> None:
        """Wait until the broker has all of it."""
        for producer in self._producers.values():
            assert await asyncio.to_thread(producer.flush, 180) == 0

    def _producer(self, country: Country) -> Producer:
        if country not in self._producers:
            settings = self._bus.kafka.confluent(f"node.{country}") | {"enable.idempotence": True, "linger.ms": 2}
            self._producers[country] = Producer(settings | {"partitioner": "murmur2_random", "message.timeout.ms": 0})
        return self._producers[country]


async def rows(bus: Bus, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """Rows of a query on the ledger."""
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        return await (await connection.execute(query, arguments)).fetchall()


async def archived(bus: Bus, least: int, seconds: float = 180) -> int:
    """Wait until the ledger holds so many."""
    return await reaches(bus.archived, least, "notices archived", seconds)


async def published(bus: Bus, seconds: float = 90) -> None:
    """Wait until everything in the ledger has been told."""
    query = """SELECT h.answers - p.answers + coalesce((
            SELECT sum((f.value->>0)::bigint - coalesce((p.feeds->>f.key)::bigint, 0)) FROM jsonb_each(h.feeds) f
        ), 0) FROM log_head h, publisher p"""

    async def done() -> bool:
        return bool((await rows(bus, query))[0][0] == 0)

    await until(done, "everything is published", seconds)


def records(bus: Bus, topic: str) -> list[dict[str, Any]]:
    """Every record of a topic, as JSON."""
    return [json.loads(record.value) for record in read_topic(bus.kafka.confluent(), topic)]


def mirrored(bus: Bus, country: Country) -> dict[int, dict[str, Any]]:
    """What a reader of a feed holds in the end, by the rule of epochs: index to entry."""
    held: dict[int, dict[str, Any]] = {}
    epoch = 0
    for entry in records(bus, feed(country)):
        if entry["epoch"] > epoch:
            epoch = entry["epoch"]
            held = {index: kept for index, kept in held.items() if index < entry["feed_index"]}
        if entry["epoch"] == epoch:
            held.setdefault(entry["feed_index"], entry)
    return held


async def check(bus: Bus, said: Iterable[Signed]) -> None:
    """Each notice once with its very bytes, no hole anywhere, every thread in order, every value answered, feeds whole.

    Raises:
        AssertionError: one of these does not hold.
    """
    sent = list(said)
    await published(bus)
    ledger = await rows(bus, "SELECT log_index, envelope FROM ledger ORDER BY log_index")
    assert [index for index, _ in ledger] == [*range(len(ledger))], "a hole in the ledger"
    kept = [bytes(value) for _, value in ledger]
    assert len(kept) == len(set(kept)), "archived more than once"
    assert set(kept) == {one.value for one in sent}, "lost, or never said"
    _check_order(kept, sent)
    await _check_answers(bus, sent)
    for country in Country:
        await _check_feed(bus, country, kept)


def _check_order(kept: list[bytes], sent: list[Signed]) -> None:
    place = {value: index for index, value in enumerate(kept)}
    threads: dict[bytes, list[int]] = defaultdict(list)
    for one in sent:
        threads[partition_key(one.event.source, one.event.subject)].append(place[one.value])
    for indexes in threads.values():
        assert indexes == sorted(indexes), "a thread out of order"


async def _check_answers(bus: Bus, sent: list[Signed]) -> None:
    told: dict[str, set[str]] = defaultdict(set)
    for country in Country:
        for receipt in await asyncio.to_thread(records, bus, receipts(country)):
            told[receipt["value_sha256"]].add(receipt["verdict"])
    for one in sent:
        verdicts = told[hashlib.sha256(one.value).hexdigest()]
        assert verdicts & {"archived", "duplicate"}, f"{one.event.id} was never told that it is archived: {verdicts}"
        assert verdicts <= {"archived", "duplicate"}, f"{one.event.id} was told {verdicts}"


async def _check_feed(bus: Bus, country: Country, kept: list[bytes]) -> None:
    held = await asyncio.to_thread(mirrored, bus, country)
    query = "SELECT feed_index, mark, envelope FROM feed_entry JOIN ledger USING (log_index) WHERE cc = %s ORDER BY 1"
    expected = await rows(bus, query, country.value)
    entitled = [value for value in kept if opened(0, value).entitled(country)]
    assert [bytes(value) for _, mark, value in expected if mark is None] == entitled, f"{country}: not what it may read"
    assert sorted(held) == [index for index, _, _ in expected] == [*range(1, len(expected) + 1)], f"feed of {country}"
    for index, mark, envelope in expected:
        entry = held[index]
        assert entry["prev"] == (held[index - 1]["digest"] if index > 1 else ""), f"{country}: chain at {index}"
        assert entry.get("mark") == mark
        if mark is None:
            assert entry["envelope"].encode() == bytes(envelope), f"{country}: other bytes at {index}"
            payload = base64.b64decode(json.loads(entry["envelope"])["payload"])
            assert entry["digest"] == hashlib.sha256(payload).hexdigest()
