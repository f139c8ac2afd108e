"""Holes and silences in a real ledger: told after a fair delay, once, settled when they end, and never in error."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tamani.archive.findings.composing import compose
from tamani.archive.findings.facts import untold
from tamani.archive.findings.gaps import Gaps
from tamani.archive.findings.silences import Silences
from tamani.core.event import Event
from tamani.core.registry import Registry
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    SOURCES,
    Speaker,
    body_row,
    key_of,
    key_row,
    registry,
    seal,
)
from tests.support.region import NOW, StillRegistry, record

pytestmark = pytest.mark.postgres
Ask = Callable[..., list[tuple[Any, ...]]]
DELAY = 3600.0
LIMIT = timedelta(hours=1)
FOUND = "SELECT kind, facts FROM finding ORDER BY finding_no"


class Watch:
    """Looks at a ledger with both eyes, by a clock that the test moves."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection
        self.now = NOW
        self.registry = StillRegistry()
        self.restart()

    def restart(self) -> None:
        """Another process takes over: it remembers nothing."""
        self.gaps = Gaps(self.registry, lambda: self.now, DELAY, elapsed=self.elapsed)
        self.silences = Silences(self.registry, lambda: self.now, LIMIT)

    def elapsed(self) -> float:
        """The clock that only runs on; here the same."""
        return self.now.timestamp()

    async def look(self, after: timedelta = timedelta()) -> list[str]:
        """What has been found by then that no notice tells, as `kind first-last` or `kind body`."""
        self.now += after
        await self.gaps.look(self.connection)
        await self.silences.look(self.connection)
        found = await untold(self.connection, 100)
        return [f"{f.kind} {f.facts['first']}-{f.facts['last']}" if "first" in f.facts else f.kind for f in found]

    async def notices(self) -> list[Event]:
        """The notices that would tell it."""
        made = [await compose(self.connection, BUREAU, one) for one in await untold(self.connection, 100)]
        return [one for one in made if one is not None]


@pytest.fixture
async def watch(ledger: Database) -> AsyncIterator[Watch]:
    async with await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True) as connection:
        yield Watch(connection)


class Line:
    """A body that says numbers, each on a partition of its own, so that the order is the test's."""

    def __init__(self, make_keeper: MakeKeeper, source: str = COMMISSION_ML) -> None:
        self._at, self._places, self._speaker = NOW, 0, Speaker(source)
        self._keeper = make_keeper(clock=lambda: self._at)

    async def says(self, *numbers: int, kind: str = "agenda.meeting", at: datetime = NOW, **changes: Any) -> Event:
        """Notices of these numbers, archived at an instant; the last of them."""
        self._at = at
        for number in numbers:
            event = self._speaker.says(kind, sequence=str(number), **changes)
            self._places += 1
            await self._keeper.keep([record(seal(event), event.source, event.subject, 0, self._places)])
        return event

    async def beats(self, at: datetime) -> None:
        """A sign of life."""
        await self.says(1, kind="heartbeat", at=at, time=f"{at:%Y-%m-%dT%H:%M:%SZ}")


async def test_a_hole_is_told_after_the_delay_and_settled_when_it_has_filled(
    watch: Watch, make_keeper: MakeKeeper, ask: Ask
) -> None:
    line = Line(make_keeper)
    await line.says(1, 2, 5)
    assert await watch.look() == []
    assert await watch.look(timedelta(minutes=59)) == []
    assert await watch.look(timedelta(minutes=1)) == ["gap 3-4"]
    assert await watch.look(timedelta(days=9)) == ["gap 3-4"], "once"
    await line.says(3)
    assert await watch.look() == ["gap 3-4"], "half is not all"
    await line.says(4)
    assert await watch.look() == ["gap 3-4", "gap-filled 3-4"]
    opened, settled = await watch.notices()
    assert (opened.subject, opened.data["status"]) == (settled.subject, "missing")
    assert settled.data["status"] == "settled"
    assert ask("SELECT whole FROM series") == [(5,)]


async def test_what_overtakes_is_no_hole(watch: Watch, make_keeper: MakeKeeper) -> None:
    """Threads and lanes go their own way; each lane has its own numbers."""
    line = Line(make_keeper)
    await line.says(3, 1)
    await line.says(1, kind="monitor.alert")
    assert await watch.look() == []
    await line.says(2)
    assert await watch.look(timedelta(days=2)) == []


async def test_a_worker_that_was_away_waits_anew(watch: Watch, make_keeper: MakeKeeper) -> None:
    """While the archive was down everything lacked: the delay counts from when it looks again."""
    await Line(make_keeper).says(2)
    assert await watch.look() == []
    watch.now += timedelta(days=3)
    watch.restart()
    assert await watch.look() == []
    assert await watch.look(timedelta(hours=1)) == ["gap 1-1"]


