"""The three laws in a browser: the missing one is seen at a glance, the detail on demand, without JavaScript too."""

from pathlib import Path

import pytest

from tamani.core.event import Event
from tests.browser.conftest import OpenReader
from tests.browser.test_desk import CONTRAST
from tests.component.desk.conftest import Fed
from tests.component.desk.test_laws import item, opinion_on, provision, text
from tests.support.notices import COMMISSION_BF, COMMISSION_ML

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


async def filled(fed: Fed) -> Event:
    """Two laws, one missing, a file that is late, a bill in two versions with an opinion; the newer version."""
    item(fed, due="2026-03-01")
    provision(fed, COMMISSION_BF, "absent", gap="Aucune mesure à l'audience ni après le procès.")
    words = "Le témoin d'un acte de terrorisme peut être entendu sous un numéro."
    provision(fed, COMMISSION_ML, "partiel", article="Article 12", verbatim=words, gap="Limité au terrorisme.")
    first = text(fed, ("1", words), ("2", "Un service de protection est créé."))
    opinion_on(fed, first)
    newer = ("2", "Un service de protection est créé auprès du ministre de la Justice.")
    second = text(fed, ("1", words), newer, subject=first.subject)
    await fed.take()
    return second


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_three_laws_are_read_side_by_side(
    fed: Fed, opens: OpenReader, size: str, script: bool, shots: Path | None
) -> None:
    """From the board to the theme to the text, by links alone; no page is wider than the window."""
    second = await filled(fed)
    reader = await opens(size, script)
    await reader.enter(fed.cookie(COMMISSION_ML))
    page = reader.page
    await page.get_by_role("link", name="Lois", exact=True).click()
    await page.get_by_role("link", name="Protection des témoins et victimes").click()
    cell = page.locator("td", has_text="Partiel")
    assert not await cell.get_by_text("Limité au terrorisme.").is_visible()
    await cell.locator("summary").click()
    assert await cell.get_by_text("Limité au terrorisme.").is_visible()
    for path in ("/lois", "/lois/temoins", f"/lois/texte{second.source}/{second.id}"):
        await reader.goes_to(path)
        if shots:
            await page.screenshot(path=shots / f"{size}{path.replace('/', '-')[:20]}.png", full_page=True)
        if script:
            assert await reader.overflow() <= 0, path
            assert await page.evaluate(CONTRAST) == [], path
    assert await page.locator("ins", has_text="auprès du ministre").is_visible()
    assert await page.get_by_text("Retenu en partie").is_visible()
    reader.is_content()
