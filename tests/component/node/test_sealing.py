"""What must be secret is sealed before anything is written; its keys go out first, and again whenever needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tamani.core.catalogue import catalogue
from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import Event, decode_event
from tamani.core.names import Country, Lane, capsules, inbound
from tamani.core.recipients import Identity
from tamani.core.registry import Registry
from tamani.core.sealed_package import MEDIA_TYPE, Package
from tamani.core.sealing import open_sealed
from tamani.node import capsules as kept
from tamani.node.answers import ReadTo
from tamani.node.dispatch import Dispatcher
from tamani.node.drafts import Draft
from tamani.node.rows import KEPT_MS, queue_again
from tamani.node.tables import capsule
from tamani.runtime.fakes import InMemoryBus
from tests.support.answering import receipt_for
from tests.support.notices import (
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    OBSERVATORY_NE,
    api_body,
    data_of,
    id_of,
    key_row,
    new_id,
    registry,
    seal,
)
from tests.support.posting import Posting, posting
from tests.support.reading_keys import identity_of
from tests.support.sealed import sealed_event
from tests.support.searching import spellings
from tests.support.waiting import until

CANARY = "Zanzibar-canari-4711"
READERS = [OBSERVATORY_ML, OBSERVATORY_NE]


def secret(**changes: Any) -> dict[str, Any]:
    """A report for two named bodies, with a word that must be seen nowhere."""
    body = api_body("monitor.report", tlp="RED", audience=READERS)
    body["data"]["head"] |= {"title": CANARY, "body": f"Texte {CANARY}"}
    return body | changes


async def say(node: Posting, body: dict[str, Any], source: str = COMMISSION_ML) -> dict[str, Any]:
    async with node.client(source) as client:
        answer = await client.post("/v1/messages", json=body)
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def refused(node: Posting, body: dict[str, Any], source: str = COMMISSION_ML) -> str:
    async with node.client(source) as client:
        answer = await client.post("/v1/messages", json=body)
    assert CANARY not in answer.text
    return str(answer.json()["code"])


def event_of(row: dict[str, Any]) -> Event:
    return decode_event(decode_envelope(row["value"]).payload)


async def files_of(node: Posting, row_no: int) -> dict[Country, bytes]:
    found = await node.outbox.read(lambda c: kept.of_rows(c, [row_no]))
    return {one.origin: one.value for one in found.get(row_no, ())}


async def opened(node: Posting, row: dict[str, Any], reader: str) -> Event:
    files = await files_of(node, row["row_no"])
    return open_sealed(event_of(row), files[Country(reader[1:3])], [identity_of(reader)])


async def test_what_was_sealed_elsewhere_travels_with_its_capsules(node: Posting) -> None:
    """Untouched, opened by each of its readers; the same once more is the same notice."""
    made = sealed_event(audience=f"{OBSERVATORY_ML} {OBSERVATORY_NE}")
    package = Package(seal(made.event), made.capsules)
    async with node.client(COMMISSION_ML, **{"Content-Type": MEDIA_TYPE}) as client:
        first, again = [await client.post("/v1/envelopes", content=package.encode()) for _ in range(2)]
    assert (first.status_code, again.json()) == (202, first.json())
    (row,) = await node.rows()
    assert row["value"] == package.envelope
    assert await files_of(node, row["row_no"]) == made.capsules
    for reader in (*READERS, COMMISSION_ML):
        assert (await opened(node, row, reader)).kind == "monitor.report"


@pytest.mark.parametrize("reader", [*READERS, COMMISSION_ML])
async def test_what_is_posted_in_the_open_leaves_sealed(node: Posting, reader: str) -> None:
    """Each reader, and who said it, gets back what was posted; a stranger of the same country does not."""
    said = await say(node, secret(lang="bm", expirytime="2026-09-01T00:00:00Z"))
    (row,) = await node.rows()
    assert (row["type"], row["lane"], row["subject"]) == ("sealed", "normal", said["subject"])
    assert said["subject"].startswith("sealed/")
    inner = await opened(node, row, reader)
    assert (inner.kind, inner.lang, inner.expirytime) == ("monitor.report", "bm", "2026-09-01T00:00:00Z")
    assert inner.data == secret()["data"]
    assert inner.readers == tuple(READERS)


async def test_no_word_of_it_is_on_the_disk(node: Posting, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Database, its log and its index, before and after it is closed; what is said in the open is found there."""
    await say(node, secret())
    await refused(node, secret(profile="inconnu"))
    await refused(node, secret(audience=["/ml/personne"]))
    plain = api_body("monitor.report")
    plain["data"]["head"]["title"] = "Bamako-canari-4712"
    await say(node, plain)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    async with node.client(COMMISSION_ML) as client:
        told = (await client.get("/v1/messages")).text + (await node.metrics.text(node.outbox, {}, ())).decode()
    assert CANARY not in told + caplog.text
    assert not any(spelt in written for spelt in spellings(CANARY))
    assert any(spelt in written for spelt in spellings("Bamako-canari-4712")), "the search finds what is there"


