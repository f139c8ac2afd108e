"""Keeping batches in a real PostgreSQL: once, in order, through outages, and past what the database cannot take."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tamani.archive.head import Head
from tamani.archive.keeper import Memory
from tamani.archive.notice import Regional
from tamani.archive.store import Store
from tamani.core.errors import DefectError, OutageError
from tamani.core.names import QUARANTINE, Country
from tamani.core.receipt import decode_receipt
from tamani.runtime.fakes import InMemoryBus
from tamani.runtime.migrate import upgrade
from tamani.runtime.quarantine import Held
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database, PostgresCluster
from tests.support.notices import OBSERVATORY_ML, SOURCES, Speaker, key_of, registry, seal
from tests.support.region import NOW, StillRegistry, record
from tests.support.templates import LEDGER_MIGRATIONS
from tests.support.waiting import reaches

Ask = Callable[..., list[tuple[Any, ...]]]
VERDICTS = 'SELECT partition, "offset", verdict, code FROM answer ORDER BY answer_no'


def said(count: int, speaker: Speaker | None = None, first: int = 0, partition: int = 0) -> list[Regional]:
    """So many notices of one thread, at consecutive offsets of one partition."""
    speaker = speaker or Speaker()
    events = [speaker.says(subject="agenda/fil") for _ in range(count)]
    return [record(seal(event), event.source, event.subject, first + n, partition) for n, event in enumerate(events)]


async def test_a_batch_is_kept_with_its_exact_bytes(make_keeper: MakeKeeper, ask: Ask) -> None:
    """Indexes, attributes, answers, feeds and positions in one transaction."""
    batch = said(5)
    await make_keeper().keep(batch)

    assert ask("SELECT log_index, envelope FROM ledger ORDER BY 1") == [(n, r.value) for n, r in enumerate(batch)]
    assert ask("SELECT size, epoch, answers FROM log_head") == [(5, 1, 5)]
    assert ask("SELECT DISTINCT recordedtime FROM ledger") == [(NOW,)]
    assert ask("SELECT next_offset FROM position") == [(5,)]
    assert ask("SELECT count(*) FROM feed_entry WHERE mark IS NULL") == [(5 * len(Country),)]
    assert [decode_receipt(row[0]).log_index for row in ask("SELECT receipt FROM answer ORDER BY answer_no")] == [
        *range(5)
    ]


async def test_duplicates_across_and_within_batches_are_answered_and_not_archived(
    make_keeper: MakeKeeper, ask: Ask
) -> None:
    """The same notice at another place of Kafka is a duplicate; at the same place it is the same answer again."""
    keeper, (one, two) = make_keeper(), said(2)
    again = Regional(one.topic, one.partition, 2, one.key, one.value, one.inbound)
    await keeper.keep([one])
    await keeper.keep([one, two, again])

    assert ask(VERDICTS) == [
        (0, 0, "archived", "archived"),
        (0, 0, "archived", "archived"),
        (0, 1, "archived", "archived"),
        (0, 2, "duplicate", "duplicate"),
    ]
    assert ask("SELECT count(*) FROM ledger") == [(2,)]


async def test_an_equivocation_against_an_older_batch_keeps_the_first(make_keeper: MakeKeeper, ask: Ask) -> None:
    """The second is evidence; each feed that carried the first gets one mark, however often it comes."""
    keeper, speaker = make_keeper(), Speaker()
    first = speaker.says()
    second = speaker.says(id=first.id, lang="en")
    await keeper.keep([record(seal(first), first.source, first.subject, 0)])
    for offset in (1, 2):
        await keeper.keep([record(seal(second), second.source, second.subject, offset)])

    assert [row[2] for row in ask(VERDICTS)] == ["archived", "equivocation", "equivocation"]
    assert ask("SELECT envelope FROM ledger") == [(seal(first),)]
    assert ask("SELECT envelope, first_index FROM equivocation") == [(seal(second), 0)]
    assert ask("SELECT cc, feed_index FROM feed_entry WHERE mark = 'contested' ORDER BY 1") == [
        (country, 2) for country in sorted(Country)
    ]


async def test_a_used_sequence_number_is_marked(make_keeper: MakeKeeper, ask: Ask) -> None:
    """Against rows of an older batch too."""
    keeper, speaker = make_keeper(), Speaker()
    for offset in (0, 1):
        event = speaker.says(sequence="7")
        await keeper.keep([record(seal(event), event.source, event.subject, offset)])

    assert ask("SELECT marks FROM ledger ORDER BY log_index") == [("",), ("sequence-reused",)]


async def test_recorded_time_never_goes_back(make_keeper: MakeKeeper, ask: Ask) -> None:
    """A worker whose clock is behind judges and records at the ledger's own last time."""
    await make_keeper().keep(said(1))
    late = make_keeper(clock=lambda: NOW - timedelta(hours=1))
    await late.keep(said(1, Speaker(OBSERVATORY_ML), partition=1))

    assert ask("SELECT recordedtime FROM ledger ORDER BY log_index") == [(NOW,), (NOW,)]


