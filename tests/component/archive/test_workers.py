"""Workers of the region as real processes on a real broker and database: kills, outages, restored and lost data."""

import asyncio
import random
import subprocess

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tamani.core.names import Country, Lane, inbound, receipts, regional
from tests.support.bus import Bus
from tests.support.kafka_reader import end_offsets
from tests.support.notices import BUREAU, COMMISSION_ML, OBSERVATORY_NE, Speaker, key_of, seal
from tests.support.oracle import opened
from tests.support.region_flow import Crowd, archived, check, mirrored, published, records, region, rows
from tests.support.waiting import reaches, until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]


async def test_every_verdict_on_the_way_through() -> None:
    """Archived, duplicate, equivocation, refused: each told to its origin; neighbours of bad records are archived."""
    async with region("router-1", "archive-1") as bus:
        crowd = Crowd(bus, "verdicts")
        await crowd.say(100)
        one = crowd.said[7]
        topic = inbound(one.event.country, one.event.lane)
        forged = seal(Speaker(COMMISSION_ML).says(), key_of("a forger"))
        other = Speaker(one.event.source).says(subject=one.event.subject, id=one.event.id, lang="en")
        for country, where, value in (
            (one.event.country, topic, one.value),
            (Country.ML, inbound(Country.ML), forged),
            (Country.ML, inbound(Country.ML), b"\x00not json"),
            (Country.ML, inbound(Country.ML), b""),
            (Country.NE, inbound(Country.NE), Speaker(COMMISSION_ML).seals()),
            (Country.RG, inbound(Country.RG), Speaker(BUREAU).seals(tlp="RED", audience=OBSERVATORY_NE)),
        ):
            crowd.send(country, where, value, one.key)
        if one.event.lane.value == "normal":
            crowd.send(one.event.country, topic, seal(other), one.key)
        await crowd.flush()
        await crowd.say(100)
        await archived(bus, 200)
        await check(bus, crowd.said)
        codes = sorted(r["code"] for cc in Country for r in records(bus, receipts(cc)) if r["verdict"] != "archived")

    expected = ["duplicate", "refused.json", "refused.json", "refused.key.unknown", "refused.origin"]
    expected += ["refused.tlp.unsealed", *(["equivocation"] if one.event.lane.value == "normal" else [])]
    assert codes == sorted(expected)


async def test_killed_workers_lose_and_double_nothing() -> None:
    """SIGKILL of router, archive and PostgreSQL at seeded instants while notices flow, two workers of each kind."""
    order = random.Random("kills")
    async with region("router-1", "archive-1", "router-2", "archive-2") as bus:
        crowd = Crowd(bus, "kills")
        await crowd.say(100)
        killed_at = []
        for victim in ("archive-1", "router-1", "postgres", "archive-2", "router-2", "archive-1"):
            before = await bus.archived()
            flowing = asyncio.create_task(crowd.say(250, pause=0.05))
            at = await archived(bus, before + order.randint(1, 120))
            bus.parts[victim].kill()
            await flowing
            killed_at.append((victim, at, len(crowd.said)))
            await bus.parts[victim].running()
        await crowd.say(100)
        await archived(bus, len(crowd.said))
        await check(bus, crowd.said)

    assert all(0 < at < len(crowd.said) for _, at, _ in killed_at), killed_at
    # On a slow machine a whole flow may be archived between two looks; most kills must fall into a flow all the same.
    assert sum(at < said for _, at, said in killed_at) > len(killed_at) // 2, killed_at


async def test_a_graceful_stop_repeats_nothing() -> None:
    """SIGTERM finishes what is under way and commits it: no record is answered twice."""
    async with region("router-1", "archive-1") as bus:
        crowd = Crowd(bus, "stops")
        flowing = asyncio.create_task(crowd.say(600, pause=0.3))
        for victim, least in (("archive-1", 100), ("router-1", 250)):
            await archived(bus, least)
            await bus.parts[victim].stop()
            await bus.parts[victim].start()
        await flowing
        await archived(bus, 600)
        await check(bus, crowd.said)
        answered = [r["value_sha256"] for cc in Country for r in records(bus, receipts(cc))]

    assert len(answered) == len(set(answered)) == 600


async def test_the_router_goes_on_without_a_database_and_both_wait_for_a_broker() -> None:
    """PostgreSQL and the broker away in turn: nobody leaves, what was said before and meanwhile is archived."""
    async with region() as bus:
        crowd = Crowd(bus, "outages")
        await crowd.say(100)
        await bus.parts["kafka"].stop()
        await bus.add("router-1", "archive-1")
        await until(lambda: _says(bus, "archive-1", "broker away"), "the archive waits for the broker")
        await bus.parts["kafka"].start()
        await archived(bus, 100)
        await bus.parts["postgres"].stop()
        await crowd.say(200)
        await reaches(lambda: _forwarded(bus), 300, "records in the regional stream")
        await until(lambda: _says(bus, "archive-1", "database away"), "the archive waits for the database")
        await bus.parts["postgres"].start()
        await archived(bus, 300)
        await check(bus, crowd.said)
        left = {name: bus.parts[name].unwished for name in ("router-1", "archive-1")}

    assert left == {"router-1": 0, "archive-1": 0}


