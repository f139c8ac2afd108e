"""An officer's first page: what waits comes from the mirror, tiles from rights and roles; answers are sent."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from tamani.core.event import format_time
from tamani.core.names import Country
from tamani.core.policy import Reader
from tamani.core.roles import Role
from tamani.desk.demands.search import Finder
from tamani.desk.posting import Posting as Api
from tamani.node.tables import elsewhere
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import ask, reply
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    SOURCES,
    data_of,
    key_of,
    key_row,
    registry_value,
)
from tests.support.officers import HEAD, POSTER, READER, VALIDATOR, session_of
from tests.support.posting import Posting, posting

pytestmark = pytest.mark.postgres
ORIGIN = {"Origin": "http://desk.test"}
SOON = format_time(system_clock() + timedelta(days=3))
LATER = format_time(system_clock() + timedelta(days=9))
PAST = format_time(system_clock() - timedelta(days=3))


def meeting(title: str, start: str = SOON, **changes: Any) -> dict[str, Any]:
    data = data_of("agenda.meeting") | {"start": start, "end": start} | changes
    data["head"] |= {"title": title}
    return data


def convene(fed: Fed, title: str, source: str = COMMISSION_NE, start: str = SOON, **more: Any) -> Any:
    """A convocation that names Mali's commission, unless told otherwise."""
    changes = {name: more.pop(name) for name in ("status", "place") if name in more}
    given = {"tlp": "GREEN", "audience": COMMISSION_ML, "subject": f"agenda/{title}"} | more
    return fed.feed.say("agenda.meeting", source, data=meeting(title, start, **changes), **given)


def answer(fed: Fed, event: Any, level: str, source: str = COMMISSION_ML) -> None:
    data: dict[str, Any] = {
        "head": {"title": "Réponse"},
        "target": {"source": event.source, "id": event.id},
        "level": level,
    }
    if level == "other-date":
        data["proposed"] = LATER
    fed.feed.say("ack", source, profile="participation", tlp="GREEN", subject=event.subject, data=data)


async def waits(fed: Fed, body: str | None = COMMISSION_ML) -> list[str]:
    await fed.take()
    found = await Finder(fed.desk.database, fed.desk.told).owed_by(Reader(body), system_clock())
    return [one.notice.row.title for one in found]


async def test_convocations_that_name_us_wait_the_soonest_first(fed: Fed) -> None:
    """Not our own, nor those that name others, nor what is over; the public is asked nothing."""
    convene(fed, "plus tard", start=LATER)
    convene(fed, "bientôt")
    convene(fed, "passée", start=PAST)
    convene(fed, "aux autres", audience=COMMISSION_BF)
    convene(fed, "à tous", audience=None)
    convene(fed, "la nôtre", source=COMMISSION_ML, audience=COMMISSION_NE)
    assert await waits(fed) == ["bientôt", "plus tard"]
    assert await waits(fed, COMMISSION_BF) == ["aux autres"]
    assert await waits(fed, None) == []


@pytest.mark.parametrize("level", ["will-attend", "will-not-attend", "other-date"])
async def test_an_answer_of_ours_ends_the_wait(fed: Fed, level: str) -> None:
    asked = convene(fed, "séance")
    answer(fed, asked, "will-attend", OBSERVATORY_ML)
    assert await waits(fed) == ["séance"], "another body's answer is not ours"
    answer(fed, asked, "received")
    assert await waits(fed) == ["séance"], "having received it is no answer"
    answer(fed, asked, level)
    assert await waits(fed) == []


async def test_a_new_hour_asks_again_and_a_new_room_does_not(fed: Fed) -> None:
    asked = convene(fed, "séance")
    answer(fed, asked, "will-attend")
    convene(fed, "séance", place="Autre salle")
    assert await waits(fed) == []
    convene(fed, "séance", start=LATER, status="postponed")
    assert await waits(fed) == ["séance"]


