"""An officer's morning in a real browser: what is ours and late comes first, one click answers it, a notice is passed
on with a day, and the dossier of a sitting is there for the screen, for paper and to take along.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from tamani.core.event import format_time
from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.browser.conftest import OpenReader
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.component.desk.test_demands import ask, reply
from tests.component.desk.test_dossier import bill, opine, provision, ref
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.officers import POSTER, session_of
from tests.support.posting import Posting, posting

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


def day(days: int) -> str:
    return format_time(system_clock() + timedelta(days=days))[:10]


@pytest.fixture
async def node(fed: Fed, tmp_path: Path) -> AsyncIterator[Posting]:
    """A desk with the node of its site: two requests to us, three of ours, a text with an opinion, a sitting."""
    head = {"head": data_of("exchange.request")["head"] | {"summary": "Deux semaines, à Bamako."}}
    ask(fed, "Quel délai pour répondre aux questions de contrôle ?", day(-2), subject="exchange/1")
    ask(fed, "Relais formés à l'audition des témoins", day(5), subject="exchange/2", data=head)
    both = {"addressed_to": [COMMISSION_BF, COMMISSION_NE]}
    mine = ask(fed, "Moyens de la commission", day(-1), COMMISSION_ML, subject="exchange/3", data=both)
    reply(fed, mine, source=COMMISSION_NE)
    ask(fed, "Calendrier commun", day(12), COMMISSION_ML, subject="exchange/4", data=both)
    text = bill(fed, tlp="GREEN", subject="law/temoins")
    opine(fed, text, "Trois mois ne suffisent pas à protéger un témoin qui dépose deux fois.", tlp="GREEN")
    provision(fed, "Aucune mesure après le procès.", tlp="GREEN")
    point = {"rank": 1, "kind": "examen-texte", "title": "Avant-projet sur la protection des témoins"}
    points = [
        point | {"law_ref": "temoins", "rapporteur_role": "Rapporteur général", "duration_min": 45, "about": ref(text)},
        {"rank": 2, "kind": "audition", "title": "Audition de l'observatoire", "duration_min": 60},
        {"rank": 3, "kind": "divers", "title": "Prochaine séance"},
    ]
    for number in (1, 2):
        alert = fed.feed.say("monitor.alert", OBSERVATORY_ML, tlp="GREEN", subject=f"alert/{number}")
    handled = {"target": ref(alert), "level": "handled", "head": {"title": "Nous nous en chargeons"}}
    fed.feed.say("ack", COMMISSION_ML, profile="accuse", tlp="GREEN", subject=alert.subject, data=handled)
    start = format_time(system_clock() + timedelta(days=6))
    data: dict[str, Any] = data_of("agenda.meeting") | {"start": start, "end": start, "points": points}
    data["head"]["title"] = "Séance conjointe sur la protection des témoins"
    data |= {"place": "Salle des commissions, Niamey", "chair_role": "Présidence de la commission"}
    given = {"tlp": "GREEN", "audience": f"{COMMISSION_BF} {COMMISSION_ML}", "profile": "conjointe"}
    fed.feed.say("agenda.meeting", COMMISSION_NE, data=data, **given)
    await fed.take()
    async with (
        posting(tmp_path) as made,
        httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url="http://node") as api,
    ):
        made.clock.at = system_clock()
        fed.desk.posting = Api(api)
        yield made


async def figures(page: Page) -> dict[str, int]:
    """What is seen before the first click, in the window as it opens."""
    window = await page.evaluate("window.innerHeight")
    found: dict[str, int] = {}
    for tile in await page.locator(".morning li").all():
        place = await tile.bounding_box()
        assert place is not None
        assert place["y"] + place["height"] <= window, "seen without scrolling"
        found[await tile.locator("strong").inner_text()] = int(await tile.locator("b").inner_text())
    return found


async def test_a_quiet_morning_says_so(fed: Fed, opens: OpenReader, shots: Path | None) -> None:
    """Four zeros in words; what arrives while one looks is told by a bar, and nothing moves."""
    reader = await opens("phone")
    await reader.enter(session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
    await reader.goes_to("/accueil")
    page = reader.page
    assert set((await figures(page)).values()) == {0}
    await look(reader, "matin-calme", shots)
    await page.get_by_text("Aucun autre organisme").wait_for()
    bill(fed, tlp="GREEN")
    await fed.take()
    bar = page.locator("#nouveaux a")
    await bar.wait_for()
    assert "1 nouvel avis" in await bar.inner_text()
    assert (await figures(page))["Nouveaux"] == 0, "nothing moves under one's eyes"
    await bar.click()
    await page.locator(".news a").wait_for()
    assert (await figures(page))["Nouveaux"] == 1
    reader.is_content()


@pytest.mark.parametrize(("size", "script"), [("phone", False), ("desk", True)])
async def test_the_morning_of_an_officer(
    fed: Fed, node: Posting, opens: OpenReader, shots: Path | None, size: str, script: bool
) -> None:
    """Late first; answer; pass on; see who is late with us; the dossier. Reading and writing without JavaScript too."""
    reader = await opens(size, script)
    page = reader.page

    async def looked(step: str) -> None:
        if script:
            await look(reader, f"demandes-{size}-{step}", shots)
        else:
            assert await reader.overflow() <= 0, step
            if shots is not None:
                await page.screenshot(path=shots / f"demandes-{size}-{step}.png", full_page=True)

    await reader.enter(session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
    await reader.goes_to("/accueil")
    assert await figures(page) == {"Nouveaux": 9, "Urgents": 1, "À nous": 3, "En retard": 2}
    titles = await page.locator("section[aria-labelledby=attend] .waiting h3").all_text_contents()
    assert [title[:5] for title in titles] == ["Quel ", "Relai", "Séanc"]
    assert await page.locator("section[aria-labelledby=attend] .waiting > li.late").count() == 1
    assert await page.locator("section[aria-labelledby=retard] h3").all_inner_texts() == ["Moyens de la commission"]
    await looked("1-accueil")
    await page.locator(".waiting").get_by_role("link", name="Répondre", exact=True).first.click()
    await page.locator("#d-answer").select_option("answered")
    await page.locator("#d-text").fill("Trente jours, à compter de la réception.")
    await looked("2-repondre")
    await page.get_by_role("button", name="Relire, et voir").click()
    await page.get_by_role("heading", name="Qui lira cet avis").wait_for()
    await looked("3-qui-lira")
    await page.locator("button[value=publier]").click()
    await page.wait_for_url("**/publier/envoi/**")
    await reader.goes_to("/demandes")
    await looked("4-nos-demandes")
    await page.get_by_role("link", name="Moyens de la commission").click()
    await page.get_by_role("heading", name="Réponses attendues").wait_for()
    await looked("5-avis")
    await page.get_by_role("link", name="Transmettre avec échéance").click()
    await page.locator("#d-due").fill(day(9))
    await page.locator("#d-text").fill("Que pouvez-vous mettre en commun ?")
    await page.locator("summary").first.click()
    await page.locator(f"input[value='{COMMISSION_BF}']").check()
    await looked("6-transmettre")
    await page.get_by_role("button", name="Relire, et voir").click()
    await page.locator("button[value=publier]").click()
    await page.wait_for_url("**/publier/envoi/**")
    assert [row["type"] for row in await node.rows()] == ["exchange.answer", "exchange.request"]
    await reader.goes_to("/accueil")
    await page.get_by_role("link", name="Séance conjointe sur la protection").first.click()
    await page.get_by_role("link", name="Dossier de séance").click()
    await page.get_by_role("heading", name="Ordre du jour").wait_for()
    await looked("7-dossier")
    if shots is not None and script:
        (shots / "dossier.pdf").write_bytes(await page.pdf(prefer_css_page_size=True, print_background=True))
    reader.is_content()
