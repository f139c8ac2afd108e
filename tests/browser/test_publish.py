"""The clerk publishes in a real browser: home, a sitting with six points in one form, who will read it, its way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tamani.core.event import format_time
from tamani.runtime.clock import system_clock
from tests.browser.conftest import OpenReader
from tests.browser.days import with_node
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, data_of
from tests.support.officers import POSTER, session_of
from tests.support.posting import Posting

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
POINTS = (
    "Protection des témoins : trois textes",
    "Entraide judiciaire aux frontières",
    "Audition de l'observatoire",
    "Police de proximité : échange de pratiques",
    "Calendrier commun",
    "Divers",
)
# Without JavaScript the form is asked for more.
FIRST_ROWS = 1


@pytest.fixture
async def site(fed: Fed, tmp_path: Path) -> AsyncIterator[Fed]:
    """A desk with the node of its site, and two convocations that wait for an answer."""
    for days, title in ((3, "Séance conjointe sur la protection des témoins"), (12, "Mission à la frontière")):
        start = format_time(system_clock() + timedelta(days=days))
        data: dict[str, Any] = data_of("agenda.meeting") | {"start": start, "end": start}
        data["head"]["title"] = title
        given = {"tlp": "GREEN", "audience": COMMISSION_ML, "subject": f"agenda/{days}", "profile": "conjointe"}
        fed.feed.say("agenda.meeting", COMMISSION_NE, data=data, **given)
    await fed.take()
    async with with_node(fed, tmp_path) as node:
        yield fed
        await _sealed(node)


async def _sealed(node: Posting) -> None:
    """What the browser published is in the outbox."""
    assert [row["type"] for row in await node.rows()] == ["ack", "agenda.meeting"]


@pytest.mark.parametrize(
    ("size", "lang", "script"), [("phone", "fr", False), ("desk", "fr", True), ("phone", "en", True)]
)
async def test_a_sitting_with_six_points(
    site: Fed, opens: OpenReader, shots: Path | None, size: str, lang: str, script: bool
) -> None:
    """Answer what waits, convene, see each fault beside its field, read over, publish, follow it."""
    reader = await opens(size, script)
    page = reader.page
    name = f"{lang}-{size}"

    async def looked(step: str) -> None:
        if script:
            await look(reader, f"publier-{name}-{step}", shots)
        elif shots is not None:
            await page.screenshot(path=shots / f"publier-{name}-{step}.png", full_page=True)

    await reader.enter(session_of(site.desk.accounts, COMMISSION_ML, POSTER))
    await reader.goes_to(f"/langue/{lang}?retour=/accueil")
    await looked("1-accueil")
    await page.locator("button[value=will-attend]").first.click()
    await page.wait_for_url("**/publier/envoi/**")
    await reader.goes_to("/accueil")
    await page.locator("a.tile[href='/publier/agenda.meeting']").click()
    await page.locator("#d-head-title").fill("Sé")
    await page.locator("#d-start").fill("2030-04-14T09:00")
    await page.locator("#d-end").fill("2030-04-13T12:00")
    await page.locator("#d-place").fill("Salle des commissions")
    for number, title in enumerate(POINTS):
        if not script and number == FIRST_ROWS:
            await page.get_by_role("button", name="Ajouter un point").click()
        await page.locator(f"[name='d.points.{number}.title']").fill(title)
        if number:
            await page.locator(f"[name='d.points.{number}.kind']").select_option("divers")
    await looked("2-formulaire")
    await page.get_by_role("button", name="Relire, et voir" if lang == "fr" else "Read over, and").click()
    await page.locator("#d-head-title-faute").wait_for()
    await looked("3-fautes")
    assert await page.locator("[name='d.points.5.title']").input_value() == POINTS[5]
    await page.locator("#d-head-title").fill("Séance ordinaire de la commission")
    await page.locator("#d-end").fill("2030-04-14T12:00")
    await page.locator("summary", has_text="Adressé à" if lang == "fr" else "Addressed to").last.click()
    await page.locator(f"input[name=audience][value='{COMMISSION_NE}']").check()
    await page.get_by_role("button", name="Relire, et voir" if lang == "fr" else "Read over, and").click()
    await page.get_by_role("heading", name="Qui lira cet avis" if lang == "fr" else "Who will read").wait_for()
    await looked("4-qui-lira")
    await page.locator("button[value=publier]").click()
    await page.wait_for_url("**/publier/envoi/**")
    await looked("5-envoi")
    # A refused form answers 422, and Chromium writes that down; nothing else.
    assert [one for one in reader.complaints if "422" not in one] == []
