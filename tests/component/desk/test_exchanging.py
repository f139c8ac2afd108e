"""Answering and passing on from a notice's page: few fields, every reader named first, never more open than the notice.

The node is a real one, and asks this very desk what it knows, as in a site.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tamani.cli.beside import BesideDesk
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.names import Country
from tamani.desk.posting import Posting as Api
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import NOW, US, ask, owed, reply
from tests.component.desk.test_door import fill
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_NE,
    OBSERVATORY_ML,
    SOURCES,
    data_of,
    key_row,
    new_id,
    registry_value,
)
from tests.support.officers import POSTER, READER, session_of
from tests.support.posting import Posting, posting

pytestmark = pytest.mark.postgres


@pytest.fixture
async def node(fed: Fed, tmp_path: Path) -> AsyncIterator[Posting]:
    beside = BesideDesk()
    beside.queries = fed.desk.queries
    async with posting(tmp_path, Country.ML, beside=beside, named=beside.named) as made:
        made.clock.at = NOW
        yield made


@pytest.fixture
async def site(fed: Fed, node: Posting) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an officer of Mali's commission who may post."""
    fed.desk.clock = lambda: NOW
    async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api:
        fed.desk.posting = Api(api)
        async with fed.client() as browser:
            browser.headers["Accept"] = "text/html"
            browser.cookies.set("tamani_session", session_of(fed.desk.accounts, US, POSTER))
            yield browser


def page_of(said: Event, act: str = "") -> str:
    return f"/avis{said.source}/{said.id}{act}"


async def sealed(node: Posting) -> list[Event]:
    return [decode_event(decode_envelope(row["value"]).payload) for row in await node.rows()]