async def test_a_heartbeat_leaves_one_row_a_key(make_keeper: MakeKeeper, ask: Ask) -> None:
    """The newest beat counts, whichever comes first."""
    keeper, speaker = make_keeper(), Speaker()
    for offset, minute in enumerate((5, 7, 6)):
        event = speaker.says("heartbeat", time=f"2026-03-02T09:0{minute}:00Z")
        await keeper.keep([record(seal(event), event.source, event.subject, offset)])

    assert ask("SELECT source, extract(minute FROM said)::int FROM heartbeat") == [(speaker.source, 7)]
    assert ask("SELECT count(*) FROM ledger") == [(0,)]


async def test_a_key_enrolled_a_moment_ago_is_not_refused(make_keeper: MakeKeeper, ask: Ask) -> None:
    """The router had a newer registry than we: ask again before refusing."""
    newer = StillRegistry(registry(sources=SOURCES[1:]), later=registry(version=2))
    await make_keeper(registry=newer).keep(said(1, Speaker(SOURCES[0])))

    assert newer.asked == 1
    assert ask("SELECT registry_version FROM ledger") == [(2,)]


async def test_a_forgery_that_slipped_in_is_refused_here(make_keeper: MakeKeeper, ask: Ask) -> None:
    """The archive verifies again: nothing unverified is ever stored."""
    event = Speaker().says()
    await make_keeper().keep([record(seal(event, key_of("nobody")), event.source, event.subject, 0)])

    assert [row[2:] for row in ask(VERDICTS)] == [("refused", "refused.key.unknown")]
    assert ask("SELECT size FROM log_head") == [(0,)]


async def test_what_the_database_cannot_take_is_set_aside_alone(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database, bus: InMemoryBus
) -> None:
    """Its neighbours are archived in order, it is in quarantine with its bytes, its sender is told."""
    batch = said(9)
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute(
            """CREATE FUNCTION spite() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN
                   IF NEW."offset" = 4 THEN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END IF;
                   RETURN NEW;
               END $$"""
        )
        connection.execute("CREATE TRIGGER spite BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION spite()")
    await make_keeper().keep(batch)
    (kept,) = bus.records(QUARANTINE)
    held = Held.model_validate_json(kept.value)

    assert ask('SELECT "offset" FROM ledger ORDER BY log_index') == [(n,) for n in range(9) if n != 4]
    assert ask("SELECT log_index FROM ledger ORDER BY 1") == [(n,) for n in range(8)]
    assert ask("""SELECT "offset", code FROM answer WHERE verdict = 'held'""") == [(4, "held.store.23514")]
    assert (held.code, held.raw, held.back_to) == ("held.store.23514", batch[4].value, "inbound.ml")
    assert ask("SELECT next_offset FROM position") == [(9,)]


async def test_a_database_that_takes_nothing_is_our_fault(make_keeper: MakeKeeper, ask: Ask, ledger: Database) -> None:
    """After so many in a row we stop instead of setting everything aside."""
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("ALTER TABLE ledger ADD CHECK (log_index < 0)")
    with pytest.raises(DefectError, match=r"failed\.refusals"):
        await make_keeper(most_held=3).keep(said(20))

    assert ask("SELECT count(*) FROM answer WHERE verdict = 'held'") == [(3,)]


