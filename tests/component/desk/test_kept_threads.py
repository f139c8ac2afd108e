"""Of laws, meetings and demands only the threads that changed are read again, and nothing is overlooked."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import pytest

from tamani.core.event import Event
from tamani.core.policy import PUBLIC, Reader
from tamani.desk.agenda import search
from tamani.desk.demands.asking import FAMILIES
from tamani.desk.demands.search import told_of
from tamani.desk.laws.gathering import gather
from tamani.desk.rebuild import rebuild
from tamani.desk.threads import Thread
from tamani.desk.told import Told
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import convene
from tests.component.desk.test_demands import ask
from tests.component.desk.test_erasing import Erasing
from tests.component.desk.test_laws import item, opinion_on, provision, text
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, data_of

pytestmark = pytest.mark.postgres
READER = Reader(COMMISSION_ML)
FIRST, LAST = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
Change = Callable[[Fed, Event], Any]


def withdraw(fed: Fed, said: Event) -> None:
    data = data_of("withdrawal") | {"target": {"source": said.source, "id": said.id}}
    fed.feed.say("withdrawal", said.source, subject=said.subject, tlp=said.tlp, data=data)


async def rewound(fed: Fed, said: Event) -> None:
    """The thread's last version is told otherwise, under the number that it had."""
    await fed.rewind(fed.feed.head - 1)
    fed.feed.say(said.kind, said.source, tlp=said.tlp, profile=said.profile, subject=said.subject, data=said.data)


async def erased(fed: Fed, said: Event) -> None:
    await Erasing(fed).erases(said)


async def made_anew(fed: Fed, said: Event) -> None:
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)


CHANGES: dict[str, Change] = {
    "a version": lambda fed, said: fed.feed.say(
        said.kind, said.source, tlp=said.tlp, profile=said.profile, subject=said.subject, data=said.data
    ),
    "a mark": lambda fed, said: fed.feed.mark(said),
    "a withdrawal": withdraw,
    "a rewound past": rewound,
    "an erasure": erased,
    "a rebuild": made_anew,
    "nothing of theirs": lambda fed, said: fed.feed.say("monitor.alert"),
}


async def happens(fed: Fed, change: Change, said: Event) -> None:
    done = change(fed, said)
    if hasattr(done, "__await__"):
        await done
    await fed.take()


