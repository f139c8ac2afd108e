"""Asking to be put in contact, in a real browser: the form, who will be able to open it, what stays visible outside."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tamani.desk.posting import Posting as Api
from tests.browser.conftest import OpenReader
from tests.browser.days import with_node
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML, TOWN_NE
from tests.support.officers import POSTER, session_of

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
async def site(fed: Fed, tmp_path: Path) -> AsyncIterator[Fed]:
    """A desk with the node of its site."""
    async with with_node(fed, tmp_path) as node:
        yield fed
        assert [row["type"] for row in await node.rows()] == ["sealed"]


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_contact_is_asked_for(site: Fed, opens: OpenReader, shots: Path | None, size: str) -> None:
    reader = await opens(size)
    page = reader.page
    await reader.enter(session_of(site.desk.accounts, COMMISSION_ML, POSTER))
    await reader.goes_to("/publier/exchange.request?profil=mise-en-relation")
    assert await page.locator("form.publish :is(input, select, textarea)[id^='d-']:visible").count() <= 8
    await page.locator("#d-head-title").fill("Mise en relation : abreuvement")
    await page.locator("summary", has_text="Adressée à").click()
    await page.locator(f"input[name='d.addressed_to'][value='{TOWN_NE}']").check()
    await page.locator("#d-need").select_option("prevention-conflit")
    await page.locator("summary", has_text="Plus de précisions").click()
    await look(reader, f"sceller-{size}-1-formulaire", shots)
    await page.get_by_role("button", name="Relire, et voir").click()
    await page.get_by_role("heading", name="Cet avis sera scellé").wait_for()
    assert "abreuvement" not in await page.title()
    assert "abreuvement" not in page.url
    await look(reader, f"sceller-{size}-2-relire", shots)
    await page.locator("button[value=publier]").click()
    await page.wait_for_url("**/publier/envoi/**")
    assert "abreuvement" not in await page.content()
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_form_is_in_groups(fed: Fed, opens: OpenReader, shots: Path | None, size: str) -> None:
    """The rest of a form stands under headings, behind one fold."""
    async with httpx.AsyncClient(base_url="http://node") as nobody:
        fed.desk.posting = Api(nobody)
        reader = await opens(size)
        await reader.enter(session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        await reader.goes_to("/publier/law.provision")
        await reader.page.locator("summary", has_text="Plus de précisions").click()
        assert await reader.page.locator(".further fieldset.part > legend").count() >= 4
        await look(reader, f"disposition-{size}", shots)
        reader.is_content()
