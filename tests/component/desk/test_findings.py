"""What the archive found out, at the desk: on the page of the notice, and on the first page of the body it is about."""

from typing import Any

import httpx
import pytest

from tamani.core.event import Event
from tamani.core.findings import contest
from tamani.core.policy import Reader
from tamani.desk.findings import alarms_of, silent_others
from tests.component.desk.conftest import Fed
from tests.component.desk.test_following import archived, inputs_in, node, send, site
from tests.support.notices import BUREAU, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.posting import Posting
from tests.support.region import NOW

__all__ = ["node", "site"]
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
    for settles, open_ in ((None, ["contested"]), ("a" * 64, ["contested"]), (ENVS[1].hex(), [])):
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
    async with fed.client() as poster:
        poster.headers["Accept"] = "text/html"
        poster.cookies.set("tamani_session", fed.cookie(COMMISSION_ML))
        assert "/suite/correction" not in (await poster.get("/accueil")).text, "no node here"


@pytest.mark.parametrize(("stands", "said"), [(0, "a confirmé le contenu affiché"), (1, "n’est pas le sien")])
async def test_its_author_says_on_a_form_which_content_stands(
    fed: Fed, site: httpx.AsyncClient, node: Posting, stands: int, said: str
) -> None:
    """From the alarm to the form, which asks for the choice; then the page says which, and the alarm is gone."""
    first = contested(fed, tlp="GREEN")
    await fed.take()
    path = f"/avis{first.source}/{first.id}"
    assert f'href="{path}/suite/correction"' in (await site.get("/accueil")).text
    form = (await site.get(path + "/suite/correction")).text
    for one in ENVS:
        assert f'value="{one.hex()}"' in form
    given = inputs_in(form) | {"d.reason": "Deux envois", "d.text": "Lire 9 h 30."}
    lacking = await send(site, path + "/suite/correction", "relire", given)
    assert (lacking.status_code, "d-settles-faute" in lacking.text) == (422, True)
    foreign = await send(site, path + "/suite/correction", "publier", given | {"d.settles": "a" * 64})
    assert (foreign.status_code, await node.rows()) == (422, [])
    sent = await send(site, path + "/suite/correction", "publier", given | {"d.settles": ENVS[stands].hex()})
    assert sent.status_code == 303, sent.text
    told = await archived(fed, node)
    page = (await site.get(path)).text
    assert said in page
    note = page.partition("corrected")[2].partition("</div></div>")[0]
    for words in ("Deux envois", "Lire 9 h 30.", f"/avis{told.source}/{told.id}"):
        assert words in note
    assert "Contesté" not in page
    assert "/suite/correction" not in (await site.get("/accueil")).text
    assert "d-settles" not in (await site.get(path + "/suite/correction")).text, "it is settled"


async def test_a_correction_is_read_on_the_page_that_it_corrects(fed: Fed, browser: httpx.AsyncClient) -> None:
    """The newest first; not another's, not that of another version."""
    first = fed.feed.say("agenda.item", COMMISSION_ML, tlp="CLEAR")
    target = {"source": first.source, "id": first.id}
    for number, source in enumerate((COMMISSION_ML, COMMISSION_ML, COMMISSION_NE)):
        data = data_of("correction") | {"target": target, "reason": f"Raison {number}", "text": f"Texte {number}"}
        fed.feed.say("correction", source, tlp="CLEAR", subject=first.subject, data=data)
    second = fed.feed.say("agenda.item", COMMISSION_ML, tlp="CLEAR", subject=first.subject)
    await fed.take()
    page = (await browser.get(f"/avis{first.source}/{first.id}")).text
    header = page.partition("</header>")[2].partition("<section")[0]
    assert header.index("Texte 1") < header.index("Texte 0")
    assert "Raison 2" not in header
    assert "Texte 1" not in (await browser.get(f"/avis{second.source}/{second.id}")).text
