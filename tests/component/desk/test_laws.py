"""The laws' pages on a real mirror: the missing law is visible, opinions stand beside their article, changes show."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tamani.core.event import Event
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of

HTML = {"Accept": "text/html"}
POINT = "temoins/anonymat-audience"


@pytest.fixture
async def reader(fed: Fed) -> AsyncIterator[httpx.AsyncClient]:
    async with fed.client(COMMISSION_ML) as client:
        client.headers["Accept"] = "text/html"
        yield client


def provision(fed: Fed, source: str, conformity: str, tlp: str = "GREEN", **more: Any) -> Event:
    """What a body says of its country (or of another) on the point."""
    data = data_of("law.provision") | {"conformity": conformity, "topic": POINT, "country": source[1:3]} | more
    data["head"] = {"title": f"Anonymat : {source}"}
    return fed.feed.say("law.provision", source, tlp=tlp, data=data)


def item(fed: Fed, **more: Any) -> Event:
    """A file of the theme."""
    data = data_of("law.item") | {"theme": "temoins", "reference_instrument": "Convention type", "article": "art. 24"}
    data["steps"] = [
        {"country": "bf", "stage": "lacune", "since": "2026-01-10"},
        {"country": "ml", "stage": "commission", "since": "2026-02-01", "evidence": "Renvoi no 12"},
        {"country": "ne", "stage": "retire"},
    ]
    return fed.feed.say("law.item", COMMISSION_NE, tlp="GREEN", data=data | more)


def text(fed: Fed, *articles: tuple[str, str], **more: Any) -> Event:
    """A bill by articles."""
    data = data_of("law.text", profile="projet")
    data["head"] = {"title": "Avant-projet témoins", "themes": ["temoins"]}
    data["articles"] = [{"eid": f"art_{number}", "number": number, "text": words} for number, words in articles]
    attributes = {"tlp": "GREEN", "profile": "projet", "data": data | more.pop("data", {})} | more
    return fed.feed.say("law.text", COMMISSION_NE, **attributes)


def opinion_on(fed: Fed, bill: Event) -> None:
    """Asked for, given with two remarks, considered: one has its answer, one waits."""
    asked = data_of("exchange.request", profile="avis") | {"text": target(bill), "addressed_to": [OBSERVATORY_ML]}
    request = fed.feed.say("exchange.request", COMMISSION_NE, tlp="GREEN", profile="avis", data=asked)
    given = data_of("exchange.answer", profile="avis") | {"target": target(request), "opinion": "reserves"}
    given["comments"] = [
        {"article": "Article 2", "comment": "Quel délai ?", "proposal": "Dans les six mois."},
        {"article": "Préambule", "comment": "Citer la Convention."},
    ]
    fed.feed.say("exchange.answer", OBSERVATORY_ML, tlp="GREEN", profile="avis", subject=request.subject, data=given)
    outcomes = [{"article": "2", "outcome": "partly", "reason": "Douze mois."}]
    considered = asked | {"status": "considered", "outcomes": outcomes}
    fed.feed.say(
        "exchange.request", COMMISSION_NE, tlp="GREEN", profile="avis", subject=request.subject, data=considered
    )


def target(event: Event) -> dict[str, str]:
    """A reference to a notice."""
    return {"source": event.source, "id": event.id}


async def test_the_missing_law_is_visible(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Three countries, one absent, one that nobody has assessed; detail on demand, the country's own word first."""
    item(fed)
    provision(fed, COMMISSION_BF, "absent", gap="Aucune mesure après le procès.")
    provision(fed, COMMISSION_ML, "partiel", article="Article 12", verbatim="Le témoin <est> entendu.")
    provision(fed, OBSERVATORY_ML, "divergent", country="ml")
    await fed.take()
    page = (await reader.get("/lois/temoins")).text
    row = page[page.index("Anonymat à l") :].split("</tr>")[0]

    assert [part.split('"')[0] for part in row.split('class="cf cf-')[1:]] == [
        "absent",
        "partiel",
        "divergent",
        "non-evalue",
    ]
    assert "Aucune mesure après le procès." in row
    assert "Le témoin &lt;est&gt; entendu." in row
    assert "Convention type" in page


async def test_an_assessment_by_somebody_else_stands_only_where_there_is_none(
    fed: Fed, reader: httpx.AsyncClient
) -> None:
    """An observatory's word counts until the commission has said something; what was withdrawn counts never."""
    provision(fed, OBSERVATORY_ML, "divergent", country="ml")
    taken_back = provision(fed, COMMISSION_ML, "conforme")
    data = data_of("withdrawal") | {"target": target(taken_back)}
    fed.feed.say("withdrawal", COMMISSION_ML, subject=taken_back.subject, data=data)
    await fed.take()
    page = (await reader.get("/lois/temoins")).text

    assert "cf-divergent" in page
    assert "cf-conforme" not in page


