"""The archive finds out, and says so in its own voice: a number that lacks, a node that fell silent, two contents.

One story on one bus: nodes, router, archive, two witnesses and two desks, each a process of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from confluent_kafka import Producer

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.feed import decode_feed
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.log.merkle import leaf_hash, verify_inclusion
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.log.proof import Proof
from tamani.core.names import Country, Lane, feed, inbound, partition_key
from tamani.core.proven import Trust
from tamani.core.proving import prove
from tamani.embedded.archive_voice import SOURCE as ARCHIVE
from tests.support.bus import Bus, running_bus
from tests.support.kafka_reader import read_topic
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    OBSERVATORY_BF,
    TOWN_ML,
    TRUSTED,
    Speaker,
    key_of,
    seal,
)
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]
SITES = (Country.BF, Country.ML)
WORKERS = ("router-1", "archive-1", "witness-bf", "witness-ml")
SETTINGS = {
    "TAMANI_NODE_HEARTBEAT_SECONDS": "1",
    "TAMANI_ARCHIVE_GAP_SECONDS": "2",
    "TAMANI_ARCHIVE_SILENCE_SECONDS": "10",
}


async def test_the_archive_tells_what_it_finds_and_only_whom_it_concerns() -> None:
    """A hole and its end, a silence and its end, and once that there are two contents, with the evidence for it."""
    async with running_bus(SITES, WORKERS, evidence=True, settings=SETTINGS) as bus:
        hole = await a_number_lacks_until_it_comes(bus)
        await a_node_is_silent_until_it_is_heard(bus)
        contest = await one_id_has_two_contents(bus)
        await until(lambda: its_node_knows(bus), "Mali's node knows that its key has spoken elsewhere")
        await until(bus.published, "everything is published")
        assert fed(bus, hole) == {Country.ML}, "a hole is told to its body alone"
        assert fed(bus, contest) == {Country.BF, Country.ML}, "as the first content was"


async def its_node_knows(bus: Bus) -> bool:
    """What was produced here in the commission's name never went through the node that has its key."""
    async with httpx.AsyncClient(base_url=bus.url(Country.ML), timeout=20) as site:
        return bool((await site.get("/healthz")).json()["node"]["key_elsewhere"])


async def a_number_lacks_until_it_comes(bus: Bus) -> list[str]:
    """The node of Mali produces 1 and 3, later 2; the ids of what was said of it."""
    said = [Speaker(COMMISSION_ML).says(sequence=str(number)) for number in (1, 2, 3)]
    produce(bus, said[0], said[2])
    (lacks,) = await told(bus, COMMISSION_ML, numbers, 1)
    facts = {"about": COMMISSION_ML, "keyid": key_of(COMMISSION_ML).keyid, "lane": "normal", "first": 2, "last": 2}
    assert facts.items() <= lacks["data"].items()
    assert (lacks["data"]["status"], lacks["tlp"], lacks["audience"]) == ("missing", "AMBER", COMMISSION_ML)
    produce(bus, said[1])
    _, come = sorted(await told(bus, COMMISSION_ML, numbers, 2), key=lambda event: int(event["sequence"]))
    assert (come["data"]["status"], come["subject"]) == ("settled", lacks["subject"])
    for other in (TOWN_ML, COMMISSION_BF, None):
        assert [event for event in await archive_says(bus, other) if numbers(event)] == []
    return [lacks["id"], come["id"]]


async def a_node_is_silent_until_it_is_heard(bus: Bus) -> None:
    """Burkina Faso's site is stopped while Mali's beats on: each body whose node it is, is named."""
    mine = {COMMISSION_BF, OBSERVATORY_BF}
    await bus.parts["site-bf"].stop()
    silent = await told(bus, TOWN_ML, silence, 2)
    assert {(event["data"]["about"], event["data"]["status"]) for event in silent} == {(who, "missing") for who in mine}
    await bus.parts["site-bf"].start()
    heard = [event for event in await told(bus, TOWN_ML, silence, 4) if event["data"]["status"] == "settled"]
    assert {event["data"]["about"] for event in heard} == mine
    assert {event["subject"] for event in heard} == {event["subject"] for event in silent}
    await bus.parts["site-bf"].ready()