async def test_two_workers_tell_it_once(watch: Watch, make_keeper: MakeKeeper) -> None:
    await Line(make_keeper).says(2)
    other = Gaps(watch.registry, lambda: watch.now, DELAY, elapsed=watch.elapsed)
    await watch.look()
    await other.look(watch.connection)
    assert await watch.look(timedelta(hours=2)) == ["gap 1-1"]
    await other.look(watch.connection)
    assert await watch.look() == ["gap 1-1"]


async def test_a_number_that_came_and_was_not_archived_is_not_missing(watch: Watch, make_keeper: MakeKeeper) -> None:
    """A second content under a used id, and what the archive refuses: both were answered."""
    line = Line(make_keeper)
    first = await line.says(1)
    await line.says(2, id=first.id, lang="en")
    foreign = registry(keys=[key_row(COMMISSION_ML, rights=["law.item:*"])])
    refused = Speaker(COMMISSION_ML).says(sequence="3")
    place = record(seal(refused), refused.source, refused.subject, 0, 90)
    await make_keeper(registry=StillRegistry(foreign)).keep([place])
    await line.says(4)
    await watch.look()
    assert [one for one in await watch.look(timedelta(hours=2)) if one != "contest"] == []


async def test_the_archives_own_numbers_mean_nothing(watch: Watch, make_keeper: MakeKeeper) -> None:
    bodies = [body_row(source, **({"kind": "archive"} if source == COMMISSION_ML else {})) for source in SOURCES]
    watch.registry.current = registry(bodies=bodies)
    await Line(make_keeper).says(17)
    await watch.look()
    assert await watch.look(timedelta(hours=2)) == []


async def test_a_silent_node_is_told_and_so_is_that_it_is_heard_again(watch: Watch, make_keeper: MakeKeeper) -> None:
    """Another node is heard all the while; its own silence counts from its last beat."""
    mali, burkina = Line(make_keeper), Line(make_keeper, COMMISSION_BF)
    await mali.beats(watch.now)
    for _ in range(6):
        await burkina.beats(watch.now)
        found = await watch.look(timedelta(minutes=15))
    assert found == ["silence"]
    (said,) = await watch.notices()
    assert (said.data["about"], said.data["since"], said.tlp) == (COMMISSION_ML, "2026-03-02T10:00:00Z", "GREEN")
    await mali.beats(watch.now)
    await burkina.beats(watch.now)
    assert await watch.look() == ["silence", "heard"]
    assert await watch.look(timedelta(minutes=15)) == ["silence", "heard"]
    assert (await watch.notices())[1].data["heard"] == f"{watch.now - timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}"


async def test_where_all_fall_silent_it_is_we_who_are_deaf(watch: Watch, make_keeper: MakeKeeper) -> None:
    """The router stands still for two days: nobody is called silent, then or when it goes on."""
    mali, burkina = Line(make_keeper), Line(make_keeper, COMMISSION_BF)
    await mali.beats(watch.now)
    await burkina.beats(watch.now)
    for _ in range(4):
        assert await watch.look(timedelta(hours=1)) == []
    await burkina.beats(watch.now)
    assert await watch.look(timedelta(minutes=1)) == [], "the other's beat is still on its way"


async def test_an_archive_that_was_away_calls_nobody_silent(watch: Watch, make_keeper: MakeKeeper) -> None:
    mali, burkina = Line(make_keeper), Line(make_keeper, COMMISSION_BF)
    await mali.beats(watch.now)
    assert await watch.look() == []
    watch.now += timedelta(hours=3)
    watch.restart()
    await burkina.beats(watch.now)
    assert await watch.look() == []


@pytest.mark.parametrize("change", [{"state": "suspended"}, {"state": "retired", "retired_at": NOW}], ids=str)
async def test_a_key_that_does_not_count_may_be_silent(
    watch: Watch, make_keeper: MakeKeeper, change: dict[str, Any]
) -> None:
    await Line(make_keeper).beats(watch.now)
    watch.registry.current = ended(change)
    burkina = Line(make_keeper, COMMISSION_BF)
    for _ in range(5):
        await burkina.beats(watch.now)
        assert await watch.look(timedelta(minutes=29)) == []


def ended(change: dict[str, Any]) -> Registry:
    keys = [key_row(source, **(change if source == COMMISSION_ML else {})) for source in SOURCES]
    return registry(version=2, keys=keys)


async def test_a_beat_from_the_future_gives_no_life(make_keeper: MakeKeeper, ask: Ask) -> None:
    """Else whoever keeps a beat of a clock that was ahead could have a dead node beat, or a live one fall silent."""
    line = Line(make_keeper)
    await line.says(1, kind="heartbeat", time="2030-01-01T00:00:00Z")
    assert ask("SELECT count(*) FROM heartbeat") == [(0,)]
    await line.beats(NOW)
    assert ask("SELECT said FROM heartbeat") == [(NOW,)]
    assert key_of(COMMISSION_ML).keyid == ask("SELECT encode(keyid, 'hex') FROM heartbeat")[0][0]
