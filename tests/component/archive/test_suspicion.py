"""Marks follow the registry in a real ledger: set, cleared, moved, once each, also after a crash in the middle."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tamani.archive.feeds import read_feeds
from tamani.archive.notice import Regional
from tamani.archive.suspicion import Suspicions
from tamani.archive.wire import feed_value
from tamani.core.feed import decode_feed
from tamani.core.names import Country
from tamani.core.registry import Registry
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, SOURCES, Speaker, key_row, registry, seal
from tests.support.region import NOW, StillRegistry, record

Ask = Callable[..., list[tuple[Any, ...]]]
HOUR = timedelta(hours=1)
SUSPECT = "SELECT log_index FROM suspicion ORDER BY 1"
TOLD = "SELECT cc, log_index, mark FROM feed_entry WHERE mark IS NOT NULL ORDER BY feed_index, cc"


def knowing(version: int, **changes: Any) -> Registry:
    """A registry that says this of the commission's key."""
    keys = [key_row(source, **(changes if source == COMMISSION_ML else {})) for source in SOURCES]
    return registry(version=version, keys=keys)


def since(version: int, at: datetime) -> Registry:
    return knowing(version, state="compromised", compromised_since=at)


@pytest.fixture
async def spoken(make_keeper: MakeKeeper) -> None:
    """Six notices of a body, one an hour from `NOW` on, and after each one of another body."""
    mine, others = Speaker(COMMISSION_ML), Speaker(OBSERVATORY_ML)
    for hour in range(6):
        events = [speaker.says("agenda.meeting") for speaker in (mine, others)]
        batch: list[Regional] = [record(seal(e), e.source, e.subject, 2 * hour + n) for n, e in enumerate(events)]
        await make_keeper(clock=lambda hour=hour: NOW + hour * HOUR).keep(batch)


MakeSuspicions = Callable[..., Suspicions]


@pytest.fixture
async def make(ledger: Database) -> AsyncIterator[MakeSuspicions]:
    made: list[Suspicions] = []

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)

    def build(known: Registry, most: int = 500, **changes: Any) -> Suspicions:
        parts: dict[str, Any] = {
            "connect": connect,
            "registry": StillRegistry(known),
            "clock": lambda: NOW + 24 * HOUR,
            "most": most,
            "witnessed": False,
        }
        made.append(Suspicions(**(parts | changes)))
        return made[-1]

    yield build
    for one in made:
        await one.close()


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_what_was_archived_since_is_marked_and_what_was_before_stands(make: MakeSuspicions, ask: Ask) -> None:
    """By the ledger's time, the instant itself included; every feed that carried the notice is told, in one chain."""
    before = ask("SELECT cc, max(feed_index) FROM feed_entry GROUP BY cc")
    assert await make(since(2, NOW + 3 * HOUR)).settle() == 3
    assert ask(SUSPECT) == [(6,), (8,), (10,)]
    assert sorted(ask(TOLD)) == sorted((cc.value, index, "suspect") for cc in Country for index in (6, 8, 10))
    assert sorted(ask("SELECT cc, max(feed_index) FROM feed_entry GROUP BY cc")) == sorted(
        (cc, last + 3) for cc, last in before
    )
    assert ask("SELECT DISTINCT recordedtime FROM feed_entry WHERE mark IS NOT NULL") == [(NOW + 24 * HOUR,)]
    broken = """SELECT * FROM feed_entry b JOIN feed_entry a ON a.cc = b.cc AND a.feed_index = b.feed_index - 1
        JOIN ledger l ON l.log_index = a.log_index WHERE b.prev <> l.digest"""
    assert ask(broken) == []
    assert ask("SELECT count(*) FROM ledger") == [(12,)]


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_marks_move_with_the_date_and_go_when_it_is_lifted(make: MakeSuspicions, ask: Ask) -> None:
    steps: tuple[tuple[Registry, list[tuple[int]], int], ...] = (
        (since(2, NOW + 3 * HOUR), [(6,), (8,), (10,)], 3),
        (since(3, NOW + 5 * HOUR), [(10,)], 2),
        (since(4, NOW), [(0,), (2,), (4,), (6,), (8,), (10,)], 5),
        (knowing(5), [], 6),
    )
    for known, suspect, changed in steps:
        assert await make(known).settle() == changed
        assert ask(SUSPECT) == suspect
        assert await make(known).settle() == 0, "the same again changes nothing"
    seen = ask("SELECT mark, count(*) FROM feed_entry WHERE mark IS NOT NULL GROUP BY mark ORDER BY mark")
    assert seen == [("cleared", 8 * len(Country)), ("suspect", 8 * len(Country))]


COSIGNED = """
INSERT INTO log_checkpoint (size, root, text, attested, witnessed) VALUES (%(size)s, '', '', now(), %(at)s)
"""


