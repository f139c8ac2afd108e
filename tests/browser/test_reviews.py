"""Two people in a real browser: one puts a notice aside, writes it, sends it; another reads it over and releases it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.browser.conftest import OpenReader, Reader
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML
from tests.support.officers import POSTER, VALIDATOR, session_of
from tests.support.posting import Posting, posting

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
async def node(fed: Fed, tmp_path: Path) -> AsyncIterator[Posting]:
    """The node of the desk's site."""
    async with (
        posting(tmp_path) as made,
        httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url="http://node") as api,
    ):
        made.clock.at = system_clock()
        fed.desk.posting = Api(api)
        yield made


async def looked(reader: Reader, name: str, shots: Path | None, script: bool) -> None:
    """axe needs scripts; the width is asked by the browser itself."""
    if script:
        await look(reader, f"valider-{name}", shots)
    elif shots is not None:
        await reader.page.screenshot(path=shots / f"valider-{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "script"), [("phone", False), ("desk", True), ("phone", True)])
async def test_written_by_one_released_by_another(
    fed: Fed, node: Posting, opens: OpenReader, shots: Path | None, size: str, script: bool
) -> None:
    """Draft, opened again, sent to be validated, sent back with a remark, mended, released: in the outbox once."""
    author, second = await opens(size, script), await opens(size, script)
    await author.enter(session_of(fed.desk.accounts, COMMISSION_ML, POSTER, "Secrétaire"))
    await second.enter(session_of(fed.desk.accounts, COMMISSION_ML, VALIDATOR, "Présidence"))
    page, name = author.page, f"{size}{'' if script else '-sans-js'}"
    await author.goes_to("/publier/public.notice")
    await page.locator("#d-head-title").fill("Les audiences de protection des témoins")
    await page.get_by_role("button", name="Enregistrer le brouillon").click()
    await page.get_by_text("Brouillon enregistré sur ce site").wait_for()
    await looked(author, f"{name}-1-brouillon", shots, script)
    await author.goes_to("/accueil")
    await looked(author, f"{name}-2-accueil", shots, script)
    await page.get_by_role("link", name="Les audiences de protection des témoins").click()
    await page.locator("#d-text").fill("Une audience peut se tenir sans que le témoin soit vu.")
    await page.get_by_role("button", name="Relire, et voir").click()
    await page.get_by_role("heading", name="Une seconde personne doit le valider").wait_for()
    await looked(author, f"{name}-3-relire", shots, script)
    await page.get_by_role("button", name="Envoyer à valider").click()
    await page.wait_for_url("**/publier/envoi/**")
    id_ = page.url.rpartition("/")[2]
    await looked(author, f"{name}-4-envoi", shots, script)
    assert await node.rows() == []

    other = second.page
    await second.goes_to("/accueil")
    await looked(second, f"{name}-5-attend", shots, script)
    await other.get_by_role("link", name="Les audiences de protection des témoins").click()
    await other.get_by_role("heading", name="Qui lira cet avis").wait_for()
    await looked(second, f"{name}-6-a-valider", shots, script)
    await other.locator("#remarque").fill("Dites aussi où s'adresser.")
    await other.get_by_role("button", name="Renvoyer à l").click()
    await other.locator(".badge", has_text="Renvoyé").wait_for()

    await author.goes_to(f"/a-valider/{id_}")
    await looked(author, f"{name}-7-renvoye", shots, script)
    await page.get_by_role("link", name="Modifier et renvoyer").click()
    await page.locator("details.further > summary").click()
    await page.locator("#d-contact").fill("Au greffe du tribunal.")
    await page.get_by_role("button", name="Relire, et voir").click()
    await page.get_by_role("button", name="Envoyer à valider").click()
    await page.wait_for_url("**/publier/envoi/**")

    await second.goes_to("/a-valider")
    await looked(second, f"{name}-8-liste", shots, script)
    await other.get_by_role("link", name="Les audiences de protection des témoins").click()
    await other.get_by_text("Au greffe du tribunal.").wait_for()
    await other.get_by_role("button", name="Valider et publier").click()
    await other.get_by_role("heading", name="scellé et part").wait_for()
    await looked(second, f"{name}-9-valide", shots, script)
    assert [(row["id"], row["state"]) for row in await node.rows()] == [(id_, "waiting")]
    await author.goes_to("/publier")
    await looked(author, f"{name}-10-publier", shots, script)
    assert await page.get_by_role("link", name="Les audiences de protection des témoins").count() == 0
    for reader in (author, second):
        reader.is_content()
