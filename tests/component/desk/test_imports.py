"""A table filled in offline becomes notices: upload, summary, confirmation, one notice a row; again, nothing twice.

The desk has its PostgreSQL and the node of its site, a real one on the same folder.
"""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from tamani.core.envelope import decode_envelope
from tamani.core.errors import OutageError, RefusedError
from tamani.core.event import Event, decode_event
from tamani.desk.app import build_app
from tamani.desk.imports import limits
from tamani.desk.imports.tables import import_file, import_row
from tamani.desk.posting import Posted
from tamani.desk.posting import Posting as Api
from tests.component.desk.conftest import Fed
from tests.component.desk.test_door import ORIGIN, token_in
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.officers import HEAD, POSTER, session_of
from tests.support.posting import Posting, posting

PAGE = "/importer/law.provision"
TABLE = """Titre;Point comparé;Pays;Conformité;Évalué le;Lacune
Anonymat;Protection des témoins et victimes – Anonymat à l'audience;Mali;Partiel;02/03/2026;Rien après le procès
Recours;temoins/recours;Mali;Conformme;31/02/2026;
;temoins/service-protection;Mali;absent;;
"""
GREEN = {"profil": "disposition", "tlp": "GREEN", "lang": "fr"}


@dataclass
class Site:
    """A desk, the node beside it, and the browser of an officer of Mali's commission."""

    fed: Fed
    node: Posting
    browser: httpx.AsyncClient

    async def upload(self, raw: bytes | str, name: str = "dispositions.csv", **changes: Any) -> httpx.Response:
        """Drop a file on the page of provisions."""
        page = await self.browser.get(PAGE)
        data = {"jeton_formulaire": token_in(page)} | GREEN | changes
        files = {"fichier": (name, raw.encode() if isinstance(raw, str) else raw)}
        return await self.browser.post(PAGE, data=data, files=files, headers=ORIGIN)

    async def paste(self, cells: str) -> httpx.Response:
        """Put cells into the text of the page, and press its button; a browser sends an empty file along."""
        data = (
            {"jeton_formulaire": token_in(await self.browser.get(PAGE))} | GREEN | {"cellules": cells, "acte": "coller"}
        )
        files = {"fichier": ("", b"")}
        return await self.browser.post(PAGE, data=data, files=files, headers=ORIGIN)

    async def act(self, path: str, act: str = "publier") -> httpx.Response:
        """Press a button of the summary, and let what it starts end."""
        page = await self.browser.get(path)
        answer = await self.browser.post(path, data={"jeton_formulaire": token_in(page), "acte": act}, headers=ORIGIN)
        await self.fed.desk.importing.idle()
        return answer

    async def said(self) -> list[Event]:
        """What is in the outbox."""
        return [decode_event(decode_envelope(row["value"]).payload) for row in await self.node.rows()]


