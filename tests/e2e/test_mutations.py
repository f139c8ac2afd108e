"""Hostile values into the real Kafka, each between valid notices of its partition: none harms its neighbours.

Seventeen classes, 64 of each, and 64 registry documents that would enrol a key of low order. Every value gets the
receipt of its class, and on a redelivery the same again; every valid neighbour is archived, once; nothing is held.
"""

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain

import httpx
import psycopg
import pytest
from confluent_kafka import Producer

from tamani.core.names import QUARANTINE, REGISTRY, Country, inbound, receipts
from tamani.core.receipt import Receipt, decode_receipt
from tests.support.bus import Bus, stores_only
from tests.support.kafka_reader import end_offsets, read_topic
from tests.support.mutations import EACH, FAMILIES, Mutation, mutations, table, weak_registries
from tests.support.notices import registry_value
from tests.support.telling import Tell
from tests.support.waiting import until

WORKERS = ("router-1", "archive-1")
NODE = f"node.{Country.ML}"
# The version of the registry that must stand in the end; the one of every test is 1.
GOOD = 2
REFUSED = re.compile(r"registry refused +code=(\S+)")
# Until the signature holds nobody knows who spoke: an answer that named a body would let a forger name it.
NAMED = {
    "refused.source": False,
    "refused.origin": True,
    "refused.lane": True,
    "equivocation": True,
    "archived": True,
    "duplicate": True,
}

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@dataclass
class Sent:
    """What was produced: the mutations by digest (without their bytes, which are many), and the good neighbours."""

    mutated: dict[str, tuple[str, str]] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)

    def note(self, mutation: Mutation) -> None:
        """Remember one mutation and its neighbours."""
        self.mutated[mutation.digest] = mutation.family, mutation.code
        self.good |= {sha256(value).hexdigest() for value in (mutation.before, mutation.after)}


async def test_no_hostile_value_harms_its_neighbours(tell: Tell) -> None:
    async with stores_only(sites=()) as bus:
        await asyncio.to_thread(_send_registries, bus)
        await bus.add(*WORKERS)
        began = time.monotonic()
        sent = await asyncio.to_thread(_send, bus)
        answers = await _answers(bus, sent.mutated.keys() | sent.good)
        took = time.monotonic() - began
        tell(_each_has_its_code(sent, answers))
        _only_the_signed_are_named(answers)
        await _ledger_holds_the_good(bus, sent)
        await _nothing_was_held(bus)
        await _no_weak_key_was_enrolled(bus)
        tell(f"{len(sent.mutated)} mutations among {len(sent.good)} good notices, {took:.1f} s")
        assert {name: bus.parts[name].left for name in WORKERS} == {name: [] for name in WORKERS}


def _send_registries(bus: Bus) -> None:
    """A good document, then the weak ones under later versions: were one of them taken, its version would show."""
    values = [registry_value(version=GOOD), *weak_registries(first_version=GOOD + 1)]
    _produce(bus, "registry", ((REGISTRY, b"registry", value) for value in values))


async def _no_weak_key_was_enrolled(bus: Bus) -> None:
    """Each worker has met every weak document, refused it for its key, and holds the good one."""
    async with httpx.AsyncClient(timeout=10) as client:
        for name in WORKERS:
            health = (await client.get(f"http://127.0.0.1:{bus.ports[name]}/healthz")).json()
            assert health["registry"] == GOOD, name
            refused = Counter(REFUSED.findall((bus.folder / "logs" / f"{name}.log").read_text("utf-8")))
            # A worker that loses the broker reads the topic again.
            assert refused.keys() == {"refused.key.weak"}, f"{name}: {refused}"
            assert refused.total() >= EACH, f"{name}: {refused}"


def _send(bus: Bus) -> Sent:
    """Each mutation with a good notice before and after it, by one key: one partition, in this order."""
    sent = Sent()

    def records() -> Iterable[tuple[str, bytes, bytes]]:
        for mutation in mutations():
            sent.note(mutation)
            topic = inbound(Country.ML, mutation.lane)
            for value in (mutation.before, mutation.value, mutation.after):
                yield topic, mutation.key, value

    _produce(bus, NODE, records())
    return sent


def _produce(bus: Bus, principal: str, records: Iterable[tuple[str, bytes, bytes]]) -> None:
    settings = {"enable.idempotence": True, "message.max.bytes": 4_000_000, "compression.type": "gzip"}
    producer = Producer(bus.kafka.confluent(principal) | settings)
    failed: list[object] = []

    def delivered(error: object, _: object) -> None:
        if error is not None:
            failed.append(error)

    for topic, key, value in records:
        producer.produce(topic, value, key, on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(60) == 0
    assert failed == []


async def _answers(bus: Bus, owed: set[str]) -> dict[str, list[Receipt]]:
    """The receipts for Mali by the digest of what they answer, once there is one for every value sent."""

    def read() -> dict[str, list[Receipt]] | None:
        found: dict[str, list[Receipt]] = defaultdict(list)
        for record in read_topic(bus.kafka.confluent(), receipts(Country.ML)):
            receipt = decode_receipt(record.value)
            found[receipt.value_sha256].append(receipt)
        assert found.keys() <= owed
        return found if found.keys() == owed else None

    return await until(lambda: asyncio.to_thread(read), f"{len(owed)} receipts", 180, between=0.5)


def _each_has_its_code(sent: Sent, answers: dict[str, list[Receipt]]) -> str:
    """The table of classes and codes."""
    codes = {digest: {receipt.code for receipt in found} for digest, found in answers.items()}
    assert all("archived" in codes[digest] <= {"archived", "duplicate"} for digest in sent.good)
    rows = [(*expected, "+".join(codes[digest])) for digest, expected in sent.mutated.items()]
    assert [row for row in rows if row[1] != row[2]] == []
    assert Counter(family for family, _, _ in rows) == dict.fromkeys(FAMILIES, EACH)
    return table(rows)


def _only_the_signed_are_named(answers: dict[str, list[Receipt]]) -> None:
    for receipt in chain.from_iterable(answers.values()):
        told = [receipt.source, receipt.id, receipt.sequence, receipt.keyid, receipt.lane]
        if NAMED.get(receipt.code, False):
            assert None not in told, receipt
        else:
            assert set(told) == {None}, receipt


async def _ledger_holds_the_good(bus: Bus, sent: Sent) -> None:
    query = "SELECT (SELECT array_agg(encode(value_sha256, 'hex')) FROM ledger), (SELECT count(*) FROM equivocation)"
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        row = await (await connection.execute(query)).fetchone()
    assert row is not None
    digests, equivocations = row
    assert len(digests) == len(sent.good)
    assert set(digests) == sent.good
    assert equivocations == EACH


async def _nothing_was_held(bus: Bus) -> None:
    held = await asyncio.to_thread(end_offsets, bus.kafka.confluent(), QUARANTINE)
    assert sum(held.values()) == 0
