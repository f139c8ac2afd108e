"""Under way: what was pressed says so until the answer comes, goes once, and can be pressed again if nothing comes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import behind_a_slow_link, with_node
from tests.browser.test_door import look
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML
from tests.support.officers import POSTER, session_of
from tests.support.posting import Posting

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
PAPER = b"%PDF-1.7\n" + bytes(120_000)
FORM = "/publier/agenda.meeting?profil=ordinaire"
BACK = "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
LONG = "C’est long. Si rien ne vient, appuyez de nouveau."
# What the page's line says half-way to when it may say anything.
EARLY = """document.addEventListener("submit", () => setTimeout(() => {
    window.early ??= document.getElementById("en-cours").textContent;
}, 500))"""
PRESSED = "button.busy[aria-disabled=true]"


class Silence:
    """While it lasts, no page comes in answer to whatever is asked: what was pressed stays in view."""

    def __init__(self) -> None:
        self.asked = 0

    async def falls(self, page: Page) -> None:
        """From now on; the page itself is whole."""
        await page.wait_for_load_state()
        await page.route("**/*", self._nothing)

    async def ends(self, page: Page) -> None:
        """The site answers again."""
        await page.unroute("**/*", self._nothing)

    async def _nothing(self, route: Route) -> None:
        self.asked += 1
        await route.fulfill(status=204)


@pytest.fixture
async def node(fed: Fed, tmp_path: Path) -> AsyncIterator[Posting]:
    async with with_node(fed, tmp_path) as made:
        yield made


@pytest.fixture
async def reader(fed: Fed, node: Posting, opens: OpenReader) -> AsyncIterator[Reader]:
    """An officer on a telephone behind a slow link."""
    async with AsyncExitStack() as stack:
        made = await opens("phone")
        await behind_a_slow_link(stack, made)
        await made.enter(session_of(fed.desk.accounts, COMMISSION_ML, POSTER))
        yield made


async def says(page: Page, words: str) -> None:
    """The button that was pressed says these words, and cannot be pressed again; so does the page's own line."""
    await page.locator(PRESSED, has_text=words).wait_for()
    await page.locator("#en-cours", has_text=words).wait_for()
    assert await page.locator("form[aria-busy=true]").count() == 1


async def is_as_it_was(page: Page, words: str) -> None:
    """The button can be pressed again; the page's own line says this."""
    await page.wait_for_function("words => document.getElementById('en-cours').textContent === words", arg=words)
    assert await page.locator("[aria-busy], [aria-disabled], .busy").count() == 0


async def filled(reader: Reader) -> None:
    """A sitting of one point."""
    await reader.goes_to(FORM)
    for name, text in (
        ("head.title", "Réunion de la commission"),
        ("start", "2030-05-14T09:00"),
        ("end", "2030-05-14T12:00"),
        ("place", "Salle 12"),
        ("points.0.title", "Calendrier"),
    ):
        await reader.page.locator(f"[name='d.{name}']").fill(text)


async def test_what_was_pressed_says_so_and_goes_once(node: Posting, reader: Reader, shots: Path | None) -> None:
    """Pressed twice while nothing comes; told after a while that one may press again; then it is sealed, once."""
    page, silence = reader.page, Silence()
    await page.clock.install()
    await filled(reader)
    await page.get_by_role("button", name="Relire, et voir qui lira").click()
    publish = page.get_by_role("button", name="Publier maintenant")
    await publish.wait_for()
    await silence.falls(page)
    await publish.click()
    await says(page, "Publication en cours…")
    await look(reader, "envoi-en-cours", shots)
    await page.locator(PRESSED).click(force=True)
    assert silence.asked == 1, "the second press waits with the first"
    await page.clock.fast_forward(20_000)
    await is_as_it_was(page, LONG)
    await silence.ends(page)
    await publish.click()
    await page.wait_for_url("**/publier/envoi/**")
    assert [row["type"] for row in await node.rows()] == ["agenda.meeting"]
    reader.is_content()


