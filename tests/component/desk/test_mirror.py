"""The mirror on real Kafka and PostgreSQL: in order, once, without holes, whatever is away or wrong."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select, text

from tamani.core.feed import FeedEntry
from tamani.core.names import feed
from tamani.desk.catch_up import CatchUp
from tamani.desk.database import Database
from tamani.desk.feed_topic import FeedTopic
from tamani.desk.service import Desk, make_desk
from tamani.desk.settings import DeskSettings
from tamani.desk.tables import mirror, record, unreadable
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.serving import listen_on, serve
from tests.component.desk.conftest import desk_settings
from tests.component.desk.feeds import Feed
from tests.support import cluster
from tests.support.cluster import KafkaCluster, PostgresCluster
from tests.support.notices import COMMISSION_NE, OBSERVATORY_ML, SOURCES, key_of, registry_value, seal
from tests.support.waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
TOPIC = "feed.ml"
SECRET = "tmn_archive"


@dataclass
class Archive:
    """The archive's side of the catch-up contract, over real HTTP; it tells what it is said to hold."""

    feed: Feed
    through: int = 0
    asked: list[int] = field(default_factory=list)
    down: bool = False

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/feed")
        async def page(request: Request, cc: str, after: int, limit: int) -> JSONResponse:
            self.asked.append(after)
            if self.down:
                return JSONResponse({}, 503)
            if request.headers.get("authorization") != f"Bearer {SECRET}" or cc != "ml":
                return JSONResponse({}, 401)
            rows = [e.model_dump(mode="json") for e in self.feed.entries if after < e.feed_index <= self.through][
                :limit
            ]
            return JSONResponse({"entries": rows})

        return app


@dataclass
class Site:
    """A desk's mirror with a broker, and an archive to ask."""

    kafka: KafkaCluster
    settings: DeskSettings
    feed: Feed
    archive: Archive
    desk: Desk
    producer: AIOKafkaProducer

    async def publish(self, *entries: FeedEntry | bytes) -> None:
        for entry in entries:
            await self.producer.send_and_wait(TOPIC, entry if isinstance(entry, bytes) else entry.encode())

    async def indexes(self) -> list[int]:
        async with self.desk.database.reading() as connection:
            found = await connection.scalars(select(mirror.c.feed_index).order_by(mirror.c.feed_index))
            return list(found)

    async def shown(self) -> list[str]:
        async with self.desk.database.reading() as connection:
            return list(await connection.scalars(select(record.c.id).order_by(record.c.feed_index)))

    async def failed(self) -> dict[int, str]:
        async with self.desk.database.reading() as connection:
            rows = await connection.execute(select(unreadable.c.feed_index, unreadable.c.code))
            return {row.feed_index: row.code for row in rows}

    async def has(self, head: int, seconds: float = 30.0) -> None:
        async def there() -> bool:
            return (await self.desk.queries.position()).head >= head

        await until(there, f"the mirror reaches {head}", seconds)

    @contextlib.asynccontextmanager
    async def mirroring(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.desk.mirror.run())
        try:
            yield task
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


MakeSite = Callable[..., Any]


@contextlib.asynccontextmanager
async def site_on(
    kafka: KafkaCluster, database: cluster.Database, folder: Path, registry: bytes
) -> AsyncIterator[Site]:
    """A site whose desk begins at the present end of the topic: other tests have written before."""
    feed = Feed()
    archive = Archive(feed)
    secret = folder / "archive.token"
    secret.write_text(SECRET + "\n")
    listener = listen_on("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = desk_settings(database, folder, archive_url=url, archive_token_file=secret, **kafka.settings("desk.ml"))
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(archive.app(), listener, stop))
    holder = RegistryHolder(settings, settings.registry_path)
    assert holder.offer(registry)
    tables, client = Database(settings.conninfo), CatchUp.of(settings)
    await tables.migrate()
    producer = AIOKafkaProducer(**kafka.aiokafka("archive"), acks="all", enable_idempotence=True)
    await producer.start()
    await begin_at_end(tables, settings)
    try:
        yield Site(kafka, settings, feed, archive, make_desk(settings, tables, holder, client), producer)
    finally:
        await producer.stop()
        assert client is not None
        await client.close()
        await tables.close()
        stop.set()
        await serving


