"""Publishing from a page: form, who will read it, the node's own API, where the notice stands; by no other way.

The node is a real one on the same folder, as in a site: it looks at the same accounts and decides for itself.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.roles import Role
from tamani.desk.posting import Posting as Api
from tamani.desk.service import Desk
from tests.component.desk.test_door import ORIGIN, browser_of, fill, make
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML, SOURCES, key_row, registry, registry_value
from tests.support.officers import HEAD, POSTER, READER, session_of
from tests.support.ports import free_ports
from tests.support.posting import Posting, posting

MEETING: dict[str, Any] = {
    "profil": "conjointe",
    "tlp": "GREEN",
    "d.head.title": "Séance conjointe sur les témoins",
    "d.start": "2026-04-14T09:00",
    "d.end": "2026-04-14T12:00",
    "d.status": "confirmed",
    "d.place": "Salle des commissions, Bamako",
    "audience": ["/ne/commission-defense", "/bf/commission-defense"],
    "d.points.0.kind": "examen-texte",
    "d.points.0.title": "Protection des témoins",
    "d.points.2.kind": "divers",
    "d.points.2.title": "Prochaine séance",
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of Mali."""
    async with posting(tmp_path) as made:
        yield made


@pytest.fixture
async def desk(tmp_path: Path, node: Posting) -> AsyncIterator[Desk]:
    """The desk beside it."""
    made = make(tmp_path, node.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api:
        made.posting = Api(api)
        yield made


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer of Mali's commission who may post."""
    async with browser_of(desk) as client:
        client.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, POSTER))
        yield client


async def new_id(browser: httpx.AsyncClient, kind: str = "agenda.meeting") -> str:
    (found,) = re.findall(r'name="id" value="([0-9a-f-]{36})"', (await browser.get(f"/publier/{kind}")).text)
    return str(found)


async def send(browser: httpx.AsyncClient, act: str, kind: str = "agenda.meeting", **fields: Any) -> httpx.Response:
    return await fill(browser, f"/publier/{kind}", **({"acte": act} | fields))


async def test_a_sitting_with_its_points_is_one_form_and_one_notice(
    desk: Desk, browser: httpx.AsyncClient, node: Posting
) -> None:
    """Read over first, with every reader by name; sent twice, it is still one notice; sealed by the body's key."""
    id_ = await new_id(browser)
    check = await send(browser, "relire", id=id_, **MEETING)
    assert check.status_code == 200
    assert "Qui lira cet avis" in check.text
    assert "10 organismes, et personne d’autre" in check.text
    assert all(desk.registry.current.name(source, "fr") in check.text for source in SOURCES)
    assert await node.rows() == [], "nothing is published by reading over"
    for _ in range(2):
        sent = await send(browser, "publier", id=id_, **MEETING)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/publier/envoi/{id_}")
    (row,) = await node.rows()
    event = decode_event(decode_envelope(row["value"]).payload)
    assert (event.source, event.id, event.profile, event.tlp) == (COMMISSION_ML, id_, "conjointe", "GREEN")
    assert event.audience == "/bf/commission-defense /ne/commission-defense"
    assert event.data["start"] == "2026-04-14T09:00:00Z"
    assert (event.data["body"], event.data["tz"]) == (COMMISSION_ML, "Africa/Bamako")
    assert [(point["rank"], point["title"]) for point in event.data["points"]] == [
        (1, "Protection des témoins"),
        (2, "Prochaine séance"),
    ]
    page = await browser.get(f"/publier/envoi/{id_}")
    assert 'aria-current="step"' in page.text
    assert "il ne peut plus être perdu" in page.text