async def one_id_has_two_contents(bus: Bus) -> list[str]:
    """Both signed by Mali's commission, for itself and Burkina Faso's: what is said of it, once."""
    speaker = Speaker(COMMISSION_ML)
    first = speaker.says(sequence="4", tlp="AMBER", audience=COMMISSION_BF)
    second = replace(first, sequence="5", lang="en")
    values = produce(bus, first, second)
    for reader in (COMMISSION_ML, COMMISSION_BF):
        (said,) = await told(bus, reader, contest, 1)
        assert said["data"]["target"] == {"source": COMMISSION_ML, "id": first.id}
        assert (said["subject"], said["tlp"]) == (first.subject, "AMBER")
    for other in (TOWN_ML, OBSERVATORY_BF, None):
        assert [event for event in await archive_says(bus, other) if contest(event)] == []
    policy = (bus.folder / "log" / "policy").read_bytes()
    for member, kind, value in (("first_entry", "event", values[0]), ("second_entry", "equivocation", values[1])):
        assert said["data"][member] == env_of(decode_envelope(value)).hex()
        assert await in_the_log(bus, said["data"][member], parse_policy(policy)) == kind
    proven = prove(await proof_of(bus, said["id"]), Trust(policy, TRUSTED))
    assert proven.holds, proven.failed
    assert proven.event is not None
    assert (proven.event.source, proven.event.id) == (ARCHIVE, said["id"])
    assert await in_the_ledger(bus, said["type"]) == 1
    return [said["id"]]


def numbers(event: dict[str, Any]) -> bool:
    """What is said of a hole."""
    return bool(event["type"] == "tamani.system.absence.v1" and event["profile"] == "numeros")


def silence(event: dict[str, Any]) -> bool:
    """What is said of a silence."""
    return bool(event["type"] == "tamani.system.absence.v1" and event["profile"] == "silence")


def contest(event: dict[str, Any]) -> bool:
    """What is said of two contents."""
    return bool(event["type"] == "tamani.system.contest.v1")


def produce(bus: Bus, *events: Event) -> list[bytes]:
    """Straight to Kafka with the credentials of Mali's node, past its own door; the values."""
    producer = Producer(bus.kafka.confluent("node.ml"))
    values = [seal(event) for event in events]
    for event, value in zip(events, values, strict=True):
        producer.produce(inbound(Country.ML, Lane.NORMAL), value, partition_key(event.source, event.subject))
    assert producer.flush(30) == 0
    return values


async def archive_says(bus: Bus, reader: str | None) -> list[dict[str, Any]]:
    """The archive's notices that this body (or anybody) reads at its own site."""
    country = Country(reader[1:3]) if reader else Country.ML
    headers = {"Authorization": f"Bearer {bus.tokens[reader]}"} if reader else {}
    async with httpx.AsyncClient(base_url=bus.url(country), headers=headers, timeout=10) as client:
        page = (await client.get("/v1/records", params={"limit": 500})).json()
    assert not page["more"]
    return [record["event"] for record in page["records"] if record["event"]["source"] == ARCHIVE]


async def told(bus: Bus, reader: str, about: Callable[[dict[str, Any]], bool], count: int) -> list[dict[str, Any]]:
    """These notices of the archive, once the reader has so many of them; never more."""

    async def there() -> list[dict[str, Any]] | None:
        found = [event for event in await archive_says(bus, reader) if about(event)]
        assert len(found) <= count, found
        return found if len(found) == count else None

    return await until(there, f"{reader} reads {count} about {about.__name__}", 120)


async def in_the_log(bus: Bus, env: str, policy: Policy) -> str:
    """The kind of the entry with this name, which leads to a root that the log has signed."""

    async def there() -> bytes | None:
        async with httpx.AsyncClient(base_url=bus.archive_url, timeout=10) as client:
            answer = await client.get(f"/log/proof/{env}")
        return answer.content if answer.is_success else None

    proof = Proof.parse(await until(there, f"{env} is in the log", 60))
    assert proof.extra is not None
    tree = policy.see(proof.checkpoint).checkpoint
    assert verify_inclusion(proof.index, tree.size, leaf_hash(proof.extra), proof.path, tree.root)
    entry = Leaf.parse(proof.extra)
    assert entry.env.hex() == env
    return entry.kind


async def proof_of(bus: Bus, id_: str) -> bytes:
    """The file that proves it, from Mali's desk, once two countries have attested it."""
    headers = {"Authorization": f"Bearer {bus.tokens[COMMISSION_ML]}"}

    async def there() -> bytes | None:
        async with httpx.AsyncClient(base_url=bus.url(Country.ML), headers=headers, timeout=10) as client:
            answer = await client.get(f"/v1/proofs/{id_}")
        return answer.content if answer.is_success else None

    return await until(there, "the archive's notice is attested", 120)


async def in_the_ledger(bus: Bus, type_: str) -> int:
    """How many notices of this type there are in all."""
    query = "SELECT count(*) FROM ledger WHERE type = %s"
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        row = await (await connection.execute(query, [type_])).fetchone()
    assert row is not None
    return int(row[0])


def fed(bus: Bus, ids: list[str]) -> set[Country]:
    """The countries whose feeds carry any of these notices."""
    return {
        country
        for country in Country
        for record in read_topic(bus.kafka.confluent(), feed(country))
        if (value := decode_feed(record.value).envelope) is not None
        and decode_event(decode_envelope(value.encode()).payload).id in ids
    }