async def test_a_repeated_post_gets_the_first_answer_and_no_second_seal(node: Posting) -> None:
    """What it said is known again without being kept: the fingerprint is under the body's key."""
    body = secret(id=id_of(7))
    first = await say(node, body)
    assert await say(node, body) == first
    assert await refused(node, secret(id=id_of(7), tlp="AMBER+STRICT")) == "refused.id.reused"
    (row,) = await node.rows()
    assert row["request_sha256"] != Draft.model_validate(body).fingerprint


async def test_a_later_version_and_an_act_keep_the_thread(node: Posting) -> None:
    """The thread named, or that of the notice spoken of; another's thread is not known here."""
    first = await say(node, secret())
    assert (await say(node, secret(subject=first["subject"])))["subject"] == first["subject"]
    target = {"source": COMMISSION_ML, "id": first["id"]}
    data = api_body("withdrawal")["data"] | {"target": target}
    act = {"type": "withdrawal", "profile": "retrait", "lang": "fr", "data": data, "tlp": "RED", "audience": READERS}
    assert (await say(node, act))["subject"] == first["subject"]
    unknown = act | {"data": data | {"target": target | {"id": new_id()}}}
    assert await refused(node, unknown) == "refused.event.subject"


@pytest.mark.parametrize("changes", [{"tlp": "AMBER"}, {"tlp": "AMBER+STRICT"}, {"tlp": "RED"}])
async def test_whoever_is_to_be_protected_makes_it_sealed(node: Posting, changes: dict[str, str]) -> None:
    """From AMBER on, whatever the label; the label stays the author's."""
    body = secret(**changes)
    body["data"]["head"]["caveats"] = ["witness"]
    await say(node, body)
    (row,) = await node.rows()
    assert (row["type"], event_of(row).tlp) == ("sealed", changes["tlp"])


async def test_a_profile_may_ask_for_a_seal(node: Posting) -> None:
    """To be put in contact is to say who looks for whom."""
    (profile,) = catalogue()["exchange.request"].sealed_profiles
    body = api_body("exchange.request", tlp="AMBER", audience=READERS) | {"profile": profile}
    await say(node, body | {"data": data_of("exchange.request", profile=profile)})
    (row,) = await node.rows()
    assert row["type"] == "sealed"


def known_with(**key: Any) -> Registry:
    keys = [key_row(COMMISSION_ML, **key), key_row(OBSERVATORY_ML)]
    return registry(version=2, keys=keys)


