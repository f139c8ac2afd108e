"""What an officer does on a notice's own page: present values, what changes, one click, and the node's last word.

Desk, database and node are real; the node asks the desk for threads, as in a site.
"""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.cli.beside import BesideDesk
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    SOURCES,
    data_of,
    key_row,
    registry_value,
    seal,
)
from tests.support.officers import POSTER, READER, session_of
from tests.support.posting import Posting, posting

pytestmark = pytest.mark.postgres
ORIGIN = {"Origin": "http://desk.test"}
START, END = "2030-04-14T09:00:00Z", "2030-04-14T12:00:00Z"


@pytest.fixture
async def node(fed: Fed, tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali beside the desk."""

    beside = BesideDesk()
    beside.queries = fed.desk.queries
    async with posting(tmp_path, Country.ML, beside=beside, named=beside.named) as made:
        made.clock.at = system_clock()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url="http://node") as api:
            fed.desk.posting = Api(api)
            yield made


@pytest.fixture
async def site(fed: Fed, node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer of Mali's commission who may post."""
    async with fed.client() as browser:
        browser.headers["Accept"] = "text/html"
        browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        yield browser


def sitting(fed: Fed, source: str = COMMISSION_ML, *, number: int = 1, **data: Any) -> Event:
    """A version of a sitting of six months ahead, with two points."""
    points = [
        {"rank": 1, "kind": "examen-texte", "title": "Protection des témoins", "law_ref": "temoins"}
        | {"documents": ["ab" * 32]},
        {"rank": 2, "kind": "divers", "title": "Prochaine séance"},
    ]
    said = data_of("agenda.meeting") | {"status": "confirmed", "start": START, "end": END, "place": "Salle 1"}
    said = said | {"body": source, "points": points} | data
    said["head"] = {"title": "Trois textes à comparer"} | data.get("head", {})
    given = {"tlp": "GREEN", "audience": f"{COMMISSION_ML} {COMMISSION_NE}", "subject": f"agenda/{number}"}
    return fed.feed.say("agenda.meeting", source, profile="conjointe", data=said, **given)


def page_of(said: Event, deed: str = "") -> str:
    return f"/avis{said.source}/{said.id}" + (f"/suite/{deed}" if deed else "")


def inputs_in(page: str, action: str = "/avis") -> dict[str, list[str]]:
    """What a browser would send of the form on this page, but for its buttons."""
    form = page.partition(f'<form method="post" action="{action}')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        said = {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if "name" in said and (said.get("type") != "checkbox" or " checked" in tag):
            found.setdefault(said["name"], []).append(said.get("value", ""))
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form):
        found[name] = [unescape(value) for value in re.findall(r'<option value="([^"]*)" selected', inner)]
    for name, inner in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(unescape(inner).removeprefix("\n"))
    return {name: values for name, values in found.items() if any(values)}


async def send(site: httpx.AsyncClient, path: str, act: str, given: dict[str, Any]) -> httpx.Response:
    return await site.post(path, data=given | {"acte": act}, headers=ORIGIN)


async def opened(site: httpx.AsyncClient, path: str) -> dict[str, Any]:
    page = await site.get(path)
    assert page.status_code == 200, page.text[:400]
    return inputs_in(page.text)


async def said_by_node(node: Posting) -> Event:
    """The last notice in the outbox."""
    return decode_event(decode_envelope((await node.rows())[-1]["value"]).payload)


async def archived(fed: Fed, node: Posting) -> Event:
    """The same, back at the desk as every site has it."""
    event = await said_by_node(node)
    fed.feed.append_value(seal(event))
    await fed.take()
    return event


def buttons(page: str) -> list[str]:
    """What the page offers, in its order."""
    part = page.partition('class="deeds"')[2].partition("</section>")[0]
    return re.findall(
        r'(?:form)?(?:action|href)="/avis[^"]*/suite/([^"]+)"', part.partition('class="answers"')[2] or part
    )


async def test_the_page_offers_what_role_rights_and_state_allow(fed: Fed, site: httpx.AsyncClient) -> None:
    ours, theirs = sitting(fed), sitting(fed, COMMISSION_NE, number=2)
    await fed.take()
    page = (await site.get(page_of(ours))).text
    versions = [f"version:{state}" for state in ("confirmed", "held", "postponed", "cancelled")]
    assert [one.replace("%3A", ":") for one in buttons(page)] == [*versions, "translation", "correction", "withdrawal"]
    assert "/publier/agenda.meeting?comme=" in page
    page = (await site.get(page_of(theirs))).text
    found = [one.replace("%3A", ":") for one in buttons(page)]
    assert found == ["ack:will-attend", "ack:will-not-attend", "ack:other-date", "translation", "endorsement"]
    rights = [key_row(source, rights=["law.item:*"]) for source in SOURCES]
    assert fed.desk.registry.offer(registry_value(version=2, keys=rights))
    page = (await site.get(page_of(ours))).text
    assert buttons(page) == ["translation", "correction", "withdrawal"], "system acts need no right of their own"
    for roles in (READER, frozenset({Role.VALIDATOR})):
        async with fed.client() as other:
            other.cookies.set("tamani_session", session_of(fed.desk.accounts, OBSERVATORY_ML, roles))
            assert 'class="deeds"' not in (await other.get(page_of(ours))).text
            assert (await other.get(page_of(ours, "translation"))).status_code == 403
    async with fed.client() as stranger:
        assert (await stranger.get(page_of(ours, "translation"))).status_code in {401, 404}


async def test_a_postponement_from_the_page_to_the_page(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """Three values and a reason; the old hour struck out before and after; the rest of the notice untouched."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:postponed")
    given = await opened(site, path)
    names = {name for name in given if name.startswith("d.")}
    assert names == {"d.start", "d.end", "d.place"}, "the reason is empty, and nothing else is asked"
    assert given["d.start"] == ["2030-04-14T09:00"]
    lacking = await send(site, path, "relire", given)
    assert (lacking.status_code, 'id="d-head-reason-faute"' in lacking.text) == (422, True)
    given |= {"d.start": "2030-04-21T09:00", "d.end": "2030-04-21T12:00", "d.head.reason": "Deuil national"}
    check = (await send(site, path, "relire", given)).text
    assert "Deuil national" in check
    assert re.search(r"<del><span[^>]*>avant\xa0: </span>dim\. 14 avr\. 2030, 09h00", check)
    assert re.search(r"<ins><span[^>]*>maintenant\xa0: </span>dim\. 21 avr\. 2030, 09h00", check)
    assert "10 organismes, et personne d’autre" in check
    assert await node.rows() == []
    for _ in range(2):
        sent = await send(site, path, "publier", given)
        assert sent.status_code == 303, sent.text[-900:]
    assert len(await node.rows()) == 1
    event = await archived(fed, node)
    kept = {name: value for name, value in first.data.items() if name not in {"head", "start", "end", "status"}}
    assert event.data == kept | {
        "head": first.data["head"] | {"reason": "Deuil national"},
        "start": "2030-04-21T09:00:00Z",
        "end": "2030-04-21T12:00:00Z",
        "status": "postponed",
    }
    assert (event.subject, event.audience, event.tlp) == (first.subject, first.audience, "GREEN")
    page = (await site.get(page_of(event))).text
    assert "Ce qui a changé depuis la version précédente" in page
    assert re.search(r"<del>.*14 avr\. 2030.*</del> <ins>.*21 avr\. 2030", page)
    assert "Deuil national" in page


async def test_a_cancellation_asks_for_the_reason_alone(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:cancelled")
    given = await opened(site, path)
    assert not [name for name in given if name.startswith("d.")]
    sent = await send(site, path, "publier", given | {"d.head.reason": "Quorum impossible"})
    assert sent.status_code == 303
    event = await archived(fed, node)
    assert event.data == first.data | {
        "status": "cancelled",
        "head": first.data["head"] | {"reason": "Quorum impossible"},
    }
    page = (await site.get(page_of(event))).text
    assert [one for one in buttons(page) if one.startswith("version")] == [], "nothing follows a cancellation"
    late = await send(site, page_of(event, "version:confirmed"), "relire", given)
    assert (late.status_code, "a changé pendant que vous écriviez" in late.text) == (409, True)


async def test_an_update_keeps_what_its_form_does_not_show(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """A point that moves up keeps its documents; readers and label are as they were unless somebody changes them."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:confirmed")
    given = await opened(site, path)
    assert (given["tlp"], sorted(given["audience"])) == (["GREEN"], [COMMISSION_ML, COMMISSION_NE][1:])
    given |= {"d.points.0.title": "Prochaine séance", "d.points.0.kind": "divers"}
    given |= {"d.points.1.title": "Protection des témoins", "d.points.1.kind": "examen-texte"}
    given |= {"audience": [COMMISSION_NE, COMMISSION_BF]}
    check = (await send(site, path, "relire", given)).text
    assert re.search(r"<ins>.*Commission de défense \(Burkina Faso\)</ins>", check)
    assert (await send(site, path, "publier", given)).status_code == 303
    event = await said_by_node(node)
    assert [(point["rank"], "documents" in point) for point in event.data["points"]] == [(1, False), (2, True)]
    assert event.audience == f"{COMMISSION_BF} {COMMISSION_NE}"
    more = await send(site, path, "lignes", given)
    assert 'name="d.points.5.title"' in more.text


async def test_points_are_pasted_into_an_update(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """Below those that are there, faults beside cells; what is refused whole stays in its text, moved on or not."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:confirmed")
    given = await opened(site, path)
    wrong = await send(site, path, "publier", given | {"coller.points": "Budget\tConcert"})
    assert (wrong.status_code, 'id="d-points-2-kind-faute"' in wrong.text) == (422, True)
    rows = await send(site, path, "lignes", given | {"coller.points": "Budget\tDivers"})
    assert ('value="Budget"' in rows.text, 'name="d.points.3.title"' in rows.text) == (True, False)
    assert (await send(site, path, "publier", given | {"coller.points": "Budget\tDivers"})).status_code == 303
    assert [point["title"] for point in (await said_by_node(node)).data["points"]][2:] == ["Budget"]
    sitting(fed, start="2030-04-21T09:00:00Z", end="2030-04-21T12:00:00Z")
    await fed.take()
    many = "\n".join(["Budget"] * 70)
    moved = await send(site, path, "publier", given | {"coller.points": many})
    assert (moved.status_code, inputs_in(moved.text)["coller.points"]) == (409, [many])


async def test_what_changed_meanwhile_is_said_and_nothing_typed_is_lost(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """Another officer moved the hour while this one wrote the place."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:confirmed")
    given = await opened(site, path)
    sitting(fed, start="2030-04-21T09:00:00Z", end="2030-04-21T12:00:00Z")
    await fed.take()
    given |= {"d.place": "Salle des fêtes"}
    again = await send(site, path, "publier", given)
    assert (again.status_code, "Ce qui a changé entre-temps" in again.text) == (409, True)
    assert re.search(r"<del>.*14 avr\. 2030.*</del> <ins>.*21 avr\. 2030", again.text)
    assert await node.rows() == []
    both = inputs_in(again.text)
    assert (both["d.place"], both["d.start"]) == (["Salle des fêtes"], ["2030-04-21T09:00"])
    assert both["id"] == given["id"]
    assert (await send(site, path, "publier", both)).status_code == 303
    event = await said_by_node(node)
    assert (event.data["place"], event.data["start"]) == ("Salle des fêtes", "2030-04-21T09:00:00Z")


async def test_two_officers_at_once_are_told_by_the_node(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """The first version is not yet archived, so the desk cannot know of it; the node does."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:confirmed")
    one, other = await opened(site, path), await opened(site, path)
    assert (await send(site, path, "publier", one | {"d.place": "Salle 2"})).status_code == 303
    late = await send(site, path, "publier", other | {"d.place": "Salle 3"})
    assert (late.status_code, "a changé pendant que vous écriviez" in late.text) == (409, True)
    assert 'value="Salle 3"' in late.text
    assert len(await node.rows()) == 1


@pytest.mark.parametrize(
    ("deed", "typed", "kind", "wanted"),
    [
        ("correction", {"d.reason": "Mauvaise salle", "d.text": "Salle 2"}, "correction", {"reason": "Mauvaise salle"}),
        ("withdrawal", {"d.reason": "protection", "d.note": "À la demande"}, "withdrawal", {"reason": "protection"}),
        (
            "translation",
            {"d.into": "en", "d.review": "reviewed", "d.title": "Joint sitting"},
            "translation",
            {"into": "en", "title": "Joint sitting"},
        ),
    ],
)
async def test_correct_withdraw_translate(
    fed: Fed,
    site: httpx.AsyncClient,
    node: Posting,
    deed: str,
    typed: dict[str, str],
    kind: str,
    wanted: dict[str, str],
) -> None:
    """Each its own signed notice in the thread, about this one, marked no lower; read over first."""
    first = sitting(fed)
    await fed.take()
    path = page_of(first, deed)
    given = await opened(site, path)
    empty = await send(site, path, "relire", given)
    assert (empty.status_code, "Champ obligatoire." in empty.text) == (422, True)
    check = await send(site, path, "relire", given | typed)
    assert (check.status_code, "Qui lira cet avis" in check.text) == (200, True)
    assert (await send(site, path, "publier", given | typed)).status_code == 303
    event = await archived(fed, node)
    assert (event.kind, event.subject, event.tlp) == (kind, first.subject, "GREEN")
    assert event.data["target"] == {"source": first.source, "id": first.id}
    assert {name: event.data[name] for name in wanted} == wanted
    assert len(event.data["head"]["title"]) >= 3
    page = await site.get(page_of(first))
    assert {"correction": "Corrigé", "withdrawal": "Retiré", "translation": "Traduction"}[kind] in page.text
    if kind == "translation":
        assert event.lang == "en"
    if kind == "withdrawal":
        assert "Trois textes" not in page.text
        assert "Trois textes" not in (await site.get(page_of(event))).text
        assert 'class="deeds"' not in page.text


async def test_the_source_stands_beside_its_translation(fed: Fed, site: httpx.AsyncClient) -> None:
    first = sitting(fed, COMMISSION_NE, head={"summary": "En bref", "body": "Un *premier* paragraphe."})
    await fed.take()
    page = (await site.get(page_of(first, "translation"))).text
    source = page.partition('class="source"')[2].partition("</section>")[0]
    assert all(text in source for text in ("Trois textes à comparer", "En bref", "<em>premier</em>"))


async def test_an_answer_is_one_click_with_a_remark(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    asked = sitting(fed, COMMISSION_NE)
    await fed.take()
    page = (await site.get(page_of(asked))).text
    given = inputs_in(page)
    path = page_of(asked, "ack:will-attend")
    for _ in range(2):
        sent = await send(site, path, "publier", given | {"d.note": "À trois", "d.proposed": ""})
        assert sent.status_code == 303, sent.text[-600:]
    (_row,) = await node.rows()
    event = await archived(fed, node)
    assert (event.kind, event.profile, event.data["level"]) == ("ack", "participation", "will-attend")
    assert (event.data["note"], event.subject, event.audience) == ("À trois", asked.subject, COMMISSION_NE)
    assert "Votre dernière réponse" in (await site.get(page_of(asked))).text


async def test_another_date_needs_a_date_by_the_clock_of_the_sitting(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """A sitting in Niamey: nine o'clock is eight in UTC."""
    asked = sitting(fed, COMMISSION_NE, tz="Africa/Niamey")
    await fed.take()
    given = inputs_in((await site.get(page_of(asked))).text)
    path = page_of(asked, "ack:other-date")
    bare = await send(site, path, "publier", given)
    assert (bare.status_code, 'id="d-proposed-faute"' in bare.text) == (422, True)
    assert (await send(site, path, "publier", given | {"d.proposed": "2030-05-02T09:00"})).status_code == 303
    assert (await said_by_node(node)).data["proposed"] == "2030-05-02T08:00:00Z"


async def test_an_alert_is_taken_in_hand(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    alert = fed.feed.say("monitor.alert", COMMISSION_NE, tlp="GREEN", subject="alert/1")
    await fed.take()
    given = inputs_in((await site.get(page_of(alert))).text)
    assert (await send(site, page_of(alert, "ack:handled"), "publier", given)).status_code == 303
    await archived(fed, node)
    assert "Pris en main" in (await site.get(page_of(alert))).text


async def test_what_waits_for_a_second_person_comes_back_to_its_form(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """What everybody reads is called off by two; until then its author can open the form again, as it was sent."""
    first = fed.feed.say("agenda.meeting", COMMISSION_ML, tlp="CLEAR", subject="agenda/1")
    await fed.take()
    path = page_of(first, "version:cancelled")
    given = await opened(site, path) | {"d.head.reason": "Quorum impossible"}
    check = await send(site, path, "relire", given)
    assert "Envoyer à valider" in check.text
    assert (await send(site, path, "publier", given)).status_code == 303
    assert await node.rows() == []
    way = await site.get(f"/brouillons/{given['id'][0]}")
    assert (way.status_code, way.headers["location"].partition("?")[0]) == (303, path)
    again = await site.get(way.headers["location"])
    assert again.status_code == 200, again.text[-600:]
    assert f'action="{path}"' in again.text
    assert 'value="Quorum impossible"' in again.text


async def test_a_form_that_is_put_aside_learns_what_has_changed_since(fed: Fed, site: httpx.AsyncClient) -> None:
    first = sitting(fed)
    await fed.take()
    path = page_of(first, "version:confirmed")
    kept = await send(site, path, "garder", await opened(site, path) | {"d.place": "Salle des fêtes"})
    assert kept.status_code == 303, kept.text[-600:]
    sitting(fed, start="2030-04-21T09:00:00Z", end="2030-04-21T12:00:00Z")
    await fed.take()
    way = await site.get(kept.headers["location"])
    again = await site.get(way.headers["location"])
    assert (again.status_code, "Ce qui a changé entre-temps" in again.text) == (409, True)
    both = inputs_in(again.text)
    assert (both["d.place"], both["d.start"]) == (["Salle des fêtes"], ["2030-04-21T09:00"])


def bill(fed: Fed, **steps: str) -> Event:
    rows = [{"country": country, "stage": stage} for country, stage in steps.items()]
    data = data_of("law.item") | {"status": "open", "steps": rows}
    return fed.feed.say("law.item", COMMISSION_ML, tlp="GREEN", subject="law/1", data=data)


async def test_a_bill_is_moved_forward_with_its_proof(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """The form offers only what may follow; the node refuses the rest, whoever asks, before it seals."""
    first = bill(fed, ml="depose", bf="etude")
    await fed.take()
    page = (await site.get(page_of(first))).text
    assert "Faire avancer\u00a0: Mali" in page
    path = page_of(first, "step:ml")
    form = (await site.get(path)).text
    offered = re.findall(r'<option value="([a-z-]+)"', form.partition('name="d.stage"')[2].partition("</select>")[0])
    assert offered == ["commission", "rejete", "retire", "caduc", "abroge", "sans-objet"]
    given = inputs_in(form) | {"d.stage": "commission"}
    bare = await send(site, path, "relire", given)
    assert (bare.status_code, bare.text.count("Champ obligatoire.")) == (422, 2)
    proof = {"d.since": "2026-03-01", "d.evidence": "Bordereau n° 12"}
    leap = await send(site, path, "publier", given | proof | {"d.stage": "promulgue"})
    assert (leap.status_code, "ne suit pas la précédente" in leap.text) == (409, True)
    assert await node.rows() == []
    check = (await send(site, path, "relire", given | proof)).text
    assert re.search(r"<del>.*Mali · Déposé</del>", check)
    assert re.search(r"<ins>.*Mali · En commission · .* · Bordereau n° 12</ins>", check)
    assert (await send(site, path, "publier", given | proof)).status_code == 303
    event = await archived(fed, node)
    moved = {"country": "ml", "stage": "commission", "since": "2026-03-01", "evidence": "Bordereau n° 12"}
    assert event.data["steps"] == [moved, {"country": "bf", "stage": "etude"}]


async def test_a_leap_that_came_another_way_has_no_effect(fed: Fed, site: httpx.AsyncClient) -> None:
    bill(fed, ml="depose")
    leap = bill(fed, ml="promulgue")
    await fed.take()
    page = (await site.get(page_of(leap))).text
    assert "cette étape ne suit pas la précédente" in page
    assert "step" not in "".join(buttons(page))


async def test_a_sitting_is_copied_without_its_dates(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """Order of points with their files, place and readers; a notice and a thread of its own."""
    first = sitting(fed)
    other = sitting(fed, COMMISSION_NE, number=2)
    await fed.take()
    form = await site.get("/publier/agenda.meeting")
    assert "/publier/agenda.meeting?comme=derniere" in form.text
    for name, title in (("derniere", first), (f"{other.source}/{other.id}", other)):
        page = await site.get(f"/publier/agenda.meeting?comme={name}")
        assert f'name="comme" value="{title.source}/{title.id}"' in page.text
        assert 'value="Protection des témoins"' in page.text
        assert not re.search(r'name="d\.(start|end)"[^>]* value="[^"]', page.text)
    text = page.text.replace('action="/publier', 'action="/avis')
    given = inputs_in(text) | {"d.start": "2030-05-05T09:00", "d.end": "2030-05-05T12:00", "d.status": "confirmed"}
    sent = await send(site, "/publier/agenda.meeting", "publier", given)
    assert sent.status_code == 303, re.findall(r"faute\">[^<]+|<li>[^<]+</li>", sent.text)
    event = await said_by_node(node)
    assert event.id not in {first.id, other.id}
    assert event.subject not in {first.subject, other.subject}
    assert event.data["points"] == other.data["points"]
    assert (event.data["place"], event.tlp, event.data["body"]) == ("Salle 1", "GREEN", COMMISSION_ML)


async def test_what_is_not_there_or_was_taken_back_is_not_copied(fed: Fed, site: httpx.AsyncClient) -> None:
    assert "comme=derniere" not in (await site.get("/publier/agenda.meeting")).text
    nothing = await site.get("/publier/agenda.meeting?comme=derniere")
    assert nothing.status_code == 404
    assert 'name="d.head.title"' in nothing.text, "the form is there all the same"
    gone = sitting(fed, COMMISSION_NE)
    target = {"source": gone.source, "id": gone.id}
    fed.feed.say("withdrawal", COMMISSION_NE, subject=gone.subject, data=data_of("withdrawal") | {"target": target})
    law = bill(fed, ml="depose")
    await fed.take()
    for name in (f"{gone.source}/{gone.id}", f"{law.source}/{law.id}", "/ml/x/y", "x"):
        page = await site.get(f"/publier/agenda.meeting?comme={name}")
        assert page.status_code == 404, name
        assert "Salle 1" not in page.text


async def test_an_address_that_means_nothing_is_no_page(fed: Fed, site: httpx.AsyncClient) -> None:
    ours = sitting(fed)
    await fed.take()
    for deed in ("version:unknown", "step:ml", "ack:maybe", "ack", "endorsement:no", "law.item", "x"):
        assert (await site.get(page_of(ours, deed))).status_code == 404, deed
    assert (await site.get(page_of(ours, "ack:will-attend"))).status_code == 409, "nobody answers to themselves"
    assert (await site.get(page_of(ours, "endorsement"))).status_code == 409, "nor endorses themselves"
    foreign = await site.post(
        page_of(ours, "withdrawal"), data={"acte": "publier"}, headers={"Origin": "http://x.test"}
    )
    assert "refused.auth.origin" in foreign.text


async def test_a_sitting_is_moved_to_the_date_that_was_proposed(
    fed: Fed, site: httpx.AsyncClient, node: Posting
) -> None:
    """From the answer, with one press: the form has that date, and the sitting lasts as long as before."""
    first = sitting(fed)
    data = data_of("ack", profile="participation") | {"target": {"source": first.source, "id": first.id}}
    data |= {"level": "other-date", "proposed": "2030-04-21T14:00:00Z"}
    answer = fed.feed.say("ack", COMMISSION_NE, profile="participation", subject=first.subject, tlp="GREEN", data=data)
    await fed.take()
    page = (await site.get(page_of(first))).text
    move = f"{page_of(first)}/suite/version:postponed?reponse={answer.id}"
    line = page.partition("Propose une autre date")[2].partition("</li>")[0]
    assert f'href="{move}"' in line
    assert "21 avr. 2030" in line
    given = await opened(site, move)
    assert (given["d.start"], given["d.end"]) == (["2030-04-21T14:00"], ["2030-04-21T17:00"])
    path = page_of(first, "version:postponed")
    assert (await send(site, path, "publier", given | {"d.head.reason": "À leur demande"})).status_code == 303
    event = await said_by_node(node)
    assert (event.data["start"], event.data["end"]) == ("2030-04-21T14:00:00Z", "2030-04-21T17:00:00Z")
    usual = await opened(site, path + f"?reponse={first.id}")
    assert usual["d.start"] == ["2030-04-14T09:00"], "what proposes no date changes none"


async def test_who_does_not_convene_is_offered_no_date_to_move_to(fed: Fed, site: httpx.AsyncClient) -> None:
    theirs = sitting(fed, COMMISSION_NE)
    data = data_of("ack", profile="participation") | {"target": {"source": theirs.source, "id": theirs.id}}
    data |= {"level": "other-date", "proposed": "2030-04-21T14:00:00Z"}
    fed.feed.say("ack", COMMISSION_ML, profile="participation", subject=theirs.subject, tlp="GREEN", data=data)
    await fed.take()
    page = (await site.get(page_of(theirs))).text
    assert "Propose une autre date" in page
    assert "reponse=" not in page