async def test_a_restored_database_catches_up_under_a_new_epoch() -> None:
    """Two workers run while the database goes back in time: they leave, rewind, and readers follow the new history."""
    async with region("router-1", "archive-1", "archive-2") as bus:
        crowd = Crowd(bus, "restore")
        await crowd.say(300)
        await archived(bus, 300)
        data = bus.postgres.postgres.data
        await bus.parts["postgres"].stop()
        await asyncio.to_thread(subprocess.run, ["cp", "-a", str(data), str(data.with_name("then"))], check=True)
        await bus.parts["postgres"].start()
        await crowd.say(300)
        await archived(bus, 600)
        await published(bus)
        await bus.parts["postgres"].end()
        data.rename(data.with_name("now"))
        data.with_name("then").rename(data)
        await bus.parts["postgres"].start()
        await crowd.say(100)
        await archived(bus, 700)
        await check(bus, crowd.said)
        ((epoch,),) = await rows(bus, "SELECT epoch FROM log_head")
        told = {entry["epoch"] for entry in records(bus, "feed.ml")}
        left = {name: bus.parts[name].unwished for name in ("router-1", "archive-1", "archive-2")}

    assert epoch >= 2
    assert {1, epoch} <= told
    assert left["router-1"] == 0, left


async def test_a_broker_that_lost_everything_is_another_cluster() -> None:
    """Offsets of the old one mean nothing; what nodes send again is a duplicate; feeds go on."""
    async with region("router-1", "archive-1") as bus:
        crowd = Crowd(bus, "lost")
        await crowd.say(200)
        await archived(bus, 200)
        await published(bus)
        before = mirrored(bus, Country.ML)
        await bus.parts["kafka"].end()
        await asyncio.to_thread(bus.kafka.lose_data)
        await bus.parts["kafka"].start()
        await bus.parts["kafka"].ready(90)
        await bus.make_topics()
        after_loss = Crowd(bus, "after")
        await after_loss.resend(crowd.said)
        await after_loss.say(100)
        await archived(bus, 300)
        await published(bus)
        after = mirrored(bus, Country.ML)
        duplicates = [r for cc in Country for r in records(bus, receipts(cc)) if r["verdict"] == "duplicate"]
        clusters = await rows(bus, "SELECT DISTINCT cluster FROM stream_ref")

    assert len(clusters) == 2
    assert len({r["value_sha256"] for r in duplicates}) == 200
    assert {index: before[index]["digest"] for index in before} == {index: after[index]["digest"] for index in before}
    said = [*crowd.said, *after_loss.said]
    assert sorted(after) == [*range(1, sum(opened(0, one.value).entitled(Country.ML) for one in said) + 1)]


async def test_a_frozen_publisher_is_replaced_and_does_no_harm_when_it_wakes() -> None:
    """SIGSTOP for longer than its lease and its session: the other archive takes partitions and publishing over."""
    async with region("router-1", "archive-1", "archive-2") as bus:
        crowd = Crowd(bus, "frozen")
        await crowd.say(200)
        await archived(bus, 200)
        await published(bus)
        ((first,),) = await rows(bus, "SELECT holder FROM publisher")
        bus.parts[first].freeze()
        await crowd.say(200)
        await archived(bus, 400)
        await published(bus)
        ((second,),) = await rows(bus, "SELECT holder FROM publisher")
        bus.parts[first].thaw()
        await crowd.say(200)
        await archived(bus, 600)
        await check(bus, crowd.said)

    assert {first, second} == {"archive-1", "archive-2"}


async def test_two_workers_of_each_kind_share_the_work() -> None:
    """Each archive comes to write more than a tenth; a second one that joins takes nothing twice."""
    async with region("router-1", "archive-1", "router-2", "archive-2") as bus:
        crowd = Crowd(bus, "share", threads=300)
        shares = [0, 0]
        while min(shares) * 10 <= len(crowd.said):
            assert len(crowd.said) < 6000, shares
            await crowd.say(300)
            await archived(bus, len(crowd.said))
            shares = [await _answered(bus, name) for name in ("archive-1", "archive-2")]
        await check(bus, crowd.said)


async def _forwarded(bus: Bus) -> int:
    topics = [regional(lane) for lane in Lane]
    found = [await asyncio.to_thread(end_offsets, bus.kafka.confluent(), topic) for topic in topics]
    return sum(sum(ends.values()) for ends in found)


async def _says(bus: Bus, name: str, words: str) -> bool:
    path = bus.folder / "logs" / f"{name}.log"
    return path.exists() and words in path.read_text("utf-8", "replace")


async def _answered(bus: Bus, name: str) -> int:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"http://127.0.0.1:{bus.ports[name]}/metrics")).text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return int(sum(sample.value for sample in samples if sample.name == "tamani_archive_answers_total"))
