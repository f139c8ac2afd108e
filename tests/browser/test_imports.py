"""A clerk imports a table in a real browser: take the template, drop it filled in, mend, confirm, see it published."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import OpenReader
from tests.browser.days import with_node
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML
from tests.support.officers import POSTER, session_of

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
async def site(fed: Fed, tmp_path: Path) -> AsyncIterator[Fed]:
    """A desk with the node of its site."""
    async with with_node(fed, tmp_path) as node:
        yield fed
        await fed.desk.importing.idle()
        assert [row["type"] for row in await node.rows()] == ["law.provision"]


def filled(raw: bytes) -> bytes:
    """The template with a good row and a wrong one, as a person would type them."""
    book = load_workbook(io.BytesIO(raw))
    page = book.worksheets[0]
    places = {str(cell.value).removesuffix(" *"): place for place, cell in enumerate(page[1], 1)}
    rows = [
        {
            "Point comparé": "Protection des témoins et victimes – Recours",
            "Pays": "Mali",
            "Conformité": "Absent",
            "Évalué le": "31/02/2026",
        },
        {
            "Titre": "Anonymat à l'audience",
            "Point comparé": "temoins/anonymat-audience",
            "Pays": "Mali",
            "Conformité": "Partiel",
        },
    ]
    for number, row in enumerate(rows, 4):
        for heading, text in row.items():
            page.cell(number, places[heading], text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("size", "lang"), [("phone", "fr"), ("desk", "fr"), ("desk", "en")])
async def test_a_table_is_imported(site: Fed, opens: OpenReader, shots: Path | None, size: str, lang: str) -> None:
    reader = await opens(size)
    page, name = reader.page, f"importer-{lang}-{size}"
    await reader.enter(session_of(site.desk.accounts, COMMISSION_ML, POSTER))
    await reader.goes_to(f"/langue/{lang}?retour=/accueil")
    await page.locator("a[href='/importer']").click()
    await look(reader, f"{name}-1-quel", shots)
    await page.locator("a.tile[href='/importer/law.provision']").click()
    await look(reader, f"{name}-2-modele", shots)
    async with page.expect_download() as begun:
        await page.locator("a.button[download]").click()
    raw = Path(await (await begun.value).path()).read_bytes()
    table = {"name": "dispositions.xlsx", "mimeType": "application/octet-stream", "buffer": filled(raw)}
    await page.locator("#fichier").set_input_files(table)  # type: ignore[arg-type]
    await page.locator("form.publish button.solid").click()
    await page.wait_for_url("**/importer/fichier/**")
    await look(reader, f"{name}-3-relire", shots)
    assert [await one.inner_text() for one in await page.locator(".tally b").all()] == ["1", "1", "0", "1"]
    await page.locator("button[value=publier]").click()
    await page.get_by_text("Publication terminée" if lang == "fr" else "Published", exact=True).first.wait_for()
    await look(reader, f"{name}-4-publie", shots)
    reader.is_content()