class Asked:
    """Counts the threads that are read."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.real, self.threads = real, set[Thread]()

    async def __call__(self, *given: Any) -> Any:
        (threads,) = [one for one in given if isinstance(one, Collection)]
        self.threads |= set(threads)
        return await self.real(*given)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("reader", [READER, PUBLIC])
async def test_the_laws_are_as_if_gathered_anew(fed: Fed, what: str, reader: Reader) -> None:
    """Whatever has changed; what came in between, too."""
    item(fed)
    for number in range(3):
        provision(fed, COMMISSION_BF, "absent", tlp="CLEAR", topic=f"temoins/point-{number}")
    opinion_on(fed, text(fed, ("1", "Le témoin est protégé."), tlp="CLEAR"))
    last = text(fed, ("1", "Un service est créé."), tlp="CLEAR")
    await fed.take()
    before = await gather(fed.desk.queries, reader)
    await happens(fed, CHANGES[what], last)
    after = await gather(fed.desk.queries, reader, before)
    assert after == await gather(fed.desk.queries, reader)
    assert (after.texts == before.texts) == (what in {"nothing of theirs", "a rebuild"})


async def test_only_the_laws_that_changed_are_read(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        provision(fed, COMMISSION_BF, "absent", topic=f"temoins/point-{number}")
    bill = text(fed, ("1", "Le témoin est protégé."))
    await fed.take()
    before = await gather(fed.desk.queries, READER)
    asked = Asked(fed.desk.queries.of_threads)
    monkeypatch.setattr(fed.desk.queries, "of_threads", asked)
    withdraw(fed, bill)
    new = provision(fed, COMMISSION_NE, "conforme")
    await fed.take()
    after = await gather(fed.desk.queries, READER, before)
    assert asked.threads == {(COMMISSION_NE, bill.subject), (COMMISSION_NE, new.subject)}
    assert (len(after.provisions), after.texts) == (6, ())


@pytest.mark.parametrize("what", CHANGES)
async def test_a_month_is_as_if_gathered_anew(fed: Fed, what: str) -> None:
    for number in range(3):
        convene(fed, f"r{number}", datetime(2026, 12, 4 + number, 8, tzinfo=UTC))
    last = convene(fed, "r9", datetime(2026, 12, 9, 8, tzinfo=UTC))
    await fed.take()
    before = await search.gather(fed.desk.database, READER, FIRST, LAST)
    await happens(fed, CHANGES[what], last)
    after = await search.gather(fed.desk.database, READER, FIRST, LAST, before=before)
    assert after == await search.gather(fed.desk.database, READER, FIRST, LAST)
    assert (after.meetings == before.meetings) == (what in {"nothing of theirs", "a rebuild"})


async def test_only_the_meetings_that_changed_are_read(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """One moved away, one moved here, one new: three threads."""
    for number in range(5):
        convene(fed, f"r{number}", datetime(2026, 12, 4 + number, 8, tzinfo=UTC))
    convene(fed, "ailleurs", datetime(2027, 3, 4, 8, tzinfo=UTC))
    await fed.take()
    before = await search.gather(fed.desk.database, READER, FIRST, LAST)
    convene(fed, "r0", datetime(2027, 3, 4, 8, tzinfo=UTC))
    convene(fed, "ailleurs", datetime(2026, 12, 20, 8, tzinfo=UTC))
    convene(fed, "neuve", datetime(2026, 12, 21, 8, tzinfo=UTC))
    await fed.take()
    asked = Asked(search.stories_of)
    monkeypatch.setattr(search, "stories_of", asked)
    after = await search.gather(fed.desk.database, READER, FIRST, LAST, before=before)
    assert {subject for _, subject in asked.threads} == {"agenda/r0", "agenda/ailleurs", "agenda/neuve"}
    assert len(after.in_order()) == 7


async def test_of_very_many_the_first_are_kept(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if asked anew after each change: before all, after all, at another's hour, moved, left out till now."""
    monkeypatch.setattr(search, "MOST_THREADS", 3)
    said = [convene(fed, f"r{number}", datetime(2026, 12, 4 + number, 8, tzinfo=UTC)) for number in range(5)]
    await fed.take()
    kept = await search.gather(fed.desk.database, READER, FIRST, LAST)
    days = {"neuve": 2, "tardive": 20, "egale": 4, "r0": 15, "r4": 3}
    changes = [
        lambda name=name, day=day: convene(fed, name, datetime(2026, 12, day, 8, tzinfo=UTC))
        for name, day in days.items()
    ]
    made: list[Callable[[], Any]] = [*changes, lambda: withdraw(fed, said[0])]
    for change in made:
        change()
        await fed.take()
        kept = await search.gather(fed.desk.database, READER, FIRST, LAST, before=kept)
        assert kept == await search.gather(fed.desk.database, READER, FIRST, LAST)
        assert list(kept.meetings) == list(kept.places)
    assert [subject for _source, subject in kept.meetings] == ["agenda/neuve", "agenda/r4", "agenda/egale"]


def thread_of(said: Event) -> Thread:
    return said.source, said.subject


@pytest.mark.parametrize("what", CHANGES)
async def test_what_is_asked_is_as_if_told_anew(fed: Fed, what: str) -> None:
    threads = [thread_of(said := ask(fed, f"question {number}")) for number in range(3)]
    await fed.take()
    told = told_of(fed.desk.queries)
    before = await told.of(READER, threads)
    await happens(fed, CHANGES[what], said)
    after = await told.of(READER, threads)
    assert after == await told_of(fed.desk.queries).of(READER, threads)
    assert (after == before) == (what in {"nothing of theirs", "a rebuild"})


async def test_only_the_threads_that_changed_are_told_again(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    """To each reader what is theirs; of more than are kept, the last; nothing of what they may not see."""
    said = [ask(fed, f"question {number}") for number in range(4)]
    named = ask(fed, "nommée", tlp="AMBER", audience=COMMISSION_BF)
    await fed.take()
    one, other, third, fourth = map(thread_of, said)
    told = Told(fed.desk.queries, FAMILIES, readers=1, threads=3)
    asked = Asked(fed.desk.queries.of_threads)
    monkeypatch.setattr(fed.desk.queries, "of_threads", asked)

    async def read(reader: Reader, *threads: Thread) -> set[Thread]:
        asked.threads.clear()
        assert set(await told.of(reader, threads)) == {*threads} - {thread_of(named)}
        return set(asked.threads)

    assert await read(READER, one, other) == {one, other}
    assert await read(READER, one, other) == set()
    ask(fed, "question 1", due="2026-05-01")
    await fed.take()
    assert await read(READER, other, one) == {other}
    assert await read(READER, third, fourth, third) == {third, fourth}
    assert await read(READER, one) == set(), "the last three are kept"
    assert await read(READER, other) == {other}
    assert await read(READER, thread_of(named)) == {thread_of(named)}, "nothing to be told of it"
    assert await read(Reader(COMMISSION_BF), one) == {one}
    assert await read(READER, one) == {one}, "one reader's alone are kept"