async def test_a_database_that_went_back_is_noticed_by_its_size(
    make_keeper: MakeKeeper, ask: Ask, ledger: Database
) -> None:
    """What this process has seen is no longer there: nothing is written."""
    memory = Memory()
    memory.note(Head(size=10))
    with pytest.raises(OutageError, match="rewound"):
        await make_keeper(memory=memory).keep(said(1))

    assert ask("SELECT size, answers FROM log_head") == [(0, 0)]


async def test_a_database_that_went_back_is_noticed_by_a_hole(make_keeper: MakeKeeper, ask: Ask) -> None:
    """What comes before a batch was acknowledged, so it must be in the ledger."""
    with pytest.raises(OutageError, match=r"regional\.events/0: 0 < 3"):
        await make_keeper().keep(said(1, first=3))

    assert ask("SELECT count(*) FROM answer") == [(0,)]


async def test_a_new_connection_is_not_trusted_unseen(make_keeper: MakeKeeper, ask: Ask) -> None:
    """A connection made after an outage may lead to a restored database."""

    async def doubt(_: psycopg.AsyncConnection[Any]) -> None:
        raise OutageError("failed.database.rewound", "feeds")

    with pytest.raises(OutageError, match="rewound"):
        await make_keeper(trust=doubt).keep(said(1))

    assert ask("SELECT count(*) FROM answer") == [(0,)]


async def test_an_outage_is_waited_out_in_place(
    fresh_postgres: PostgresCluster, make_keeper: MakeKeeper, bus: InMemoryBus
) -> None:
    """PostgreSQL killed under a stream of batches: nothing lost, nothing set aside, no hole, order kept."""
    database = fresh_postgres.fresh()
    upgrade(database.dsn, LEDGER_MIGRATIONS)
    keeper, batch, killed_at = make_keeper(conninfo=database.dsn), said(600), []

    def size() -> int:
        with psycopg.connect(database.dsn) as connection:
            row = connection.execute("SELECT size FROM log_head").fetchone()
            return int(row[0]) if row else 0

    killed = asyncio.Event()

    async def keep_all() -> None:
        for start in range(0, 600, 10):
            if start == 500:
                await killed.wait()  # on a slow machine, too, both kills fall before the end
            await keeper.keep(batch[start : start + 10])

    keeping = asyncio.create_task(keep_all())
    for least in (50, 300):
        killed_at.append(await reaches(lambda: asyncio.to_thread(size), least, "notices archived"))
        await asyncio.to_thread(fresh_postgres.kill)
        await asyncio.to_thread(fresh_postgres.start)
    killed.set()
    await asyncio.wait_for(keeping, 60)

    assert all(0 < at < 600 for at in killed_at), killed_at
    with psycopg.connect(database.dsn) as connection:
        rows = connection.execute('SELECT log_index, "offset" FROM ledger ORDER BY 1').fetchall()
    assert rows == [(n, n) for n in range(600)]
    assert bus.records(QUARANTINE) == []


async def test_two_keepers_at_once_leave_one_ledger(make_keeper: MakeKeeper, ask: Ask) -> None:
    """Both lanes, or two workers: indexes, answers and feeds without hole or double, each partition in its order."""
    order = random.Random(7)
    speakers = [Speaker(source) for source in SOURCES[:2]]
    streams = [said(120, speaker, partition=n) for n, speaker in enumerate(speakers)]
    # both also get some of what the other gets, as after a rebalance
    shared = [[*streams[0], *streams[1][:30]], [*streams[1], *streams[0][:30]]]

    async def keep(records: list[Regional]) -> None:
        keeper = make_keeper(store=Store("cluster-1", StillRegistry().digest))
        while records:
            size = order.randint(1, 25)
            await keeper.keep(records[:size])
            records = records[size:]

    await asyncio.gather(*(keep(records) for records in shared))

    assert ask("SELECT array_agg(log_index ORDER BY log_index) FROM ledger") == [([*range(240)],)]
    assert ask("SELECT array_agg(answer_no ORDER BY answer_no) FROM answer") == [([*range(1, 301)],)]
    for partition in (0, 1):
        (placed,) = ask('SELECT array_agg("offset" ORDER BY log_index) FROM ledger WHERE partition = %s', partition)
        assert placed == ([*range(120)],)
    for country in Country:
        (indexes,) = ask("SELECT array_agg(feed_index ORDER BY feed_index) FROM feed_entry WHERE cc = %s", country)
        assert indexes == ([*range(1, 241)],)