async def test_the_enter_key_files_and_the_way_back(reader: Reader) -> None:
    """The visible button speaks for the hidden one; files are told with their size, and have their time."""
    page, silence = reader.page, Silence()
    await page.clock.install()
    await filled(reader)
    await page.locator(".pieces > summary").click()
    files = page.get_by_label("Joindre des fichiers")
    await files.set_input_files({"name": "note.pdf", "mimeType": "application/pdf", "buffer": PAPER})
    await silence.falls(page)
    await page.locator("#d-head-title").press("Enter")
    await says(page, "Transfert de 0,1 Mo en cours…")
    await page.clock.fast_forward(20_000)
    await says(page, "Transfert de 0,1 Mo en cours…")
    await page.locator("#d-head-title").press("Enter")
    await says(page, "Transfert de 0,1 Mo en cours…")
    assert silence.asked == 2, "by now one may press again"
    await page.clock.fast_forward(51_000)
    await is_as_it_was(page, LONG)
    await page.locator("#d-head-title").press("Enter")
    await page.evaluate(BACK)
    await is_as_it_was(page, "")
    await silence.ends(page)
    await page.get_by_role("button", name="Relire, et voir qui lira").click()
    await page.get_by_role("heading", name="Qui lira cet avis").wait_for()
    reader.is_content()


async def test_a_search_says_so_only_if_it_takes_long(reader: Reader) -> None:
    page, silence = reader.page, Silence()
    await page.clock.install()
    await reader.goes_to("/")
    await silence.falls(page)
    await page.evaluate(EARLY)
    await page.get_by_role("searchbox").fill("témoins")
    await page.get_by_role("searchbox").press("Enter")
    await page.locator("form[aria-busy]").wait_for()
    await page.clock.run_for(1_000)
    await page.locator("#en-cours", has_text="Recherche en cours…").wait_for()
    assert await page.evaluate("window.early") == "", "not before"
    assert await page.locator(".busy").count() == 0
    await page.get_by_role("searchbox").press("Enter")
    assert silence.asked == 2, "reading is never held up"


async def test_whoever_mends_something_presses_again(reader: Reader) -> None:
    """Stopped, and another word written: the form is as it was, and goes."""
    page, silence = reader.page, Silence()
    await filled(reader)
    await silence.falls(page)
    read = page.get_by_role("button", name="Relire, et voir qui lira")
    await read.click()
    await says(page, "Un instant…")
    await page.get_by_label("Intitulé").first.fill("Réunion conjointe")
    await is_as_it_was(page, "")
    await read.click()
    await says(page, "Un instant…")
    assert silence.asked == 2


async def test_what_is_folded_and_wrong_is_unfolded(reader: Reader) -> None:
    """A file that is too large, folded away again: the browser could not show what it means."""
    page = reader.page
    await filled(reader)
    await page.locator(".pieces > summary").click()
    large = b"%PDF-1.7\n" + bytes(4_200_000)
    files = page.get_by_label("Joindre des fichiers")
    await files.set_input_files({"name": "long.pdf", "mimeType": "application/pdf", "buffer": large})
    await page.locator(".pieces > summary").click()
    assert not await files.is_visible()
    await page.get_by_role("button", name="Relire, et voir qui lira").click()
    await files.wait_for(state="visible")


async def test_what_brings_a_file_leaves_the_page_as_it_is(fed: Fed, reader: Reader, shots: Path | None) -> None:
    """An order of erasure is taken along; its page stays, and its button with it."""
    page, said = reader.page, fed.feed.say("law.item", COMMISSION_ML, tlp="GREEN")
    await fed.take()
    await reader.goes_to(f"/avis{said.source}/{said.id}/effacer")
    await page.get_by_label("publié par erreur").check()
    await page.get_by_label("Motif").fill("Publié par erreur.")
    async with page.expect_download():
        await page.get_by_role("button", name="Télécharger l’ordre").click()
    await is_as_it_was(page, "")
    await look(reader, "effacement", shots)