async def test_points_are_pasted_from_a_spreadsheet(browser: httpx.AsyncClient, node: Posting) -> None:
    """Without a script: the form comes back with a row for each line, faults beside cells; then they are published."""
    assert 'name="coller.points"' in (await browser.get("/publier/agenda.meeting")).text
    given = {**MEETING, "id": await new_id(browser), "coller.points": "Compte rendu\tAudition\nBudget\tConcert"}
    wrong = await send(browser, "lignes", **given)
    assert (wrong.status_code, "est pas dans la liste" in wrong.text) == (422, True)
    assert 'value="Protection des témoins"' in wrong.text
    assert 'id="d-points-3-kind-faute"' in wrong.text
    rows = await send(browser, "lignes", **{**given, "coller.points": "Compte rendu\tAudition\nBudget\tDivers"})
    assert rows.status_code == 200
    assert re.findall(r'name="d.points.(\d).title"[^>]* value="([^"]+)"', rows.text) == [
        ("0", "Protection des témoins"), ("1", "Prochaine séance"), ("2", "Compte rendu"), ("3", "Budget"),
    ]  # fmt: skip
    assert ">Compte rendu" not in rows.text[rows.text.index('name="coller.points"') :][:400], "the text is taken"
    sent = await send(browser, "publier", **{**given, "coller.points": "Nature;Intitulé\nAudition;Compte rendu"})
    assert sent.status_code == 303, sent.text
    (row,) = await node.rows()
    points = decode_event(decode_envelope(row["value"]).payload).data["points"]
    assert [(one["rank"], one["kind"], one["title"]) for one in points[1:]] == [
        (2, "divers", "Prochaine séance"),
        (3, "audition", "Compte rendu"),
    ]


async def test_going_back_to_the_form_keeps_what_was_typed(browser: httpx.AsyncClient) -> None:
    id_ = await new_id(browser)
    check = await send(browser, "relire", id=id_, **MEETING)
    kept = re.findall(r'<textarea hidden name="([^"]+)">\n([^<]*)</textarea>', check.text)
    again: dict[str, Any] = {}
    for name, value in kept:
        again.setdefault(name, []).append(value)
    form = await send(browser, "modifier", **again)
    assert f'name="id" value="{id_}"' in form.text
    assert 'value="Salle des commissions, Bamako"' in form.text
    assert 'value="Prochaine séance"' in form.text
    assert form.text.count(" checked") == 2
    more = await send(browser, "lignes", **again)
    assert more.text.count('name="d.points.5.title"') == 1


async def test_each_fault_is_said_beside_its_field_and_nothing_is_lost(
    browser: httpx.AsyncClient, node: Posting
) -> None:
    wrong = MEETING | {"d.head.title": "x", "d.points.0.kind": "", "d.quorum": "beaucoup", "d.end": ""}
    for act in ("relire", "publier"):
        page = await send(browser, act, id=await new_id(browser), **wrong)
        assert page.status_code == 422
        said = re.findall(r'class="wrong" id="([^"]+)-faute">([^<]+)<', page.text)
        assert dict(said) == {
            "d-head-title": "Trop court\u00a0: 3 caractères au moins.",
            "d-end": "Champ obligatoire.",
            "d-points-0-kind": "Champ obligatoire.",
            "d-quorum": "Un nombre entier est attendu.",
        }
        assert 'value="Prochaine séance"' in page.text
        assert '<details class="further" open>' in page.text
    assert await node.rows() == []


async def test_what_only_the_node_knows_is_said_on_the_form_too(
    desk: Desk, browser: httpx.AsyncClient, node: Posting
) -> None:
    """An id that stands for something else; a mark that the key may not use; a body that is not enrolled."""
    id_ = await new_id(browser)
    await send(browser, "publier", id=id_, **MEETING)
    for changed, status, code in (
        ({"d.place": "Ailleurs"}, 409, "déjà servi pour un autre contenu"),
        ({"id": await new_id(browser), "tlp": "AMBER", "audience": []}, 422, "Destinataires invalides"),
        ({"id": await new_id(browser), "audience": ["/ne/inconnu"]}, 422, "Destinataires invalides"),
        ({"id": "pas-un-id"}, 422, "UUID version 7"),
    ):
        page = await send(browser, "publier", **(MEETING | {"id": id_} | changed))
        assert (page.status_code, code in page.text) == (status, True), changed
        assert 'value="Prochaine séance"' in page.text
    page = await send(browser, "publier", **(MEETING | {"profil": "inconnu"}))
    assert (page.status_code, "Profil inconnu" in page.text) == (422, True)
    assert len(await node.rows()) == 1


@pytest.mark.parametrize("roles", [READER, HEAD, frozenset({Role.VALIDATOR})])
async def test_without_the_role_nothing_is_published(desk: Desk, node: Posting, roles: frozenset[Role]) -> None:
    """Neither by the page nor around it."""
    async with browser_of(desk) as browser:
        browser.cookies.set("tamani_session", session_of(desk.accounts, COMMISSION_ML, roles))
        assert (await browser.get("/publier/agenda.meeting")).status_code == 403
        answer = await fill(browser, "/compte", "/publier/agenda.meeting", acte="publier", **MEETING)
        assert (answer.status_code, "refused.auth.role" in answer.text) == (403, True)
        assert (await browser.get("/publier/envoi/01890000-0000-7000-8000-000000000001")).status_code == 403
    assert await node.rows() == []


