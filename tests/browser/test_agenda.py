"""The calendar in a real browser, in French, on a phone and on a desk: it fits, reads and prints; axe finds nothing."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Response

from tests.browser.conftest import OpenReader, Reader
from tests.component.desk.conftest import Fed
from tests.component.desk.test_agenda import convene
from tests.component.desk.test_mail import Bureau, text_of
from tests.support.mail import smtp_server
from tests.support.notices import BUREAU, COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, PLATFORM

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
TODAY = datetime(2026, 12, 3, 10, tzinfo=UTC)
GRAVE = {"serious", "critical"}
HEAVIEST = 50_000


async def filled(fed: Fed) -> None:
    """A month of three commissions, with a postponement, a move, a cancellation and a clash."""
    fed.desk.clock = lambda: TODAY

    def day(number: int, hour: int = 8, minute: int = 0) -> datetime:
        return datetime(2026, 12, 1, hour, minute, tzinfo=UTC) + timedelta(days=number - 1)

    joint = "Séance conjointe des trois commissions : protection des témoins"
    law = {"themes": ["temoins"], "countries": ["bf", "ml", "ne"]}
    convene(fed, "conjointe", day(15), COMMISSION_NE, title=joint, profile="conjointe", tlp="GREEN", head=law)
    convene(fed, "conjointe", day(16), COMMISSION_NE, title=joint, profile="conjointe", tlp="GREEN", head=law)
    extra = "Séance extraordinaire : registre des saisies d'armes"
    convene(fed, "armes", day(10, 10), COMMISSION_BF, title=extra, profile="extraordinaire")
    convene(fed, "armes", day(10, 10), COMMISSION_BF, title=extra, profile="extraordinaire", status="cancelled")
    convene(fed, "budget", day(16, 9, 30), COMMISSION_ML, title="Examen du budget de la défense", tlp="GREEN")
    closed = {"tlp": "AMBER", "audience": COMMISSION_ML, "profile": "audition"}
    convene(fed, "audition", day(17, 9, 30), COMMISSION_ML, title="Audition à huis clos", **closed)
    mission = {"title": "Mission d'appui aux communes frontalières", "profile": "mission", "tlp": "GREEN"}
    long = {"end": "2026-12-23T16:00:00Z"}
    convene(fed, "mission", day(21), BUREAU, **mission, **long)
    convene(fed, "mission", day(21), BUREAU, status="postponed", **mission, **long)
    convene(
        fed, "rencontre", day(2, 8, 30), OBSERVATORY_ML, title="Rencontre populations – forces", profile="rencontre"
    )
    convene(
        fed, "atelier", day(3, 13), PLATFORM, title="Atelier des observatoires", status="tentative", profile="atelier"
    )
    convene(fed, "forum", day(29, 9), PLATFORM, title="Forum de bilan de la feuille de route", profile="forum")
    convene(fed, "ordinaire", day(8, 9), COMMISSION_BF, title="Réunion ordinaire de la commission")
    await fed.take()


async def looked_at(reader: Reader, name: str, shots: Path | None) -> None:
    """What holds for every page; and a picture, for whoever wants to see it."""
    if shots is not None:
        await reader.page.screenshot(path=shots / f"agenda-{name}.png", full_page=True)
    assert await reader.overflow() <= 0, name
    assert await reader.page.evaluate(CONTRAST) == [], name
    found = await Axe().run(reader.page)
    faults = [one for one in found.response["violations"] if one["impact"] in GRAVE]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in faults] == [], name


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_every_view_can_be_read(fed: Fed, opens: OpenReader, size: str, shots: Path | None) -> None:
    """A month, a week and a list, for a body and for everybody, in both languages, empty and full."""
    await filled(fed)
    reader = await opens(size, bypass_csp=True)
    await reader.goes_to("/agenda")
    await looked_at(reader, f"{size}-public", shots)
    await reader.enter(fed.cookie(COMMISSION_ML))
    for view in ("mois", "semaine&jour=2026-12-16", "liste"):
        await reader.goes_to(f"/agenda?vue={view}")
        assert await reader.page.get_by_role("link", name="Séance conjointe").first.is_visible()
        await looked_at(reader, f"{size}-{view[:7]}", shots)
    await reader.goes_to("/agenda?jour=2031-05-01")
    await looked_at(reader, f"{size}-vide", shots)
    await reader.goes_to("/agenda?theme=temoins&origin=ml")
    await looked_at(reader, f"{size}-filtre", shots)
    await reader.goes_to("/langue/en?retour=/agenda")
    await looked_at(reader, f"{size}-english", shots)
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_an_address_is_made_and_shown_once(fed: Fed, opens: OpenReader, size: str, shots: Path | None) -> None:
    """From the calendar to the address and its drawing; opened by a program it is a calendar; revoked it is none."""
    await filled(fed)
    reader = await opens(size, bypass_csp=True)
    page = reader.page
    await reader.enter(fed.cookie(COMMISSION_ML))
    await reader.goes_to("/agenda")
    await page.get_by_role("link", name="Adresse personnelle").click()
    await looked_at(reader, f"{size}-adresses-vide", shots)
    await page.get_by_label("Pour qui").fill("Présidence de la commission")
    await page.get_by_role("button", name="Créer une adresse").click()
    url = await page.get_by_label("À coller").input_value()
    await looked_at(reader, f"{size}-adresse", shots)
    assert (await page.request.get(url)).status == 200
    await reader.goes_to("/agenda/adresses")
    assert url not in await page.content()
    await page.get_by_role("button", name="Révoquer").click()
    await page.get_by_text("Révoquée").wait_for()
    assert (await page.request.get(url)).status == 404
    await looked_at(reader, f"{size}-adresses", shots)
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_mail_is_asked_for_and_confirmed(fed: Fed, opens: OpenReader, size: str, shots: Path | None) -> None:
    """A form, a mail that arrives at a real server, a press on its link, and the page that stops it."""
    await filled(fed)
    async with smtp_server() as box:
        bureau = Bureau(fed, box)
        reader = await opens(size, bypass_csp=True)
        fed.desk.settings = bureau.settings = bureau.settings.model_copy(update={"public_url": reader.address})
        bureau.fresh_process()
        page = reader.page
        await reader.enter(fed.cookie(COMMISSION_ML))
        await reader.goes_to("/agenda?theme=temoins")
        await page.get_by_role("link", name="Convocations par courriel").click()
        await page.get_by_label("Votre adresse de courriel").fill("membre@example.org")
        await page.get_by_role("button", name="Recevoir les convocations").click()
        await page.get_by_text("Un courriel vient de partir").wait_for()
        await looked_at(reader, f"{size}-courriels", shots)
        (link,) = re.findall(r"http://\S+/confirmer/\S+", text_of(box.mails[0]))
        await page.goto(link)
        await looked_at(reader, f"{size}-confirmer", shots)
        await page.get_by_role("button", name="Confirmer").click()
        await page.get_by_text("C’est confirmé").wait_for()
        (one,) = await bureau.postman.subscriptions.confirmed()
        await reader.goes_to(f"/agenda/courriels/arret/{one.stop}")
        await looked_at(reader, f"{size}-arret", shots)
        await page.get_by_role("button", name="Arrêter").click()
        await page.get_by_text("C’est arrêté").wait_for()
        assert await bureau.postman.subscriptions.confirmed() == []
        reader.is_content()


async def test_without_script_one_finds_ones_way(fed: Fed, opens: OpenReader) -> None:
    """Next month, a week, a filter, a meeting: links and one form."""
    await filled(fed)
    reader = await opens("phone", script=False)
    page = reader.page
    await reader.goes_to("/agenda")
    await page.get_by_role("link", name="Suivant").click()
    await page.get_by_role("heading", name="janvier 2027").wait_for()
    await page.get_by_role("link", name="Aujourd’hui").click()
    await page.get_by_role("link", name="Semaine").click()
    await page.get_by_text("Filtrer").click()
    await page.get_by_label("Pays").select_option("rg")
    await page.get_by_role("button", name="Appliquer").click()
    assert await page.get_by_role("link", name="Rencontre").count() == 0
    await page.get_by_role("link", name="Atelier des observatoires").click()
    await page.get_by_role("link", name="Ajouter à mon calendrier").wait_for()
    reader.is_content()


async def test_the_keyboard_reaches_everything(fed: Fed, opens: OpenReader) -> None:
    """The tab key walks from the period to the first meeting in the order in which they are read; Enter opens it."""
    await filled(fed)
    reader = await opens()
    page = reader.page
    await reader.goes_to("/agenda")
    walked: list[str] = []
    while "Rencontre populations – forces" not in walked:
        await page.keyboard.press("Tab")
        walked.append(await page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
        assert len(walked) < 40, walked
    order = ["‹ Précédent", "Aujourd’hui", "Suivant ›", "Mois", "Semaine", "Liste", "Filtrer"]
    assert [word for word in walked if word in order] == order
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", level=1, name="Rencontre populations – forces").wait_for()


async def test_paper_carries_the_marking(fed: Fed, opens: OpenReader, shots: Path | None) -> None:
    """On A4 the label stays, buttons and filters do not."""
    await filled(fed)
    reader = await opens()
    page = reader.page
    await reader.enter(fed.cookie(COMMISSION_ML))
    await reader.goes_to("/agenda")
    await page.emulate_media(media="print")
    assert await page.get_by_text("TLP:AMBER").first.is_visible()
    assert await page.get_by_role("heading", name="décembre 2026", exact=True).is_visible()
    for hidden in (".steps", ".tabs", ".agenda-filters", ".subscribe"):
        assert not await page.locator(hidden).is_visible()
    assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
    if shots is not None:
        await page.set_viewport_size({"width": 1030, "height": 700})
        await page.screenshot(path=shots / "agenda-paper.png", full_page=True)


async def test_the_first_view_is_light(fed: Fed, opens: OpenReader) -> None:
    """A full month with all that it loads is under 50 kB compressed."""
    await filled(fed)
    reader = await opens("phone")
    sizes: list[int] = []

    async def weigh(response: Response) -> None:
        sizes.append((await response.request.sizes())["responseBodySize"])

    reader.page.on("response", weigh)
    await reader.goes_to("/agenda")
    await reader.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 4
    assert 5_000 < sum(sizes) < HEAVIEST
