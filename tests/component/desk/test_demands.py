"""One inbox and one clock: requests, convocations and forwards that wait for a body, and what it waits for itself."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from tamani.core.event import Event
from tamani.core.policy import Reader
from tamani.desk.demands.search import Due, Finder
from tamani.desk.migrations.versions.v0009_demands import FILL
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import demand, settlement
from tests.component.desk.conftest import Fed
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    PLATFORM,
    data_of,
)
from tests.support.officers import session_of

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)
US = COMMISSION_ML


def ask(fed: Fed, title: str, due: str = "2026-04-20", source: str = COMMISSION_NE, **more: Any) -> Event:
    """A question to Mali's commission, unless told otherwise."""
    data = data_of("exchange.request", profile="question") | {"addressed_to": [US], "due": due}
    data |= more.pop("data", {})
    data["head"] = data["head"] | {"title": title}
    given = {"profile": "question", "tlp": "GREEN", "subject": f"exchange/{title}"} | more
    return fed.feed.say("exchange.request", source, data=data, **given)


def convene(fed: Fed, title: str, start: str, **more: Any) -> Event:
    data = data_of("agenda.meeting") | {"start": start, "end": start} | more.pop("data", {})
    data["head"] = {"title": title}
    given = {"tlp": "GREEN", "audience": US, "subject": f"agenda/{title}"} | more
    return fed.feed.say("agenda.meeting", COMMISSION_NE, data=data, **given)


def reply(fed: Fed, request: Event, word: str = "answered", source: str = US, **more: Any) -> Event:
    data = data_of("exchange.answer", profile="question") | {"answer": word}
    data["target"] = {"source": request.source, "id": request.id}
    given = {"profile": "question", "tlp": request.tlp, "subject": request.subject} | more
    return fed.feed.say("exchange.answer", source, data=data, **given)


def withdraw(fed: Fed, said: Event, thread: str | None = None) -> None:
    target = {"source": said.source, "id": said.id} | ({"thread": thread} if thread else {})
    data = data_of("withdrawal") | {"target": target}
    fed.feed.say("withdrawal", said.source, tlp=said.tlp, audience=said.audience, subject=said.subject, data=data)


def finder(fed: Fed) -> Finder:
    return Finder(fed.desk.database, fed.desk.told)


async def owed(fed: Fed, body: str | None = US, now: datetime = NOW) -> list[tuple[str, int | None]]:
    """What waits for this body: titles with the days left."""
    await fed.take()
    return [(one.notice.row.title, one.days) for one in await finder(fed).owed_by(Reader(body), now)]


async def awaited(fed: Fed, body: str = COMMISSION_NE, now: datetime = NOW) -> list[Due]:
    await fed.take()
    return await finder(fed).owed_to(Reader(body), now)


async def test_one_list_late_first_then_the_soonest_then_without_a_day(fed: Fed) -> None:
    """Questions, opinions, needs and convocations together; nothing of ours, nothing for others, nothing public."""
    ask(fed, "dans dix jours")
    ask(fed, "en retard", "2026-04-08")
    need = data_of("exchange.request", profile="besoin") | {"addressed_to": [US]}
    fed.feed.say("exchange.request", PLATFORM, profile="besoin", tlp="GREEN", subject="exchange/b", data=need)
    convene(fed, "séance demain", "2026-04-11T09:00:00Z")
    convene(fed, "réponse voulue hier", "2026-04-30T09:00:00Z", data={"reply_by": "2026-04-09"})
    convene(fed, "commencée", "2026-04-10T09:00:00Z")
    ask(fed, "la nôtre", source=US, data={"addressed_to": [US, COMMISSION_BF]})
    ask(fed, "aux autres", data={"addressed_to": [COMMISSION_BF]})
    ask(fed, "que nous ne lisons pas", tlp="AMBER", audience=COMMISSION_BF)
    wanted = [("en retard", -2), ("réponse voulue hier", -1), ("séance demain", 1), ("dans dix jours", 10)]
    assert await owed(fed) == [*wanted, (need["head"]["title"], None)]
    assert await owed(fed, COMMISSION_BF) == [("la nôtre", 10), ("aux autres", 10)]
    assert await owed(fed, None) == []