def cosign(ledger: Database, size: int, at: datetime | None) -> None:
    """Enough witnesses have cosigned a checkpoint of this size at that time; at none: too few have."""
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute(COSIGNED, {"size": size, "at": at})


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_what_was_witnessed_before_stands_and_what_was_only_dated_before_does_not(
    make: MakeSuspicions, ask: Ask, ledger: Database
) -> None:
    """Archived at hours 0 to 5, a leaf each after the registry's own; compromised since hour 4."""
    known = since(2, NOW + 4 * HOUR)
    cosign(ledger, 4, NOW + HOUR)
    cosign(ledger, 6, None)
    assert await make(known, witnessed=True).settle() == 4
    assert ask(SUSPECT) == [(4,), (6,), (8,), (10,)], "0 and 2 are leaves 1 and 3, under the first checkpoint"
    cosign(ledger, 8, NOW + 4 * HOUR)
    assert await make(known, witnessed=True).settle() == 0, "seen too late is not seen before"
    assert await make(known, witnessed=False).settle() == 2, "without witnesses the archive's own time decides"
    assert ask(SUSPECT) == [(8,), (10,)]


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_what_witnesses_say_later_clears_it(make: MakeSuspicions, ask: Ask, ledger: Database) -> None:
    """Their answer was on its way when the registry came; the same task hears of it."""
    task = make(since(2, NOW + 4 * HOUR), witnessed=True)
    assert await task.settle() == 6
    cosign(ledger, 8, NOW + 4 * HOUR - timedelta(seconds=1))
    assert await task.settle() == 4
    assert ask(SUSPECT) == [(8,), (10,)]
    assert await task.settle() == 0


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_an_archive_made_again_knows_only_when_entries_were_made(
    make: MakeSuspicions, ask: Ask, ledger: Database
) -> None:
    """Of what the one checkpoint left covers, the archive's time decides; of what came since, the witnesses'."""
    cosign(ledger, 10, NOW + 20 * HOUR)
    with psycopg.connect(ledger.dsn) as connection:
        connection.execute("UPDATE log_head SET rebuilt = 10")
    assert await make(since(2, NOW + 3 * HOUR), witnessed=True).settle() == 3
    assert ask(SUSPECT) == [(6,), (8,), (10,)]
    assert await make(since(3, NOW + 10 * HOUR), witnessed=True).settle() == 2, "the last is covered by nothing"
    assert ask(SUSPECT) == [(10,)]


class CrashError(Exception):
    """The process died here."""


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
@pytest.mark.parametrize("batches", range(1, 7))
async def test_killed_in_the_middle_the_next_one_goes_on(make: MakeSuspicions, ask: Ask, batches: int) -> None:
    """After any batch: each record is marked once and told once to each feed."""
    left = iter(range(batches))

    def clock() -> datetime:
        if next(left, None) is None:
            raise CrashError
        return NOW + 24 * HOUR

    known = since(2, NOW)
    first = make(known, most=1, clock=clock)
    if batches < 6:
        with pytest.raises(CrashError):
            await first.settle()
        assert len(ask(SUSPECT)) == batches
    else:
        await first.settle()
    assert await make(known, most=1).settle() == 6 - min(batches, 6)
    assert len(ask(SUSPECT)) == 6
    assert ask("SELECT count(*), count(DISTINCT (cc, log_index)) FROM feed_entry WHERE mark = 'suspect'") == [(24, 24)]


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_a_worker_with_an_older_registry_leaves_the_marks_alone(make: MakeSuspicions, ask: Ask) -> None:
    """Two workers, one of which has not heard yet: no mark goes to and fro."""
    assert await make(since(7, NOW)).settle() == 6
    assert await make(knowing(6)).settle() == 0
    assert len(ask(SUSPECT)) == 6


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_what_another_worker_archived_under_the_old_registry_is_marked_too(
    make: MakeSuspicions, make_keeper: MakeKeeper, ask: Ask
) -> None:
    """It judged before it heard; the ledger's growth is reason enough to look again."""
    task = make(since(2, NOW + 5 * HOUR))
    assert await task.settle() == 1
    assert await task.settle() == 0
    late = Speaker(COMMISSION_ML).says()
    await make_keeper(clock=lambda: NOW + 30 * HOUR).keep([record(seal(late), late.source, late.subject, 12)])
    assert await task.settle() == 1
    assert ask(SUSPECT) == [(10,), (12,)]


@pytest.mark.usefixtures("spoken")
@pytest.mark.postgres
async def test_the_publisher_s_feed_says_whose_notice_is_meant(make: MakeSuspicions, ledger: Database) -> None:
    """As it says `contested`: by source and id, without a number that counts what is hidden."""
    await make(since(2, NOW + 5 * HOUR)).settle()
    async with await psycopg.AsyncConnection.connect(ledger.dsn) as connection:
        rows = await read_feeds(connection, {Country.ML: 12}, 100)
    (entry,) = [decode_feed(feed_value(row)) for row in rows]
    assert (entry.kind, entry.mark, entry.source) == ("mark", "suspect", COMMISSION_ML)
    assert entry.envelope is None