@pytest.fixture
async def site(fed: Fed, tmp_path: Path) -> AsyncIterator[Site]:
    transport = httpx.ASGITransport(build_app(fed.desk))
    async with (
        posting(tmp_path) as node,
        httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api,
        httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers={"Accept": "text/html"}) as browser,
    ):
        node.clock.at = fed.desk.clock()
        fed.desk.posting = Api(api)
        browser.cookies.set("tamani_session", session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        yield Site(fed, node, browser)
        await fed.desk.importing.stop()


def counted(page: httpx.Response) -> list[int]:
    """Good, to mend, there already, left out."""
    tally = page.text.partition('class="tally"')[2].partition("</ul>")[0]
    return [int(part.partition("</b>")[0]) for part in tally.split("<b>")[1:]]


async def test_a_file_is_read_over_confirmed_and_published_once(site: Site) -> None:
    sent = await site.upload(TABLE)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    page = await site.browser.get(path)
    assert counted(page) == [2, 1, 0]
    assert "« Conformme » n’est pas dans la liste" in page.text.replace("'", "’").replace("\u00a0", " ")
    assert "10 organismes, et personne d’autre" in page.text
    assert await site.said() == [], "nothing is published before it is confirmed"
    mend = await site.browser.get(f"{path}/a-corriger.xlsx")
    (head, row) = load_workbook(io.BytesIO(mend.content)).worksheets[0].iter_rows(values_only=True)
    assert (head[-2:], row[:2]) == (("Ligne", "À corriger"), ("Recours", "temoins/recours"))
    for _ in range(2):
        assert (await site.act(path)).status_code == 303
    first, second = await site.said()
    assert (first.kind, first.source, first.tlp, first.data["topic"]) == (
        "law.provision",
        COMMISSION_ML,
        "GREEN",
        "temoins/anonymat-audience",
    )
    assert second.data["head"]["title"] == "Protection des témoins et victimes – Service de protection : Mali"
    done = await site.browser.get(path)
    assert "Publication terminée" in done.text
    assert 'value="2"' in done.text.partition("<progress")[2].partition(">")[0]
    async with site.fed.desk.database.reading() as connection:
        assert await connection.scalar(select(func.count()).where(import_row.c.data.is_not(None))) == 0


async def test_cells_are_pasted_instead_of_a_file(site: Site) -> None:
    """The same rows, faults and confirmation as of a file; what cannot be taken as a whole stays in its text."""
    path = (await site.paste(TABLE.replace(";", "\t"))).headers["location"]
    page = await site.browser.get(path)
    assert (counted(page), "Cellules collées" in page.text) == ([2, 1, 0], True)
    await site.act(path)
    assert [event.data["topic"] for event in await site.said()] == [
        "temoins/anonymat-audience",
        "temoins/service-protection",
    ]
    headless = await site.paste("Recours\ttemoins/recours <1>")
    assert (headless.status_code, "ligne de titres" in headless.text) == (422, True)
    assert "Recours\ttemoins/recours &lt;1&gt;</textarea>" in headless.text
    assert "ou collez des cellules" in (await site.paste(" \n")).text


async def test_the_same_file_again_publishes_nothing(site: Site) -> None:
    """Neither before the mirror has the notices, nor once it shows them; what was mended is new."""
    await site.act((await site.upload(TABLE)).headers["location"])
    again = await site.browser.get((await site.upload(TABLE)).headers["location"])
    assert counted(again) == [0, 1, 2]
    for event in await site.said():
        site.fed.feed.append(event)
    await site.fed.take()
    async with site.fed.desk.database.writing() as connection:
        await connection.execute(import_file.delete())
    mended = TABLE.replace("Conformme;31/02/2026", "conforme;01/03/2026").replace("Rien après", "Peu après")
    page = await site.browser.get((await site.upload(mended)).headers["location"])
    assert counted(page) == [2, 0, 1]
    await site.act(str(page.url.path))
    *_, changed, added = await site.said()
    assert (changed.subject, changed.data["gap"]) == ((await site.said())[0].subject, "Peu après le procès")
    assert added.data["head"]["title"] == "Recours"


async def test_publishing_goes_on_after_a_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to the second row is lost, the session ends, the node is away: the same notices in the end."""
    path = (await site.upload(TABLE)).headers["location"]
    post = Api.post
    failures: list[Exception] = [OutageError("failed.node"), RefusedError("refused.auth.session")]

    async def cut(self: Api, cookie: str, draft: dict[str, Any]) -> Posted:
        made = await post(self, cookie, draft)
        if failures and "Service" in str(draft["data"]["head"]["title"]):
            raise failures.pop(0)
        return made

    monkeypatch.setattr(Api, "post", cut)
    for name in ("failed.node", "refused.auth.session"):
        await site.act(path)
        page = await site.browser.get(path)
        assert "Publication interrompue" in page.text
        file, _ = await site.fed.desk.imports.find(path.rpartition("/")[2], await officer(site))
        assert file.stopped == name
        assert "Reprendre la publication" in page.text
    await site.act(path)
    assert "Publication terminée" in (await site.browser.get(path)).text
    assert len(await site.said()) == 2


async def officer(site: Site) -> str:
    async with site.fed.desk.database.reading() as connection:
        return str(await connection.scalar(select(import_file.c.officer)))


async def test_what_the_node_refuses_is_said_at_its_row_and_the_rest_goes_on(site: Site) -> None:
    """A notice that stands in a state which this desk does not know of yet."""
    path = (await site.upload(TABLE)).headers["location"]
    async with site.fed.desk.database.writing() as connection:
        row = import_row.c.number == 2
        data = (await connection.scalar(select(import_row.c.data).where(row))) or {}
        await connection.execute(update(import_row).where(row).values(data=data | {"status": "outdated"}))
    await site.act(path)
    page = await site.browser.get(path)
    assert "Refusées par votre site" in page.text
    assert len(await site.said()) == 1
    async with site.fed.desk.database.writing() as connection:
        await connection.execute(update(import_row).where(row).values(data=data | {"conformity": "?"}))
    await site.act(path)
    async with site.fed.desk.database.reading() as connection:
        found = (await connection.execute(select(import_row.c.code, import_row.c.detail).where(row))).one()
    assert found.code == "refused.data"
    assert "Conformité" in found.detail


async def test_what_becomes_public_waits_for_a_second_person(site: Site) -> None:
    path = (await site.upload(TABLE, tlp="CLEAR")).headers["location"]
    await site.act(path)
    page = await site.browser.get(path)
    assert "2 avis attendent une seconde personne" in page.text
    assert await site.said() == [], "nothing is sealed before it is released"


async def test_a_file_is_its_officers_alone_and_does_not_stay(site: Site) -> None:
    path = (await site.upload(TABLE)).headers["location"]
    assert "dispositions.csv" in (await site.browser.get("/importer")).text
    site.browser.cookies.set("tamani_session", session_of(site.fed.desk.accounts, COMMISSION_NE, POSTER))
    for address in (path, f"{path}/a-corriger.xlsx"):
        answer = await site.browser.get(address)
        assert answer.status_code in {403, 404}
    site.browser.cookies.set("tamani_session", session_of(site.fed.desk.accounts, COMMISSION_ML, POSTER))
    assert (await site.act(path, "abandonner")).headers["location"] == "/importer"
    assert (await site.browser.get(path)).status_code == 404
    old = (await site.upload(TABLE)).headers["location"]
    async with site.fed.desk.database.writing() as connection:
        before = site.fed.desk.clock() - timedelta(days=limits.KEPT_DAYS, hours=1)
        await connection.execute(update(import_file).values(created=before))
    await site.upload(TABLE)
    gone = await site.browser.get(old, headers={"Accept": "application/json"})
    assert (gone.status_code, gone.json()["code"]) == (404, "refused.import.unknown")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"raw": ""}, "refused.import.heading"),
        ({"raw": "Titre;Pays\n"}, "refused.import.empty"),
        ({"raw": "Titre;Pays\n" + "a;Mali\n" * (limits.ROWS + 1)}, "refused.import.rows"),
        ({"raw": b"PK\x03\x04 broken"}, "refused.import.format"),
        ({"raw": TABLE, "tlp": "RED"}, "refused.policy.tlp"),
        ({"raw": TABLE, "tlp": "AMBER"}, "refused.policy.audience"),
        ({"raw": TABLE, "lang": "xx"}, "refused.policy.audience"),
        ({"raw": TABLE, "profil": "autre"}, "refused.profile"),
        ({"raw": "", "name": ""}, "refused.import.none"),
    ],
)
async def test_a_file_that_cannot_be_taken(site: Site, given: dict[str, Any], code: str) -> None:
    """The page comes back with the sentence, and nothing is kept."""
    from tamani.core.codes import code as find

    answer = await site.upload(**given)
    assert answer.status_code == find(code).status
    if code != "refused.profile":
        assert find(code).fr[:20].replace("'", "’") in answer.text.replace("&#39;", "’").replace("'", "’")
    async with site.fed.desk.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(import_file)) == 0


async def test_a_file_too_large_is_not_even_read(site: Site) -> None:
    answer = await site.upload(b"x" * (limits.FILE + 200_000))
    assert (answer.status_code, "mille lignes au plus" in answer.text) == (413, True)
    assert (await site.upload(b"a;b\n" + b"x" * limits.FILE)).status_code == 413


async def test_only_who_may_publish_imports(site: Site) -> None:
    site.browser.cookies.set("tamani_session", session_of(site.fed.desk.accounts, OBSERVATORY_ML, HEAD))
    for path in ("/importer", PAGE, f"{PAGE}/modele.xlsx"):
        assert (await site.browser.get(path)).status_code == 403
    site.browser.cookies.clear()
    assert (await site.browser.get("/importer", headers={"Accept": "application/json"})).status_code == 401


async def test_the_template_comes_from_its_page(site: Site) -> None:
    assert f'href="{PAGE}/modele.xlsx?profil=disposition"' in (await site.browser.get(PAGE)).text
    made = await site.browser.get(f"{PAGE}/modele.xlsx?profil=disposition")
    assert made.headers["content-disposition"] == 'attachment; filename="tamani-law.provision-disposition.xlsx"'
    assert load_workbook(io.BytesIO(made.content)).sheetnames[-1] == "Listes"
    for path in ("/importer/law.item", f"{PAGE}?profil=autre", f"{PAGE}/modele.xlsx?profil=autre"):
        assert (await site.browser.get(path)).status_code in {403, 422}


async def test_the_exported_comparison_is_imported_as_it_is(site: Site) -> None:
    """CSV and XLSX of the laws' page: there already, or nothing said."""
    data = data_of("law.provision", full=True) | {"topic": "temoins/recours", "country": "ml", "conformity": "partiel"}
    site.fed.feed.say("law.provision", COMMISSION_ML, data=data, tlp="GREEN")
    site.fed.feed.say("law.provision", COMMISSION_NE, data=data | {"country": "ne"}, tlp="GREEN")
    await site.fed.take()
    for form in ("csv", "xlsx"):
        table = await site.browser.get(f"/lois/temoins/tableau.{form}")
        page = await site.browser.get((await site.upload(table.content, f"tableau.{form}")).headers["location"])
        good, wrong, same, _empty = counted(page)
        assert (good, wrong, same) == (0, 0, 2), page.text
        assert "Colonnes non reprises" in page.text


async def test_the_template_comes_as_plain_text_too(site: Site) -> None:
    """Filled in and dropped, it is a table like any other; there is no third kind."""
    page = (await site.browser.get(PAGE)).text
    assert 'href="/importer/law.provision/modele.csv?profil=disposition"' in page
    template = await site.browser.get("/importer/law.provision/modele.csv")
    assert template.headers["content-type"] == "text/csv; charset=utf-8"
    headings = template.content.decode("utf-8-sig").split("\r\n")[0].split(";")
    said = {"Point comparé *": "temoins/recours", "Pays *": "Mali", "Conformité *": "Absent"}
    row = ";".join(said.get(one, "") for one in headings)
    sent = await site.upload(template.content + row.encode())
    assert counted(await site.browser.get(sent.headers["location"]))[:2] == [1, 0]
    assert (await site.browser.get("/importer/law.provision/modele.ods")).status_code == 404