@pytest.mark.parametrize(("word", "waits"), [("answered", False), ("declined", False), ("partial", True)])
async def test_an_answer_ends_the_wait_and_a_part_of_one_does_not(fed: Fed, word: str, waits: bool) -> None:
    request = ask(fed, "question")
    reply(fed, request, source=OBSERVATORY_ML)
    fed.feed.say("ack", US, tlp="GREEN", subject=request.subject, data=about(request))
    assert len(await owed(fed)) == 1, "neither another's answer nor having received it"
    reply(fed, request, word)
    assert bool(await owed(fed)) is waits


def about(request: Event) -> dict[str, Any]:
    return data_of("ack") | {"target": {"source": request.source, "id": request.id}}


async def test_an_answer_that_is_taken_back_is_awaited_again(fed: Fed) -> None:
    request = ask(fed, "question")
    answer = reply(fed, request)
    assert await owed(fed) == []
    withdraw(fed, answer, request.source)
    assert len(await owed(fed)) == 1
    reply(fed, request)
    assert await owed(fed) == []


async def test_each_addressee_is_waited_for_by_itself(fed: Fed) -> None:
    """One has answered: the other may still decline; asked anew after that, the one who declined is asked again."""
    both: dict[str, Any] = {"data": {"addressed_to": [US, COMMISSION_BF]}}
    request = ask(fed, "à deux", **both)
    reply(fed, request, source=COMMISSION_BF)
    assert (len(await owed(fed)), await owed(fed, COMMISSION_BF)) == (1, [])
    reply(fed, request, "declined")
    assert await owed(fed) == []
    other = ask(fed, "encore", **both)
    reply(fed, other, "declined", source=COMMISSION_BF)
    assert [title for title, _ in await owed(fed)] == ["encore"]
    ask(fed, "encore", "2026-04-25", **both)
    assert await owed(fed, COMMISSION_BF) == [("encore", 15)]


@pytest.mark.parametrize("status", ["closed", "withdrawn"])
async def test_what_its_author_ends_asks_nothing(fed: Fed, status: str) -> None:
    ask(fed, "question")
    ask(fed, "question", data={"status": status})
    assert (await owed(fed), await awaited(fed)) == ([], [])


async def test_a_withdrawn_request_asks_nothing(fed: Fed) -> None:
    withdraw(fed, ask(fed, "question"))
    assert (await owed(fed), await awaited(fed)) == ([], [])


async def test_both_sides_see_the_same_delay(fed: Fed) -> None:
    """The asker sees who is late and who has answered; an addressee sees its own delay, by the same clock."""
    late = ask(fed, "en retard", "2026-04-08", data={"addressed_to": [US, COMMISSION_BF]})
    soon = ask(fed, "bientôt", "2026-04-12", data={"addressed_to": [COMMISSION_BF]})
    done = ask(fed, "répondue", "2026-04-01")
    reply(fed, late, source=COMMISSION_BF)
    answer = reply(fed, done)
    found = await awaited(fed)
    assert [(one.notice.row.title, one.days, [p.body for p in one.missing]) for one in found] == [
        ("en retard", -2, [US]),
        ("bientôt", 2, [COMMISSION_BF]),
        ("répondue", -9, []),
    ]
    assert found[0].late
    assert [(p.body, p.word) for p in found[0].parties] == [(COMMISSION_BF, "answered"), (US, "")]
    (party,) = found[2].parties
    assert party.answer is not None
    assert party.answer.row.id == answer.id
    assert await owed(fed) == [("en retard", -2)]
    withdraw(fed, soon)
    assert len(await awaited(fed)) == 2


