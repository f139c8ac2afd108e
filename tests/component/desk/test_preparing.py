"""What a desk makes when it starts: the first views ask for no thread again, and nobody gets what is not theirs."""

import asyncio
from collections.abc import Collection

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from tamani.core.errors import OutageError
from tamani.core.policy import PUBLIC, Reader
from tamani.desk import preparing
from tamani.desk.agenda import search
from tamani.desk.laws.gathering import kept_laws
from tamani.desk.preparing import Preparing
from tamani.desk.queries import Queries
from tamani.desk.threads import Thread
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import convene
from tests.component.desk.test_demands import ask
from tests.component.desk.test_laws import item
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML
from tests.support.officers import POSTER, session_of

pytestmark = pytest.mark.postgres


def officers_of(fed: Fed, *bodies: str) -> None:
    for body in bodies:
        session_of(fed.desk.accounts, body, POSTER)


async def test_the_first_views_find_everything_made(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those who sign in here and of the public; another body's first view makes its own."""
    item(fed)
    ask(fed, "question")
    now = system_clock()
    fed.desk.clock = lambda: now
    convene(fed, "ce mois-ci", now)
    await fed.take()
    officers_of(fed, COMMISSION_ML)
    assert await fed.desk.preparing.prepare() == [PUBLIC, Reader(COMMISSION_ML)]
    asked: list[Reader] = []
    of_threads, stories_of = Queries.of_threads, search.stories_of

    async def count(self: Queries, reader: Reader, threads: object) -> object:
        asked.append(reader)
        return await of_threads(self, reader, threads)  # type: ignore[arg-type]

    async def count_meetings(connection: AsyncConnection, reader: Reader, threads: Collection[Thread]) -> object:
        asked.extend(reader for _ in threads)
        return await stories_of(connection, reader, threads)

    monkeypatch.setattr(Queries, "of_threads", count)
    monkeypatch.setattr(search, "stories_of", count_meetings)
    async with fed.client(COMMISSION_ML) as client:
        client.headers["Accept"] = "text/html"
        client.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        del client.headers["Authorization"]
        for path in ("/lois", "/agenda", "/demandes"):
            assert (await client.get(path)).status_code == 200
            assert asked == [], path
    await kept_laws(fed.desk.laws, fed.desk.queries, Reader(COMMISSION_BF))
    assert asked
    assert set(asked) == {Reader(COMMISSION_BF)}


async def test_no_more_readers_than_are_kept(fed: Fed) -> None:
    """Or the last would push out the first."""
    officers_of(fed, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, COMMISSION_BF)
    prepared = await fed.desk.preparing.prepare()
    assert prepared == [PUBLIC, *map(Reader, sorted([COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, COMMISSION_BF])[:3])]


async def test_what_cannot_be_prepared_is_gone_without(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk answers all the same, tries no second time, and its log says what it was."""
    tried = asyncio.Event()

    async def prepare(_self: Preparing) -> list[Reader]:
        assert not tried.is_set()
        tried.set()
        raise ValueError("a thread that nothing can fold")

    monkeypatch.setattr(Preparing, "prepare", prepare)
    with capture_logs() as logs:
        running = asyncio.create_task(fed.desk.preparing.run())
        await tried.wait()
        done, _ = await asyncio.wait({running}, timeout=0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert not done, "a desk's task ends with the desk"
    assert [(one["event"], one["log_level"], one["exc_info"]) for one in logs] == [("desk.unprepared", "error", True)]


async def test_a_database_that_is_away_is_waited_for(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, done = 0, asyncio.Event()

    async def prepare(_self: Preparing) -> list[Reader]:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise OutageError("failed.database")
        done.set()
        return []

    monkeypatch.setattr(Preparing, "prepare", prepare)
    monkeypatch.setattr(preparing, "AGAIN", 0)
    running = asyncio.create_task(fed.desk.preparing.run())
    await asyncio.wait_for(done.wait(), 5)
    assert not running.done(), "a desk's task ends with the desk"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert tried == 2