async def test_nobody_reads_a_law_that_is_not_theirs(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Without sign-in only what is CLEAR; the score counts what the reader sees, and nothing else."""
    provision(fed, COMMISSION_BF, "conforme", tlp="GREEN")
    provision(fed, COMMISSION_ML, "absent", tlp="CLEAR")
    await fed.take()
    async with fed.client() as stranger:
        public = (await stranger.get("/lois/temoins", headers=HTML)).text

    assert ("cf-conforme" in public, "cf-absent" in public) == (False, True)
    assert "cf-conforme" in (await reader.get("/lois/temoins")).text


async def test_the_board_shows_stage_evidence_and_delay(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Seven columns and those that left the way; late only where something remains to be done."""
    item(fed, due="2026-03-01")
    await fed.take()
    page = (await reader.get("/lois")).text
    columns = page.split("<h3>")[1:]

    assert [part.split(" <small>")[0] for part in columns] == [
        "Lacune",
        "Rédaction",
        "Dépôt",
        "Commission",
        "Adoption",
        "Promulgation",
        "En vigueur",
        "Sortis du parcours",
    ]
    assert "Burkina Faso" in columns[0]
    assert "Renvoi no 12" in columns[3]
    assert "Niger" in columns[7]
    assert [part.count("En retard") for part in columns[:7]] == [1, 0, 0, 1, 0, 0, 0]
    assert "/lois/temoins" in page


async def test_nothing_to_show_is_said(fed: Fed, reader: httpx.AsyncClient) -> None:
    """An empty desk, an unknown theme, an unknown form, an unknown text."""
    await fed.take()

    assert "Aucun dossier d’harmonisation" in (await reader.get("/lois")).text
    assert (await reader.get("/lois/temoins")).status_code == 200
    for address in (
        "/lois/chasse",
        "/lois/temoins/tableau.pdf",
        f"/lois/texte/ne/x/{'0' * 8}-0000-7000-8000-{'0' * 12}",
    ):
        assert (await reader.get(address)).status_code == 404


async def test_an_opinion_stands_beside_its_article_with_its_answer(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Asked on version one, given, answered on the request; a later version still shows it, and what changed."""
    first = text(fed, ("1", "Le témoin est protégé."), ("2", "Un service est créé."))
    opinion_on(fed, first)
    second = text(
        fed, ("1", "Le témoin est protégé."), ("2", "Un service est créé dans les douze mois."), subject=first.subject
    )
    await fed.take()
    page = (await reader.get(f"/lois/texte{second.source}/{second.id}")).text
    article = page[page.index("<h2>Article 2") :].split("</section>")[0]

    assert "<ins> dans les douze mois</ins>" in article
    assert {"Quel délai ?", "Dans les six mois.", "Douze mois.", "Retenu en partie"} <= {
        one for one in ("Quel délai ?", "Dans les six mois.", "Douze mois.", "Retenu en partie") if one in article
    }
    assert page.count("Sans réponse à ce jour") == 1, "the preamble's remark waits, apart"
    assert (await reader.get(f"/lois/texte{first.source}/{first.id}")).text.count("<ins> dans") == 1
    assert "1 avis rendu" in (await reader.get("/lois/temoins")).text


async def test_the_table_goes_away_with_its_stamp(fed: Fed, reader: httpx.AsyncClient) -> None:
    """CSV and XLSX hold the same cells, the strictest label and for whom; no cell is a formula."""
    provision(fed, COMMISSION_BF, "absent", gap="=HYPERLINK(1)\x01", tlp="CLEAR")
    provision(fed, COMMISSION_ML, "partiel", tlp="GREEN")
    await fed.take()
    csv = (await reader.get("/lois/temoins/tableau.csv")).content.decode("utf-8-sig").split("\r\n")
    book = load_workbook(BytesIO((await reader.get("/lois/temoins/tableau.xlsx")).content))
    rows = [[cell.value or "" for cell in row] for row in book["temoins"].iter_rows()]

    assert csv[0].startswith("TLP:GREEN · Protection des témoins")
    assert csv[0] == rows[0][0]
    assert "Commission de défense (Mali)" in csv[0]
    assert csv[1].split(";") == rows[1]
    assert [rows[2][2], rows[2][6]] == ["Absent", "=HYPERLINK(1)"]
    assert "'=HYPERLINK(1)" in csv[2]
    assert {cell.data_type for row in book["temoins"].iter_rows() for cell in row} <= {"inlineStr", "s", "n"}
