"""What the archive found out, at the desk: on the page of the notice, and on the first page of the body it is about."""

from typing import Any

import httpx
import pytest

from tamani.core.event import Event
from tamani.core.findings import contest
from tamani.core.policy import Reader
from tamani.desk.findings import alarms_of, silent_others
from tests.component.desk.conftest import Fed
from tests.support.notices import BUREAU, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.region import NOW

pytestmark = pytest.mark.postgres
ENVS = b"\x01" * 32, b"\x02" * 32


def contested(fed: Fed, **changes: Any) -> Event:
    """A notice of Mali's commission, the mark on it, and what the archive says."""
    first = fed.feed.say("agenda.item", COMMISSION_ML, **changes)
    fed.feed.mark(first)
    fed.feed.append(contest(BUREAU, first, ENVS, NOW))
    return first


def absence(fed: Fed, thread: str, status: str = "missing", audience: str = COMMISSION_ML) -> None:
    data = data_of("system.absence") | {"status": status, "about": audience}
    fed.feed.say("system.absence", BUREAU, tlp="AMBER", audience=audience, subject=f"system/{thread}", data=data)


async def open_for(fed: Fed, body: str | None) -> list[str]:
    await fed.take()
    return [alarm.kind for alarm in await alarms_of(fed.desk.queries, Reader(body))]


async def test_a_contested_notice_is_open_for_its_own_body_until_it_says_which_one_counts(fed: Fed) -> None:
    """Nobody else has to act; a correction without a choice settles nothing."""
    first = contested(fed)
    assert await open_for(fed, COMMISSION_ML) == ["contested"]
    assert await open_for(fed, OBSERVATORY_ML) == []
    assert await open_for(fed, None) == []
    target = {"source": first.source, "id": first.id}
    for settles, open_ in ((None, ["contested"]), ("a" * 64, [])):
        data = data_of("correction") | {"target": target} | ({"settles": settles} if settles else {})
        fed.feed.say("correction", COMMISSION_ML, subject=first.subject, data=data)
        assert await open_for(fed, COMMISSION_ML) == open_


async def test_an_absence_is_open_for_whom_it_is_about_until_it_is_settled(fed: Fed) -> None:
    absence(fed, "un")
    absence(fed, "deux")
    absence(fed, "autre", audience=COMMISSION_NE)
    assert await open_for(fed, COMMISSION_ML) == ["numeros", "numeros"]
    absence(fed, "un", "settled")
    assert await open_for(fed, COMMISSION_ML) == ["numeros"]
    assert await open_for(fed, OBSERVATORY_ML) == []


def silence(fed: Fed, about: str, status: str = "missing") -> None:
    said = data_of("system.absence", profile="silence") | {"status": status, "about": about}
    said |= {"heard": "2026-03-04T10:00:00Z"} if status == "settled" else {}
    subject = f"system/silence{about.replace('/', '-')}"
    given = {"tlp": "GREEN", "audience": about, "subject": subject, "profile": "silence", "data": said}
    fed.feed.say("system.absence", BUREAU, **given)


async def test_a_silence_is_shown_to_all_until_the_node_is_heard_again(fed: Fed, browser: httpx.AsyncClient) -> None:
    """To the silent body as something to do, to others so that nobody takes it for calm."""
    silence(fed, COMMISSION_NE)
    silence(fed, COMMISSION_ML)
    silence(fed, OBSERVATORY_ML)
    silence(fed, OBSERVATORY_ML, "settled")
    assert await open_for(fed, COMMISSION_ML) == ["silence"]
    others = await silent_others(fed.desk.queries, Reader(COMMISSION_ML))
    assert [notice.event.data["about"] for notice in others] == [COMMISSION_NE]
    assert await silent_others(fed.desk.queries, Reader()) == []
    browser.cookies.set("tamani_session", fed.cookie(COMMISSION_ML))
    page = (await browser.get("/accueil")).text
    assert "Ne donnent plus signe de vie" in page
    assert "Commission de défense (Niger)" in page


async def test_the_page_of_the_contested_notice_says_it_and_leads_to_it(fed: Fed, browser: httpx.AsyncClient) -> None:
    first = contested(fed, tlp="CLEAR")
    await fed.take()
    page = await browser.get(f"/avis{first.source}/{first.id}")
    told = contest(BUREAU, first, ENVS, NOW)
    assert "Double contenu constaté" in page.text
    assert f"/avis{BUREAU}/{told.id}" in page.text
    said = await browser.get(f"/avis{BUREAU}/{told.id}")
    assert "Deux contenus sous un même identifiant" in said.text
    assert "1" * 64 not in said.text, "what only programs need is not on the page"
    await browser.get("/langue/en")
    english = await browser.get(f"/avis{BUREAU}/{told.id}")
    assert "Two contents under one identifier" in english.text


async def test_the_first_page_of_the_body_shows_what_is_open(fed: Fed, browser: httpx.AsyncClient) -> None:
    first = contested(fed)
    absence(fed, "un")
    await fed.take()
    browser.cookies.set("tamani_session", fed.cookie(COMMISSION_ML))
    page = await browser.get("/accueil")
    assert f"/avis{first.source}/{first.id}" in page.text
    assert "publiez une correction qui dit lequel vaut" in page.text
    assert "ne sont pas arrivés à l" in page.text
    assert "Rien n'attend" not in page.text