@pytest.mark.parametrize("status", ["cancelled"])
async def test_what_was_cancelled_asks_nothing(fed: Fed, status: str) -> None:
    convene(fed, "séance")
    convene(fed, "séance", status=status)
    assert await waits(fed) == []


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali, by today's clock, on the desk's folder."""
    async with posting(tmp_path, Country.ML) as made:
        made.clock.at = system_clock()
        yield made


@pytest.fixture
async def site(fed: Fed, node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer who may post."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api:
        fed.desk.posting = Api(api)
        async with fed.client() as browser:
            browser.headers["Accept"] = "text/html"
            browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
            yield browser


def fields(page: str) -> dict[str, str]:
    """The hidden values of the first answer on the page."""
    form = page.partition('action="/publier/reponse"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def test_the_home_answers_a_convocation_in_its_thread(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """One click; sealed by our body's key, marked as what it answers, for the convener and whom it named."""
    asked = convene(fed, "Séance conjointe", tlp="AMBER", audience=f"{COMMISSION_BF} {COMMISSION_ML}")
    await fed.take()
    page = (await site.get("/accueil")).text
    assert page.index("Attend une réponse de nous") < page.index("Ce que vous pouvez publier")
    assert "Séance conjointe" in page
    given = fields(page)
    for _ in range(2):
        sent = await site.post("/publier/reponse", data=given | {"reponse": "will-attend"}, headers=ORIGIN)
        assert sent.status_code == 303, sent.text
    (row,) = await node.rows()
    payload = json.loads(row["value"])
    assert row["subject"] == asked.subject
    assert payload["payloadType"] == "application/cloudevents+json"
    page = (await site.get("/accueil")).text
    assert "Vos derniers envois" in page
    assert "En attente" in page