async def test_a_request_is_answered_from_its_page(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """One click to the form; in the thread, to who asks and whom they named, under its label; then nothing waits."""
    request = ask(fed, "Délais", tlp="AMBER", audience=f"{COMMISSION_BF} {US}")
    await fed.take()
    for path in ("/accueil", page_of(request)):
        assert f'href="{page_of(request, "/repondre")}"' in (await site.get(path)).text
    form = (await site.get(page_of(request, "/repondre"))).text
    assert 'value="Réponse' in form
    assert re.findall(r'<option value="([A-Z+]+)"[^>]*>TLP', form) == ["AMBER", "AMBER+STRICT", "RED"]
    given = {"id": new_id(), "tlp": "AMBER", "d.head.title": "Trente jours", "d.answer": "answered"}
    missing = await fill(site, page_of(request, "/repondre"), **given, acte="relire")
    assert missing.status_code == 422
    assert "d-text-faute" in missing.text
    given["d.text"] = "Trente jours au plus."
    check = await fill(site, page_of(request, "/repondre"), **given, acte="relire")
    assert "3 organismes, et personne d’autre" in check.text
    assert await node.rows() == []
    for _ in range(2):
        sent = await fill(site, page_of(request, "/repondre"), **given, acte="publier")
        assert (sent.status_code, sent.headers["location"]) == (303, f"/publier/envoi/{given['id']}")
    (said,) = await sealed(node)
    assert (said.kind, said.profile, said.subject, said.tlp) == (
        "exchange.answer", "question", request.subject, "AMBER",
    )  # fmt: skip
    assert said.audience == f"{COMMISSION_BF} {COMMISSION_NE}"
    target = {"source": request.source, "id": request.id}
    assert said.data["target"] == target
    assert said.head["refs"] == [target | {"rel": "replies"}]
    assert len(await owed(fed)) == 1, "it waits until the answer is archived"
    fed.feed.append_value((await node.rows())[0]["value"])
    assert await owed(fed) == []


@pytest.mark.parametrize("profile", ["avis", "contribution", "besoin"])
async def test_each_kind_of_request_has_a_form_for_its_answer(
    fed: Fed, site: httpx.AsyncClient, node: Posting, profile: str
) -> None:
    more = {"addressed_to": [US], "due": "2026-05-01"}
    data = data_of("exchange.request", profile=profile) | more
    request = fed.feed.say("exchange.request", COMMISSION_NE, profile=profile, tlp="GREEN", data=data)
    await fed.take()
    fields = {"d.head.title": "Notre réponse", "d.answer": "partial", "tlp": "GREEN", "id": new_id()}
    sent = await fill(site, page_of(request, "/repondre"), **fields, acte="publier")
    assert sent.status_code == 303, sent.text
    assert [(one.profile, one.data["answer"]) for one in await sealed(node)] == [(profile, "partial")]


async def test_who_is_not_asked_does_not_answer(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """Another's request, a closed one, another type, a hidden one; a body without the right; a reader."""
    others = ask(fed, "aux autres", data={"addressed_to": [COMMISSION_BF]})
    ask(fed, "close")
    closed = ask(fed, "close", data={"status": "closed"})
    hidden = ask(fed, "cachée", tlp="AMBER", audience=COMMISSION_BF)
    meeting = fed.feed.say("agenda.meeting", COMMISSION_NE, tlp="GREEN")
    mine = ask(fed, "à nous")
    await fed.take()
    for said, status in ((others, 403), (closed, 409), (hidden, 404), (meeting, 403), (mine, 200)):
        assert (await site.get(page_of(said, "/repondre"))).status_code == status, said.subject
    assert "/repondre" not in (await site.get(page_of(others))).text
    assert (await fill(site, page_of(others, "/repondre"), acte="publier")).status_code == 403
    rights = [key_row(source, rights=["agenda.meeting:*"]) for source in SOURCES]
    assert fed.desk.registry.offer(registry_value(version=2, keys=rights))
    for act in ("/repondre", "/transmettre"):
        assert (await site.get(page_of(mine, act))).status_code == 403
    async with fed.client() as reader:
        reader.cookies.set("tamani_session", session_of(fed.desk.accounts, OBSERVATORY_ML, READER))
        reader.headers["Accept"] = "text/html"
        for act in ("/repondre", "/transmettre"):
            assert (await reader.get(page_of(mine, act))).status_code == 403
        page = (await reader.get(page_of(mine))).text
        assert "/repondre" not in page
        assert "/transmettre" not in page
    assert await node.rows() == []


FORWARD = {
    "d.head.title": "Pour suite : veille",
    "d.due": "2026-04-30",
    "d.text": "Qu'avez-vous observé ?",
    "tlp": "AMBER",
}


async def test_a_notice_is_passed_on_with_a_day(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    """A request about it, to a body that reads it already; listed on its page; the addressee's clock runs."""
    audience = f"{COMMISSION_BF} {US}"
    report = fed.feed.say("monitor.report", COMMISSION_NE, profile="flash", tlp="AMBER", audience=audience)
    await fed.take()
    path = page_of(report, "/transmettre")
    assert f'href="{path}"' in (await site.get(page_of(report))).text
    form = (await site.get(path)).text
    offered = re.findall(r'name="d.addressed_to" value="([^"]+)"', form)
    assert set(offered) == {COMMISSION_BF, COMMISSION_NE}, "only who may read it, and not ourselves"
    given: dict[str, Any] = FORWARD | {"id": new_id(), "d.addressed_to": [COMMISSION_BF]}
    check = await fill(site, path, **given, acte="relire")
    assert "2 organismes, et personne d’autre" in check.text
    sent = await fill(site, path, **given, acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert (said.kind, said.profile, said.tlp, said.audience) == (
        "exchange.request",
        "question",
        "AMBER",
        COMMISSION_BF,
    )
    assert said.data["due"] == "2026-04-30"
    assert said.head["refs"] == [{"rel": "replies", "source": report.source, "id": report.id}]
    fed.feed.append_value((await node.rows())[0]["value"])
    assert await owed(fed, COMMISSION_BF) == [(FORWARD["d.head.title"], 20)]
    page = (await site.get(page_of(report))).text
    assert FORWARD["d.head.title"] in page
    assert "dans 20 jours" in page
    reply(fed, said, source=COMMISSION_BF, audience=US)
    await fed.take()
    assert "réponse reçue" in (await site.get(page_of(report))).text
    async with fed.client(COMMISSION_NE) as author:
        seen = await author.get(page_of(report), headers={"Accept": "text/html"})
    assert seen.status_code == 200
    assert FORWARD["d.head.title"] not in seen.text, "who is not entitled to the forward is not told of it"


async def test_an_opinion_is_asked_where_a_text_is_passed_on(fed: Fed, site: httpx.AsyncClient, node: Posting) -> None:
    bill = fed.feed.say("law.text", COMMISSION_NE, profile="projet", tlp="GREEN")
    await fed.take()
    fields: dict[str, Any] = {"d.head.title": "Votre avis", "d.due": "2026-04-30", "id": new_id()}
    fields["d.addressed_to"] = [COMMISSION_BF]
    sent = await fill(site, page_of(bill, "/transmettre"), **fields, tlp="GREEN", acte="publier")
    assert sent.status_code == 303, sent.text
    (said,) = await sealed(node)
    assert (said.profile, said.data["text"]) == ("avis", {"source": bill.source, "id": bill.id})


@pytest.mark.parametrize(
    "changed", [{"tlp": "GREEN"}, {"d.addressed_to": [COMMISSION_BF, "/bf/observatoire-securite"]}]
)
async def test_nothing_is_passed_on_beyond_its_readers(
    fed: Fed, site: httpx.AsyncClient, node: Posting, changed: dict[str, Any]
) -> None:
    """Refused with code and words by the page, and by the node to whoever comes by another way."""
    report = fed.feed.say(
        "monitor.report", COMMISSION_NE, profile="flash", tlp="AMBER", audience=f"{COMMISSION_BF} {US}"
    )
    await fed.take()
    given = FORWARD | {"id": new_id(), "d.addressed_to": [COMMISSION_BF]} | changed
    for act in ("relire", "publier"):
        page = await fill(site, page_of(report, "/transmettre"), **given, acte=act)
        assert page.status_code == 403
        assert "Plus ouvert que l&#39;avis dont il parle" in page.text
    data = data_of("exchange.request", profile="question") | {"addressed_to": list(given["d.addressed_to"])}
    data["head"] = data["head"] | {"refs": [{"rel": "replies", "source": report.source, "id": report.id}]}
    draft = {"type": "exchange.request", "profile": "question", "tlp": given["tlp"], "data": data}
    async with node.client(US) as program:
        refused = await program.post("/v1/messages", json=draft | {"audience": list(given["d.addressed_to"])})
        kept = await program.post("/v1/messages", json=draft | {"tlp": "AMBER", "audience": [COMMISSION_BF]})
    assert (refused.status_code, refused.json()["code"]) == (403, "refused.policy.inherited")
    assert kept.status_code == 202, kept.text
    assert len(await node.rows()) == 1


async def test_an_answer_is_never_below_a_request_of_another_country(fed: Fed, node: Posting) -> None:
    """The node alone does not know it; the desk beside does."""
    request = ask(fed, "Délais", tlp="AMBER", audience=US)
    await fed.take()
    data = data_of("exchange.answer", profile="question") | {"target": {"source": request.source, "id": request.id}}
    draft = {"type": "exchange.answer", "profile": "question", "subject": request.subject, "data": data}
    async with node.client(US) as program:
        below = await program.post("/v1/messages", json=draft | {"tlp": "GREEN"})
        level = await program.post("/v1/messages", json=draft | {"tlp": "AMBER", "audience": [COMMISSION_NE]})
    assert (below.status_code, below.json()["code"]) == (403, "refused.policy.inherited")
    assert level.status_code == 202, level.text