@pytest.mark.parametrize("kind", ["law.item", "inconnu", "ack", "heartbeat"])
async def test_what_the_body_may_not_post_has_no_form(
    desk: Desk, browser: httpx.AsyncClient, kind: str, node: Posting
) -> None:
    keys = [key_row(source, rights=["agenda.meeting:atelier"]) for source in SOURCES]
    assert desk.registry.offer(registry_value(version=2, keys=keys))
    page = await browser.get(f"/publier/{kind}")
    assert (page.status_code, "refused.policy.type" in page.text) == (403, True)
    assert 'value="conjointe"' not in (await browser.get("/publier/agenda.meeting")).text


async def test_a_form_of_another_site_publishes_nothing(browser: httpx.AsyncClient, node: Posting) -> None:
    for path in ("/publier/agenda.meeting", "/publier/reponse"):
        foreign = await browser.post(path, data=MEETING, headers={"Origin": "http://ailleurs.test"})
        assert "refused.auth.origin" in foreign.text
        bare = await browser.post(path, data=MEETING, headers=ORIGIN)
        assert "refused.auth.form" in bare.text
    assert await node.rows() == []


async def test_a_form_that_is_too_large_is_refused(browser: httpx.AsyncClient, node: Posting) -> None:
    page = await send(browser, "relire", id=await new_id(browser), **(MEETING | {"d.head.body": "x" * 200_000}))
    assert (page.status_code, "refused.size" in page.text) == (413, True)


async def test_a_desk_that_stands_alone_says_that_it_cannot_post(desk: Desk, browser: httpx.AsyncClient) -> None:
    desk.posting = Api(None)
    page = await send(browser, "publier", id=await new_id(browser), **MEETING)
    assert page.status_code == 503
    assert "Le site est injoignable" in page.text
    assert 'value="Prochaine séance"' in page.text


async def test_a_node_that_cannot_answer_loses_nothing_of_the_form(
    desk: Desk, browser: httpx.AsyncClient, node: Posting
) -> None:
    """One without a registry says so; one that is not reached, too; what was typed stays, and the id with it."""
    id_ = await new_id(browser)
    node.known.append(registry((), version=0))
    waiting = await send(browser, "publier", id=id_, **MEETING)
    assert (waiting.status_code, "Aucun registre valable" in waiting.text) == (503, True)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_ports(1)[0]}", trust_env=False) as nobody:
        working, desk.posting = desk.posting, Api(nobody)
        away = await send(browser, "publier", id=id_, **MEETING)
    assert (away.status_code, "Le site est injoignable" in away.text) == (503, True)
    assert f'name="id" value="{id_}"' in away.text
    node.known.pop()
    desk.posting = working
    assert (await send(browser, "publier", id=id_, **MEETING)).status_code == 303


async def test_another_bodys_notice_on_its_way_is_not_shown(desk: Desk, browser: httpx.AsyncClient) -> None:
    id_ = await new_id(browser)
    await send(browser, "publier", id=id_, **MEETING)
    async with browser_of(desk) as other:
        other.cookies.set("tamani_session", session_of(desk.accounts, OBSERVATORY_ML, POSTER))
        assert (await other.get(f"/publier/envoi/{id_}")).status_code == 404


async def test_what_was_observed_is_never_for_all_by_itself(browser: httpx.AsyncClient) -> None:
    """The accused may be among the bodies that read GREEN: somebody has to choose it."""
    usual = re.compile(r'<option value="(\w+)" selected>TLP')
    assert usual.findall((await browser.get("/publier/monitor.alert")).text) == ["AMBER"]
    assert usual.findall((await browser.get("/publier/agenda.meeting")).text) == ["GREEN"]


async def test_every_type_of_the_body_has_a_form(desk: Desk, browser: httpx.AsyncClient) -> None:
    for kind in ("agenda.item", "law.item", "monitor.report", "monitor.alert", "roadmap.progress"):
        page = await browser.get(f"/publier/{kind}")
        assert page.status_code == 200, kind
        assert re.findall(r"<style|style=|<script(?! src=)", page.text) == []
        visible = page.text.partition('<details class="further"')[0]
        assert len(re.findall(r'<(?:p|fieldset|details) class="entry', visible)) <= 9, "eight and the kind"
    assert registry().version == 1