async def test_the_convener_sees_who_will_come(fed: Fed) -> None:
    said = convene(fed, "séance", "2026-04-20T09:00:00Z", audience=f"{COMMISSION_BF} {US}")
    data = data_of("ack", profile="participation") | {"target": {"source": said.source, "id": said.id}}
    fed.feed.say("ack", US, profile="participation", tlp="GREEN", subject=said.subject, data=data)
    (one,) = await awaited(fed)
    assert [(party.body, party.word) for party in one.parties] == [(COMMISSION_BF, ""), (US, "will-attend")]
    assert await awaited(fed, now=NOW + timedelta(days=11)) == []


async def test_what_was_there_before_is_read_from_the_exact_bytes(fed: Fed) -> None:
    """By the migration and by a rebuild, as the projection wrote it; a feed that goes back takes its rows along."""
    request = ask(fed, "question")
    convene(fed, "séance", "2026-04-20T09:00:00Z", audience=f"{COMMISSION_BF} {US}", data={"reply_by": "2026-04-15"})
    need = data_of("exchange.request", profile="besoin") | {"addressed_to": [US, COMMISSION_NE, US]}
    fed.feed.say("exchange.request", COMMISSION_NE, profile="besoin", tlp="GREEN", subject="exchange/b", data=need)
    fed.feed.say("exchange.request", COMMISSION_NE, profile="contribution", tlp="GREEN", subject="exchange/c")
    ask(fed, "close", data={"status": "closed"}, subject="exchange/d")
    reply(fed, request)
    reply(fed, request, "partial")
    await fed.take()
    tables = select(demand).order_by(demand.c.feed_index), select(settlement)
    async with fed.desk.database.writing() as connection:
        live = [(await connection.execute(query)).all() for query in tables]
        for table in (demand, settlement):
            await connection.execute(delete(table))
        for statement in FILL:
            await connection.execute(text(statement))
        assert [(await connection.execute(query)).all() for query in tables] == live
    assert [(row.feed_index, row.due) for row in live[0]] == [
        (1, date(2026, 4, 20)),
        (2, date(2026, 4, 15)),
        (3, None),
    ]
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda _done, _all: None)
    assert await owed(fed) != []
    await fed.intake.truncate(await fed.intake.load(), 2, 2)
    fed.feed.rewind(1)
    assert await owed(fed) == [("question", 10)], "the answer is gone with the past"


async def test_the_pages_say_who_is_late_to_those_concerned(fed: Fed) -> None:
    """The home of who owes, the page of who asks, the notice for both; an onlooker learns of nobody's delay."""
    fed.desk.clock = lambda: NOW
    late = ask(fed, "Délais de réponse", "2026-04-08", data={"addressed_to": [US, COMMISSION_BF]})
    await fed.take()

    async def page(source: str, path: str) -> str:
        async with fed.client() as client:
            client.cookies.set("tamani_session", session_of(fed.desk.accounts, source))
            client.headers["Accept"] = "text/html"
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.text

    notice = f"/avis{late.source}/{late.id}"
    home = await page(US, "/accueil")
    assert "Délais de réponse" in home
    assert "en retard de 2 jours" in home
    asked = await page(COMMISSION_NE, "/demandes")
    assert asked.count("en retard de 2 jours") == 2
    assert "2 réponses manquent" in asked
    assert (await page(COMMISSION_NE, notice)).count("en retard de 2 jours") == 3
    assert (await page(US, notice)).count("en retard de 2 jours") == 2
    assert "en retard" not in await page(OBSERVATORY_ML, notice)
    assert "n’attend aucune réponse" in await page(OBSERVATORY_ML, "/demandes")
    async with fed.client() as stranger:
        assert (await stranger.get("/demandes", headers={"Accept": "text/html"})).status_code == 401
    assert re.findall(r'href="(/avis[^"]*/repondre)"', home) == [], "no node beside: nothing can be sent from here"