async def begin_at_end(tables: Database, settings: DeskSettings) -> None:
    topic = FeedTopic(settings, feed(settings.country))
    await topic.open("", 0)
    end = (await topic._consumer.end_offsets([TopicPartition(TOPIC, 0)]))[TopicPartition(TOPIC, 0)]
    place = {"cluster": topic.cluster, "offset": end}
    await topic.close()
    async with tables.writing() as connection:
        await connection.execute(text("UPDATE position SET cluster = :cluster, next_offset = :offset"), place)


@pytest.fixture
async def site(kafka: KafkaCluster, database: cluster.Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(kafka, database, tmp_path, registry_value()) as made:
        yield made


async def test_it_follows_and_goes_on_after_a_restart(site: Site) -> None:
    """What is published is shown in order; a second mirror on the same database begins where the first stopped."""
    said = [site.feed.say(tlp="GREEN").id for _ in range(5)]
    async with site.mirroring():
        await site.publish(*site.feed.entries)
        await site.has(5)
    said += [site.feed.say(tlp="GREEN").id for _ in range(3)]
    await site.publish(*site.feed.entries[5:])
    async with site.mirroring():
        await site.has(8)
    assert await site.shown() == said
    assert await site.indexes() == list(range(1, 9))


async def test_a_repeat_changes_nothing(site: Site) -> None:
    """The publisher may send twice, even out of step."""
    for _ in range(4):
        site.feed.say()
    await site.publish(*site.feed.entries, *site.feed.entries[1:3], *site.feed.entries)
    last = site.feed.say()
    await site.publish(site.feed.entries[-1])
    async with site.mirroring():
        await site.has(5)
    assert len(await site.shown()) == 5
    assert (await site.shown())[-1] == last.id
    assert site.archive.asked == [0], "no hole, so the archive was asked only at the start"


async def test_a_hole_is_filled_from_the_archive(site: Site) -> None:
    """Entries 3 to 7 are not on the topic; they come over HTTP, in their place."""
    for _ in range(2):
        site.feed.say()
    async with site.mirroring():
        await site.publish(*site.feed.entries)
        await site.has(2)
        for _ in range(8):
            site.feed.say()
        site.archive.through = 10
        await site.publish(*site.feed.entries[7:])
        await site.has(10)
    assert await site.indexes() == list(range(1, 11))
    assert 2 in site.archive.asked


async def test_the_whole_past_comes_from_the_archive(site: Site) -> None:
    """A new desk whose topic holds nothing any more has everything at start, more than a page of it."""
    said = [site.feed.say("law.item").id for _ in range(620)]
    site.archive.through = 620
    async with site.mirroring():
        await site.has(620)
    assert await site.shown() == said


async def test_a_hole_waits_for_an_archive_that_is_away(site: Site) -> None:
    """Nothing is skipped: the mirror stands at the hole until the archive answers, then catches up."""
    site.archive.down = True
    for _ in range(4):
        site.feed.say()
    site.archive.through = 4
    async with site.mirroring():
        await site.publish(site.feed.entries[0], *site.feed.entries[2:])
        await site.has(1)
        asked = len(site.archive.asked)

        async def asks_again() -> bool:
            return len(site.archive.asked) >= asked + 2

        await until(asks_again, "the mirror asks again")
        assert await site.indexes() == [1]
        site.archive.down = False
        await site.has(4)
    assert await site.indexes() == [1, 2, 3, 4]


async def test_what_is_no_entry_stops_nobody(site: Site) -> None:
    """Junk on the topic is dropped; what it stood for is fetched from the archive."""
    for _ in range(3):
        site.feed.say()
    async with site.mirroring():
        await site.publish(site.feed.entries[0])
        await site.has(1)
        site.archive.through = 2
        huge = site.feed.entries[1].model_copy(update={"epoch": 2**40})
        await site.publish(b"\xff\x00 nonsense", b"{}", huge, site.feed.entries[2])
        await site.has(3)
    assert await site.indexes() == [1, 2, 3]
    assert site.desk.mirror.health.dropped == 3


async def test_an_entry_far_ahead_of_the_archive_is_dropped(site: Site) -> None:
    """A number that the archive does not know cannot hold the mirror up."""
    for _ in range(2):
        site.feed.say()
    ghost = site.feed.entries[1].model_copy(update={"feed_index": 10**9, "prev": "00" * 32})
    async with site.mirroring():
        await site.publish(site.feed.entries[0], ghost, site.feed.entries[1])
        await site.has(2)
    assert await site.indexes() == [1, 2]


async def test_an_unreadable_entry_is_listed_and_stops_nobody(site: Site) -> None:
    """A forgery, a wrong digest, an entry without anything: each with its code, between good neighbours."""
    feed = site.feed
    good = [feed.say().id]
    event = feed.voices["/ml/commission-defense"].says()
    feed.append_value(seal(event, key_of(OBSERVATORY_ML)))
    good.append(feed.say().id)
    entry = feed.append_value(seal(feed.voices["/ml/commission-defense"].says()))
    feed.entries[-1] = entry.model_copy(update={"digest": "ab" * 32})
    good.append(feed.say().id)
    entry = feed.append_value(seal(feed.voices["/ml/commission-defense"].says()))
    feed.entries[-1] = entry.model_copy(update={"envelope": None, "digest": ""})
    following = feed.say()
    feed.entries[-1] = feed.entries[-1].model_copy(update={"prev": ""})
    good.append(following.id)
    async with site.mirroring():
        await site.publish(*feed.entries)
        await site.has(7)
    assert await site.shown() == good
    assert await site.failed() == {2: "refused.source", 4: "failed.feed", 6: "failed.feed"}


async def test_what_the_archive_withholds_leaves_no_trace(site: Site) -> None:
    """An entry told without its content, because rights have changed, keeps its number and is not called unreadable."""
    before, _, after = (site.feed.say().id for _ in range(3))
    site.feed.entries[1] = site.feed.entries[1].model_copy(update={"envelope": None})
    site.archive.through = 3
    async with site.mirroring():
        await site.has(3)
    assert await site.shown() == [before, after]
    assert await site.failed() == {}


async def test_a_suspicion_is_shown_cleared_and_comes_back_with_the_past(site: Site) -> None:
    """Marks fold in order; when a later epoch takes the last ones away, the notice has those that it had before."""
    said = site.feed.say(tlp="CLEAR")
    async with site.mirroring():
        for mark, marks in (
            ("suspect", ["suspect"]),
            ("contested", ["suspect", "contested"]),
            ("cleared", ["contested"]),
            ("suspect", ["contested", "suspect"]),
        ):
            site.feed.mark(said, mark)
            await site.publish(*site.feed.entries)
            await site.has(len(site.feed.entries))
            assert await marks_of(site, said.id) == marks
        site.feed.rewind(3)
        fresh = site.feed.say(tlp="CLEAR")
        await site.publish(*site.feed.entries[3:])

        async def told() -> bool:
            return await site.shown() == [said.id, fresh.id]

        await until(told, "the new history is told")
        assert await marks_of(site, said.id) == ["suspect", "contested"]


async def test_a_later_epoch_replaces_the_past(site: Site) -> None:
    """An old ledger was restored: what it has lost goes, with the marks that it had set, and the new history stands."""
    first, lost = site.feed.say(tlp="CLEAR"), site.feed.say(tlp="CLEAR")
    site.feed.mark(first)
    async with site.mirroring():
        await site.publish(*site.feed.entries)
        await site.has(3)
        assert await marks_of(site, first.id) == ["contested"]
        site.feed.rewind(1)
        fresh = [site.feed.say(tlp="CLEAR").id for _ in range(4)]
        await site.publish(*site.feed.entries[1:])
        await site.has(5)
    assert await site.shown() == [first.id, *fresh]
    assert lost.id not in await site.shown()
    assert await marks_of(site, first.id) == []
    async with site.desk.database.reading() as connection:
        public = list(await connection.scalars(select(record.c.public_index).order_by(record.c.feed_index)))
    assert public == [1, 2, 3, 4, 5]


async def test_a_history_that_parted_is_mended_from_the_archive(site: Site) -> None:
    """The mirror holds entries that the archive never had: it goes back to where both agree."""
    shared = [site.feed.say().id for _ in range(5)]
    async with site.mirroring():
        await site.publish(*site.feed.entries)
        await site.has(5)
        kept = list(site.feed.entries)
        for _ in range(3):
            site.feed.say()
        await site.publish(*site.feed.entries[5:])
        await site.has(8)
        site.feed.entries[:] = kept
        truth = [site.feed.say().id for _ in range(5)]
        site.archive.through = 10
        await site.publish(*site.feed.entries[8:])
        await site.has(10)
    assert await site.shown() == shared + truth


async def test_a_registry_that_lags_is_caught_up_with(
    kafka: KafkaCluster, database: cluster.Database, tmp_path: Path
) -> None:
    """A notice of a body enrolled a moment ago is unreadable until the registry comes, then shown, with its marks."""
    without = tuple(source for source in SOURCES if source != COMMISSION_NE)
    async with site_on(kafka, database, tmp_path, registry_value(without, version=1)) as site:
        site.feed.say()
        late = site.feed.say(source=COMMISSION_NE)
        site.feed.mark(late)
        async with site.mirroring():
            await site.publish(*site.feed.entries)
            await site.has(3)
            assert await site.failed() == {2: "refused.key.unknown"}
            assert site.desk.registry.offer(registry_value(version=2))

            async def mended() -> bool:
                return not await site.failed()

            await until(mended, "the entry is read again")
        assert late.id in await site.shown()
        assert await marks_of(site, late.id) == ["contested"]


async def test_two_mirrors_of_one_database_do_no_harm(site: Site) -> None:
    """Each entry once, whoever is quicker."""
    other = make_desk(site.settings, site.desk.database, site.desk.registry, CatchUp.of(site.settings))
    task = asyncio.create_task(other.mirror.run())
    said: list[str] = []
    try:
        async with site.mirroring():
            for _ in range(10):
                said += [site.feed.say().id for _ in range(5)]
                await site.publish(*site.feed.entries[-5:])
            await site.has(50)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await site.shown() == said


async def marks_of(site: Site, id_: str) -> list[str]:
    async with site.desk.database.reading() as connection:
        return list(await connection.scalar(select(record.c.marks).where(record.c.id == id_)) or [])


async def test_it_survives_a_broker_that_dies_and_one_that_forgets(
    fresh_kafka: KafkaCluster, database: cluster.Database, tmp_path: Path
) -> None:
    """Killed and back on its data; then back with nothing: reading goes on all the while, and no entry is lacking."""
    async with site_on(fresh_kafka, database, tmp_path, registry_value()) as site:
        site.feed.say()
        async with site.mirroring():
            await site.publish(*site.feed.entries)
            await site.has(1)
            await asyncio.to_thread(fresh_kafka.kill)
            assert len(await site.shown()) == 1, "reads need no broker"
            await asyncio.to_thread(fresh_kafka.start)
            site.feed.say()
            await site.publish(site.feed.entries[1])
            await site.has(2, 60)
            await asyncio.to_thread(fresh_kafka.stop)
            await asyncio.to_thread(fresh_kafka.lose_data)
            for _ in range(3):
                site.feed.say()
            site.archive.through = 5
            await asyncio.to_thread(fresh_kafka.start)
            await site.producer.stop()
            site.producer = AIOKafkaProducer(**fresh_kafka.aiokafka("archive"), acks="all")
            await site.producer.start()
            await site.publish(site.feed.entries[4])
            await site.has(5, 60)
    assert await site.indexes() == [1, 2, 3, 4, 5]


async def test_it_waits_for_a_database_that_dies(
    kafka: KafkaCluster, fresh_postgres: PostgresCluster, tmp_path: Path
) -> None:
    """PostgreSQL is killed while entries come, and comes back: nothing lacks, nothing is doubled."""
    async with site_on(kafka, fresh_postgres.fresh(), tmp_path, registry_value()) as site:
        said = [site.feed.say().id for _ in range(3)]
        async with site.mirroring():
            await site.publish(*site.feed.entries)
            await site.has(3)
            site.archive.through = 6
            await asyncio.to_thread(fresh_postgres.kill)
            said += [site.feed.say().id for _ in range(3)]
            await site.publish(*site.feed.entries[3:])
            await asyncio.to_thread(fresh_postgres.start)

            async def answers() -> bool:
                with contextlib.suppress(Exception):
                    return (await site.desk.queries.position()).head == 6
                return False

            await until(answers, "the mirror goes on")
        assert await site.shown() == said