@pytest.mark.parametrize(
    ("known", "body", "code"),
    [
        (known_with(rights=["law.item:*"]), secret(), "refused.policy.type"),
        (known_with(tlp_max="AMBER"), secret(), "refused.policy.tlp"),
        (known_with(), secret(profile="inconnu"), "refused.profile"),
        (known_with(), secret(lang="français"), "refused.event"),
        (known_with(), secret(expirytime="demain"), "refused.event.time"),
        (known_with(), secret(id="7"), "refused.event.id"),
        (known_with(), secret(audience=[]), "refused.policy.audience"),
        (known_with(), secret(audience=["/ml/personne"]), "refused.policy.audience"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_sealed_is_judged_as_if_it_were_open(
    node: Posting, known: Registry, body: dict[str, Any], code: str
) -> None:
    """The region cannot: the node does, with the same codes, and keeps nothing."""
    node.known.append(known)
    assert await refused(node, body) == code
    assert await node.rows() == []


async def test_what_is_too_large_to_seal_says_so(node: Posting) -> None:
    """The largest size holds less than an open notice may have."""
    body = secret()
    body["data"]["head"] |= {"body": "é" * 19_900, "summary": "é" * 300, "issuer_role": "é" * 240}
    assert await refused(node, body) == "refused.size"
    del body["data"]["head"]["summary"]
    await say(node, body)


async def test_nobody_corrects_another_s_notice_in_secret(node: Posting) -> None:
    """The rules on what it speaks of hold within a seal, too."""
    correction = secret(type="correction", profile="correction", subject=f"sealed/{new_id()}")
    about = {"source": COMMISSION_NE, "id": new_id()}
    correction["data"] = api_body("correction")["data"] | {"target": about}
    assert await refused(node, correction) == "refused.originator"


@pytest.mark.parametrize("named", ["subject", "target"])
async def test_what_joins_a_sealed_thread_is_sealed_too(node: Posting, named: str) -> None:
    """An open acknowledgement would bear the title; a label that cannot be sealed is refused."""
    first = await say(node, secret(tlp="AMBER", data=api_body("monitor.report")["data"] | _for_a_witness()))
    target = {"source": COMMISSION_ML, "id": first["id"]}
    word = api_body("ack", tlp="AMBER", audience=READERS)
    word["data"] |= {"head": {"title": CANARY}, "target": target}
    word |= {"subject": first["subject"]} if named == "subject" else {}
    assert (await say(node, word))["subject"] == first["subject"]
    row = (await node.rows())[-1]
    assert row["type"] == "sealed"
    assert (await opened(node, row, OBSERVATORY_NE)).head["title"] == CANARY
    assert await refused(node, word | {"tlp": "GREEN", "audience": []}) == "refused.sealed"


def _for_a_witness() -> dict[str, Any]:
    return {"head": {"title": CANARY, "caveats": ["witness"]}}


# On the way.


@asynccontextmanager
async def sending(node: Posting, bus: InMemoryBus) -> AsyncIterator[Dispatcher]:
    """The lane of sealed threads at work."""
    stop, quiet = asyncio.Event(), asyncio.Event()
    quiet.set()
    part = Dispatcher(
        Country.ML,
        Lane.NORMAL,
        outbox=node.outbox,
        connect=bus.connect,
        alerts_done=quiet,
        metrics=node.metrics,
        poll_seconds=0.02,
    )
    task = asyncio.create_task(part.run(stop))
    try:
        yield part
    finally:
        stop.set()
        await asyncio.wait([task], timeout=5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def is_sent(node: Posting) -> bool:
    rows = await node.rows()
    return bool(rows) and all(row["state"] == "sent" and not row["queued"] for row in rows)


async def test_keys_reach_their_readers_before_the_notice(node: Posting) -> None:
    """One file an origin on its own topic, under the digest of the notice; the notice names each by SHA-256."""
    bus = InMemoryBus()
    await say(node, secret())
    async with sending(node, bus):
        await until(lambda: is_sent(node), "it is sent", 10)
    (row,) = await node.rows()
    files = await files_of(node, row["row_no"])
    assert files.keys() == {Country.ML, Country.NE}
    for origin in Country:
        records = bus.records(capsules(origin))
        assert [record.value for record in records] == ([files[origin]] if origin in files else [])
        assert all(record.key == bytes.fromhex(row["digest"]) for record in records)
    assert [record.value for record in bus.records(inbound(Country.ML))] == [row["value"]]


@pytest.mark.parametrize("sent_before", [0, 1, 2])
async def test_a_broker_that_fails_between_any_two_of_them_gets_all(node: Posting, sent_before: int) -> None:
    """Nothing of a notice is out before all its keys are; after an outage everything goes, keys perhaps twice."""
    bus = InMemoryBus()
    bus.fail_after = sent_before
    await say(node, secret())
    async with sending(node, bus):
        await until(lambda: _is_down(bus), "it has failed", 10)
        assert bus.records(inbound(Country.ML)) == []
        assert not await is_sent(node)
        bus.up, bus.fail_after = True, None
        await until(lambda: is_sent(node), "it is sent", 20)
    assert len(bus.records(inbound(Country.ML))) == 1
    for origin in (Country.ML, Country.NE):
        assert len({record.value for record in bus.records(capsules(origin))}) == 1


async def _is_down(bus: InMemoryBus) -> bool:
    return not bus.up


async def close(node: Posting) -> None:
    """The region answers for everything."""
    rows = await node.rows()
    read_to = ReadTo("memory-1", "receipts.ml", 0, 1)
    await node.outbox.answer([receipt_for(row) for row in rows], node.ground.keystore.keyids, read_to)


async def test_keys_that_a_broker_lost_go_again_though_the_notice_was_answered(node: Posting) -> None:
    """The ledger has the notice; only the node has its keys. Once a cluster has them, they stay where they are."""
    bus = InMemoryBus()
    await say(node, secret())
    async with sending(node, bus):
        await until(lambda: is_sent(node), "it is sent", 10)
        await close(node)
        bus.lose_data()
        await say(node, api_body())
        await until(lambda: _holds(bus, capsules(Country.NE)), "the keys are there again", 20)
    assert [event_of({"value": r.value}).kind for r in bus.records(inbound(Country.ML))] == ["agenda.meeting"]
    async with sending(node, bus) as part:
        await until(lambda: _linked(part), "a second connection", 10)
        await say(node, api_body())
        await until(lambda: _holds(bus, inbound(Country.ML), 2), "it has served", 10)
    assert len(bus.records(capsules(Country.NE))) == 1


async def _holds(bus: InMemoryBus, topic: str, least: int = 1) -> bool:
    return len(bus.records(topic)) >= least


async def _linked(part: Dispatcher) -> bool:
    return part.link is not None


async def test_an_operator_sends_them_again_until_they_are_erased(node: Posting) -> None:
    """`tamani outbox resend`: an answered notice goes again with its keys; after an erasure without."""
    bus = InMemoryBus()
    said = await say(node, secret())
    async with sending(node, bus):
        await until(lambda: is_sent(node), "it is sent", 10)
        await close(node)
        await node.outbox.write(lambda c: queue_again(c, [1]))
        await until(lambda: _holds(bus, inbound(Country.ML), 2), "it went again", 10)
        assert len(bus.records(capsules(Country.NE))) == 2
        await until(lambda: is_sent(node), "it is noted", 10)
        assert await node.outbox.write(lambda c: kept.erase(c, COMMISSION_ML, said["id"])) == 2
        await node.outbox.write(lambda c: queue_again(c, [1]))
        await until(lambda: _holds(bus, inbound(Country.ML), 3), "it went once more", 10)
    assert len(bus.records(capsules(Country.NE))) == 2


async def test_keys_go_with_their_row(node: Posting) -> None:
    """After ninety days nothing of them is left."""
    await say(node, secret())
    await close(node)
    node.clock.turn(milliseconds=KEPT_MS + 1)
    assert await node.outbox.drop_old() == 1
    assert await node.outbox.read(lambda c: c.execute(select(func.count()).select_from(capsule)).scalar_one()) == 0


async def test_a_key_made_after_the_notice_opens_nothing(node: Posting) -> None:
    """What was sealed was sealed for the keys of its day."""
    await say(node, secret())
    (row,) = await node.rows()
    files = await files_of(node, row["row_no"])
    with pytest.raises(RefusedError, match=r"refused\.sealed\.reader"):
        open_sealed(event_of(row), files[Country.NE], [Identity.generate()])


async def test_a_node_that_ended_before_it_sent_anything_sends_all_when_it_starts(tmp_path: Path) -> None:
    """What was answered `202` is on the disk with its keys: another process on the same file sends both."""
    bus = InMemoryBus()
    async with posting(tmp_path) as first:
        said = await say(first, secret())
    async with posting(tmp_path) as second:
        async with sending(second, bus):
            await until(lambda: is_sent(second), "it is sent", 10)
        (row,) = await second.rows()
        assert row["digest"] == said["digest"]
        assert (await opened(second, row, OBSERVATORY_NE)).data == secret()["data"]
    assert len(bus.records(capsules(Country.NE))) == len(bus.records(inbound(Country.ML))) == 1
