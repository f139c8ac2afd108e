"""The laws' pages on a real mirror: the missing law is visible, opinions stand beside their article, changes show."""

import re
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tamani.core.event import Event
from tests.component.desk.conftest import Fed
from tests.component.desk.test_following import node  # noqa: F401 - a fixture
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.officers import POSTER, READER, session_of
from tests.support.posting import Posting

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
    reference = row.split("data-column=")[1]
    assert "règles de preuve qui permettent au témoin" in reference
    assert "(Palerme, 2000), art.\u00a024,\u00a0§\u00a02\u00a0b" in reference
    assert "†" not in reference
    assert "Les dossiers de ce thème citent" in page
    assert "Convention type (art. 24)" in page


async def test_each_point_says_what_the_reference_demands_of_it(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Several instruments on one point, one that was not checked, and a point that no instrument speaks of."""
    await fed.take()
    trafficking = (await reader.get("/lois/traite")).text
    penalties = trafficking[trafficking.index("Peines") :].split("</tr>")[0]
    await reader.get("/langue/en")
    oversight = (await reader.get("/lois/controle-parlementaire")).text

    assert ["art.\u00a05" in penalties, "art.\u00a011,\u00a0§\u00a01" in penalties, penalties.count("†")] == [
        True,
        True,
        1,
    ]
    assert oversight.count("No instrument is chosen for this point yet.") == 2


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


async def test_any_version_can_be_compared_with(fed: Fed, reader: httpx.AsyncClient) -> None:
    """A picker without script; what its body took back is offered to nobody, and shown to nobody."""
    first = text(fed, ("1", "Un."), data={"version": "0.1"})
    second = text(fed, ("1", "Un, deux."), subject=first.subject, data={"version": "0.2"})
    third = text(fed, ("1", "Un, deux, trois."), subject=first.subject, data={"version": "0.3"})
    await fed.take()
    here = f"/lois/texte{third.source}/{third.id}"
    page = (await reader.get(here)).text
    assert f'action="{here}"' in page
    offered = re.findall(r'<option value="([^"]*)"( selected)?>', page)
    assert offered == [(second.id, " selected"), (first.id, "")]
    assert "<ins>, trois</ins>" in page
    assert "<ins>, deux, trois</ins>" in (await reader.get(f"{here}?avec={first.id}")).text
    data = data_of("withdrawal") | {"target": target(second)}
    fed.feed.say("withdrawal", COMMISSION_NE, subject=first.subject, data=data)
    await fed.take()
    for address in (here, f"{here}?avec={second.id}"):
        page = (await reader.get(address)).text
        assert second.id not in page.partition("<select")[2].partition("</select")[0]
        assert "<ins>, deux, trois</ins>" in page


async def test_every_text_is_reached(fed: Fed, reader: httpx.AsyncClient) -> None:
    """By its own theme, by that of its file, by that of the bill that it amends; one without stands apart."""
    file = item(fed)
    plain = {"head": {"title": "Texte du dossier"}}
    filed = text(fed, ("1", "Un."), data=plain | {"item": target(file)})
    amendment = data_of("law.text", profile="amendement") | {"bill": target(filed)}
    amendment["head"] = {"title": "Amendement à ce texte"}
    fed.feed.say("law.text", COMMISSION_ML, tlp="GREEN", profile="amendement", data=amendment)
    alone = text(fed, ("1", "Un."), data={"head": {"title": "Texte à part"}})
    await fed.take()
    theme, overview = (await reader.get("/lois/temoins")).text, (await reader.get("/lois")).text
    for title in ("Texte du dossier", "Amendement à ce texte"):
        assert (title in theme, title in overview) == (True, False)
    assert ("Texte à part" in theme, "Texte à part" in overview) == (False, True)
    page = (await reader.get(f"/avis{alone.source}/{alone.id}")).text
    assert f'href="/lois/texte{alone.source}/{alone.id}">Lire article par article, avec les avis' in page
    assert 'href="/lois/temoins"' in (await reader.get(f"/lois/texte{filed.source}/{filed.id}")).text


async def test_the_way_of_a_file_stands_on_its_page(fed: Fed, reader: httpx.AsyncClient) -> None:
    """Each stage with its day, its proof and who said it; what did not move is not told again."""
    first = item(fed)
    steps = [
        {"country": "bf", "stage": "lacune", "since": "2026-01-10"},
        {"country": "ml", "stage": "rapport", "since": "2026-03-01", "evidence": "Scrutin no 4"},
        {"country": "ne", "stage": "retire"},
    ]
    moved = first.data | {"steps": steps}
    last = fed.feed.say("law.item", COMMISSION_NE, tlp="GREEN", subject=first.subject, data=moved)
    await fed.take()
    page = (await reader.get(f"/avis{last.source}/{last.id}")).text
    way = page[page.index('id="parcours"') :].split("</table>")[0]
    rows = [re.sub(r"<[^>]+>", "|", row) for row in way.split("<tr>")[2:]]
    assert len(rows) == 4
    assert ("Mali" in rows[1], "Renvoi no 12" in rows[1]) == (True, True)
    assert ("Mali" in rows[3], "Scrutin no 4" in rows[3], "1 mars 2026" in rows[3]) == (True, True, True)
    assert all("Commission de défense (Niger)" in row for row in rows)
    assert 'id="parcours"' not in (await reader.get("/lois/temoins")).text


async def test_an_empty_cell_of_ours_leads_to_its_form(fed: Fed, node: Posting) -> None:  # noqa: F811
    """In our own column, for who may post; the form is filled with the point and the country, and with nothing else."""
    provision(fed, COMMISSION_ML, "partiel")
    await fed.take()
    async with fed.client() as browser:
        browser.headers["Accept"] = "text/html"
        assert "Évaluer ce point" not in (await browser.get("/lois/temoins")).text
        browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, READER))
        assert "Évaluer ce point" not in (await browser.get("/lois/temoins")).text
        browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER, "Greffe"))
        page = (await browser.get("/lois/temoins")).text
        links = re.findall(r'href="(/publier/law\.provision\?[^"]+)"', page)
        assert links
        assert all(link.endswith("country=ml") for link in links)
        assert not any("anonymat-audience" in link for link in links), "that point has its assessment"
        assert 'href="/importer/law.provision/modele.xlsx"' in page
        form = (await browser.get(links[0].replace("&amp;", "&") + "&gap=lien&profil=disposition")).text
        topic = re.findall(r"topic=([^&]+)", links[0])[0].replace("%2F", "/")
        assert f'<option value="{topic}" selected>' in form
        assert '<option value="ml" selected>' in form
        assert '<option value="proposed" selected>' in form
        assert "lien" not in form.partition('id="d-gap"')[2].partition("</")[0]
        strange = (await browser.get("/publier/law.provision?topic=chasse/gibier&country=xx")).text
        assert 'value="chasse/gibier"' not in strange
        assert '<option value="xx"' not in strange


async def test_the_scoreboard_goes_away_too(fed: Fed, reader: httpx.AsyncClient) -> None:
    """The bar's parts as figures, as XLSX and CSV; the label of the strictest notice that was counted."""
    item(fed, due="2026-03-01")
    provision(fed, COMMISSION_ML, "partiel", tlp="CLEAR")
    await fed.take()
    page = (await reader.get("/lois")).text
    (bar,) = re.findall(r'aria-label="(Partiel 1, Non évalué \d+)"', page)
    book = load_workbook(BytesIO((await reader.get("/lois/bilan.xlsx")).content))
    stamp, headings, *rows = [[cell.value or "" for cell in row] for row in book["bilan"].iter_rows()]
    assert str(stamp[0]).startswith("TLP:GREEN · Bilan · ")
    (mali,) = [dict(zip(headings, row, strict=True)) for row in rows if row[1] == "Mali"]
    assert (mali["Partiel"], mali["En retard"], mali["Conforme (%)"]) == ("1", "1", "0")
    assert bar == f"Partiel 1, Non évalué {mali['Non évalué']}"
    assert (await reader.get("/lois/bilan.csv")).content.decode("utf-8-sig").split("\r\n")[0] == stamp[0]
    assert (await reader.get("/lois/bilan.pdf")).status_code == 404


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
    assert str(rows[2][1]).startswith("Convention des Nations unies contre la criminalité transnationale organisée")
    assert [rows[2][3], rows[2][7]] == ["Absent", "=HYPERLINK(1)"]
    assert "'=HYPERLINK(1)" in csv[2]
    assert {cell.data_type for row in book["temoins"].iter_rows() for cell in row} <= {"inlineStr", "s", "n"}