async def test_another_date_is_meant_by_our_clock(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    convene(fed, "Séance conjointe")
    await fed.take()
    given = fields((await site.get("/accueil")).text) | {"reponse": "other-date"}
    wrong = await site.post("/publier/reponse", data=given | {"date": "demain"}, headers=ORIGIN)
    assert wrong.status_code == 422
    sent = await site.post("/publier/reponse", data=given | {"date": "2030-01-02T10:00"}, headers=ORIGIN)
    assert sent.status_code == 303
    assert len(await node.rows()) == 1


async def test_an_answer_to_nothing_is_refused(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    convene(fed, "Séance conjointe")
    hidden = convene(fed, "Pas pour nous", tlp="AMBER", audience=COMMISSION_BF)
    await fed.take()
    given = fields((await site.get("/accueil")).text)
    for changed, status in (
        ({"reponse": "peut-être"}, 404),
        ({"reponse": "will-attend", "avis": hidden.id}, 404),
        ({"reponse": "will-attend", "avis": "x"}, 404),
    ):
        refused = await site.post("/publier/reponse", data=given | changed, headers=ORIGIN)
        assert refused.status_code in {status, 422}, changed
    assert await node.rows() == []


async def test_tiles_are_the_bodys_rights_at_most_six(fed: Fed, site: httpx.AsyncClient) -> None:
    """A reader has none; a body without rights has none; nobody has more than six."""
    tiles = re.compile(r'class="tile" href="/publier/([a-z.]+)"')
    assert len(tiles.findall((await site.get("/accueil")).text)) == 6
    rights = [key_row(source, rights=["agenda.meeting:atelier", "law.item:*"]) for source in SOURCES]
    assert fed.desk.registry.offer(registry_value(version=2, keys=rights))
    assert tiles.findall((await site.get("/accueil")).text) == ["agenda.meeting", "law.item"]
    async with fed.client() as reader:
        reader.cookies.set("tamani_session", session_of(fed.desk.accounts, OBSERVATORY_ML, READER))
        page = (await reader.get("/accueil")).text
        assert tiles.findall(page) == []
        assert "Rien n’attend de réponse" in page
        assert 'action="/publier/reponse"' not in page


async def test_without_signing_in_there_is_no_home(fed: Fed) -> None:
    async with fed.client() as stranger:
        assert (await stranger.get("/accueil", headers={"Accept": "text/html"})).status_code == 401
    async with fed.client(COMMISSION_ML) as program:
        assert (await program.get("/accueil")).status_code == 401


@pytest.mark.parametrize(
    ("roles", "tiles"),
    [
        (READER, ["/agenda", "/lois", "/"]),
        (HEAD, ["/agenda", "/lois", "/", "/officiers"]),
        (VALIDATOR, ["/agenda", "/lois", "/", "/a-valider"]),
    ],
)
async def test_who_does_not_post_has_tiles_too(
    fed: Fed, site: httpx.AsyncClient, roles: frozenset[Role], tiles: list[str]
) -> None:
    """What they can read, and what their role is for; an error leads back here."""
    site.cookies.set("tamani_session", session_of(fed.desk.accounts, OBSERVATORY_ML, roles))
    home = (await site.get("/accueil")).text
    assert re.findall(r'class="tile" href="([^"]+)"', home) == tiles
    for tile in tiles:
        assert (await site.get(tile)).status_code == 200, tile
    lost = await site.get("/avis/ml/personne/01890000-0000-7000-8000-000000000001")
    assert (lost.status_code, 'class="button solid" href="/accueil"' in lost.text) == (404, True)


async def test_a_request_that_ones_rights_do_not_answer_offers_no_form(fed: Fed, site: httpx.AsyncClient) -> None:
    """It stands among what waits, and on its own page, without the button."""
    data = data_of("exchange.request", profile="question") | {"addressed_to": [COMMISSION_ML]}
    asked = fed.feed.say("exchange.request", COMMISSION_NE, profile="question", tlp="GREEN", data=data)
    await fed.take()
    answer, page = f"/avis{asked.source}/{asked.id}/repondre", f"/avis{asked.source}/{asked.id}"
    for address in ("/accueil", page):
        assert answer in (await site.get(address)).text
    rights = [key_row(source, rights=["exchange.answer:besoin", "exchange.request:besoin"]) for source in SOURCES]
    assert fed.desk.registry.offer(registry_value(version=2, keys=rights))
    home = (await site.get("/accueil")).text
    assert page in home
    for text in (home, (await site.get(page)).text):
        assert answer not in text
        assert "/transmettre" not in text


def figures(page: str) -> dict[str, int]:
    """The four figures at the top of the page."""
    found = re.findall(r"<b>(\d+)\+?</b> <strong>([^<]+)</strong>", page)
    return {word.replace("\u00a0", " "): int(number) for number, word in found}


async def test_new_is_what_others_have_said_since_the_last_visit(fed: Fed, site: httpx.AsyncClient) -> None:
    """Ours is not new to us, what is closed to us is not counted; it stays new until we come again."""
    for subject, source, more in (
        ("law/1", COMMISSION_NE, {"tlp": "GREEN"}),
        ("law/2", COMMISSION_ML, {"tlp": "GREEN"}),
        ("law/3", COMMISSION_NE, {"tlp": "AMBER", "audience": COMMISSION_BF}),
    ):
        fed.feed.say("law.item", source, subject=subject, **more)
    await fed.take()
    for _ in range(2):
        page = (await site.get("/accueil")).text
        assert figures(page)["Nouveaux"] == 1
        assert "première visite" in page
    site.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
    page = (await site.get("/accueil")).text
    assert figures(page)["Nouveaux"] == 0
    assert "depuis votre visite du" in page
    assert "Rien de nouveau depuis votre dernière visite" in page
    fed.feed.say("law.item", COMMISSION_NE, subject="law/1", tlp="GREEN")
    await fed.take()
    assert figures((await site.get("/accueil")).text)["Nouveaux"] == 1, "a thread that moved"


async def test_urgent_is_an_alert_in_force_that_nobody_handles(fed: Fed, site: httpx.AsyncClient) -> None:
    """Neither one that is over, nor one that was ended or that somebody has taken in hand."""
    alert = {"tlp": "GREEN", "expirytime": SOON}
    said = [fed.feed.say("monitor.alert", OBSERVATORY_ML, subject=f"alert/{n}", **alert) for n in range(3)]
    fed.feed.say("monitor.alert", OBSERVATORY_ML, subject="alert/9", **(alert | {"expirytime": PAST}))
    ended = data_of("monitor.alert") | {"msg_type": "Cancel"}
    fed.feed.say("monitor.alert", OBSERVATORY_ML, subject="alert/0", data=ended, **alert)
    await fed.take()
    assert figures((await site.get("/accueil")).text)["Urgents"] == 2
    for level, left in (("received", 2), ("handled", 1)):
        data = {"head": {"title": "Réponse"}, "level": level, "target": {"source": said[1].source, "id": said[1].id}}
        fed.feed.say("ack", COMMISSION_BF, profile="accuse", tlp="GREEN", subject="alert/1", data=data)
        await fed.take()
        page = (await site.get("/accueil")).text
        assert figures(page)["Urgents"] == left
    assert page.count(f"/avis{said[2].source}/{said[2].id}") == 2, "in its block, and among what is new"


async def test_late_is_told_in_both_directions(fed: Fed, site: httpx.AsyncClient) -> None:
    """What we owe and what is owed to us, past its day; an answered one is not late."""
    past, soon = PAST[:10], SOON[:10]
    mine: dict[str, Any] = {"source": COMMISSION_ML, "data": {"addressed_to": [COMMISSION_BF, COMMISSION_NE]}}
    ask(fed, "À nous, en retard", past, subject="exchange/1")
    ask(fed, "À nous, à temps", soon, subject="exchange/2")
    late = ask(fed, "Aux autres, en retard", past, subject="exchange/3", **mine)
    ask(fed, "Aux autres, à temps", soon, subject="exchange/4", **mine)
    await fed.take()
    page = (await site.get("/accueil")).text
    assert (figures(page)["À nous"], figures(page)["En retard"]) == (2, 2)
    assert "de nous\u00a0: 1 · des autres\u00a0: 1" in page
    block = page.partition('id="retard"')[2].partition("</section>")[0]
    assert re.findall(r'lang="fr">([^<]+)</a>', block) == ["Aux autres, en retard"]
    assert block.count("Commission de défense") == 2
    reply(fed, late, source=COMMISSION_NE)
    reply(fed, late, source=COMMISSION_BF)
    await fed.take()
    page = (await site.get("/accueil")).text
    assert figures(page)["En retard"] == 1
    assert 'id="retard"' not in page


async def test_a_key_that_speaks_elsewhere_is_told_first(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """With the notice and what to do; no more once officers of the registry have silenced the key."""
    said = fed.feed.say(tlp="CLEAR")
    await fed.take()
    key, words = key_of(COMMISSION_ML).keyid, "n’est pas parti d’ici"
    assert words not in (await site.get("/accueil")).text
    facts = {"source": said.source, "id": said.id, "keyid": key, "log_index": 0, "answered_at": said.time}
    await node.outbox.write(lambda c: c.execute(insert(elsewhere).values(**facts, found_at=0)))
    page = (await site.get("/accueil")).text
    assert f'href="/avis{said.source}/{said.id}">Un avis signé avec votre clé {words}' in page
    assert key[:16] in page
    assert "Rien n’attend" not in page
    silenced = [
        key_row(source, state="suspended") if source == COMMISSION_ML else key_row(source) for source in SOURCES
    ]
    assert fed.desk.registry.offer(registry_value(version=2, keys=silenced))
    assert words not in (await site.get("/accueil")).text
