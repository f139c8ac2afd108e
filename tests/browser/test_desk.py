"""The desk's pages in a real browser: on a phone and on a desk, with JavaScript and without."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tamani.core.event import Event
from tamani.core.roles import Role
from tests.browser.conftest import OpenReader
from tests.browser.days import behind_a_slow_link
from tests.component.desk.conftest import Fed
from tests.component.desk.test_erasing import CANARY, Erasing
from tests.support.erasures import REASON
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_ML, NOTICE_KINDS, OBSERVATORY_NE, data_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
HEAVIEST = 50_000
SMALLEST_TARGET = 44


async def filled(fed: Fed) -> list[Event]:
    """A desk with one full notice of each type, an update, a cancellation, a contested one, and many plain ones."""
    for number in range(30):
        fed.feed.say("law.item", tlp="CLEAR", subject=f"law/plein-{number}")
    said = [fed.feed.say(kind, OBSERVATORY_NE, tlp="CLEAR", full=True) for kind in NOTICE_KINDS]
    fed.feed.mark(said[0])
    alert = next(event for event in said if event.type.startswith("tamani.monitor.alert"))
    update = {"subject": alert.subject, "tlp": "CLEAR", "data": data_of("monitor.alert")}
    fed.feed.say("monitor.alert", OBSERVATORY_NE, **update)
    await fed.take()
    return said


def path_of(event: Event) -> str:
    return f"/avis{event.source}/{event.id}"


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_without_script_every_notice_is_read(fed: Fed, opens: OpenReader, size: str) -> None:
    """Each type's page has its content (`test_every_page.py` looks at them with scripts), from this site alone."""
    said = await filled(fed)
    reader = await opens(size, script=False)
    for path in ("/", "/connexion", *map(path_of, said)):
        await reader.goes_to(path)
        assert await reader.page.locator("h1").is_visible()
        assert await reader.overflow() <= 0, path
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_without_script_by_a_slow_link(fed: Fed, opens: OpenReader, size: str, tell: Tell) -> None:
    """Search, open what was found, read it: what that costs somebody who comes for the first time."""
    await filled(fed)
    title = data_of("practice.note", full=True)["head"]["title"]
    async with AsyncExitStack() as stack:
        reader = await opens(size, script=False)
        await behind_a_slow_link(stack, reader)
        hands, page = Hands(reader.page), reader.page
        async with hands.task("find and read a notice, without JavaScript"):
            await reader.goes_to("/")
            await hands.look()
            await hands.write(page.get_by_role("searchbox"), title)
            await hands.press(page.get_by_role("button", name="Chercher"))
            await hands.press(page.locator("li.card a").first)
            await page.get_by_role("heading", name=title, level=1).wait_for()
    tell("\n".join(hands.told))
    assert hands.gestures == 3
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_new_notices_wait_until_they_are_asked_for(fed: Fed, opens: OpenReader, size: str) -> None:
    """A bar counts them; nothing on the page moves until the reader touches it, then they are there."""
    await filled(fed)
    reader = await opens(size)
    page = reader.page
    await reader.goes_to("/")
    await page.get_by_text("En direct").wait_for()
    await page.mouse.wheel(0, 600)
    await page.wait_for_function("window.scrollY > 300")
    before = await _what_is_read(page)
    for number in range(2):
        fed.feed.say("law.item", tlp="CLEAR", subject=f"law/neuf-{number}")
    fed.feed.say("law.item", tlp="GREEN", subject="law/pas-pour-le-public")
    await fed.take()
    bar = page.get_by_role("link", name="2 nouveaux avis : afficher")
    await bar.wait_for()
    assert await _what_is_read(page) == before
    await bar.click()
    await page.locator("li.card[data-thread='law/neuf-1']").wait_for()
    assert await page.locator("li.card[data-thread='law/neuf-0']").count() == 1
    assert await page.locator("#nouveaux").is_hidden()
    reader.is_content()


async def _what_is_read(page: Any) -> Any:
    """Where the window stands, and which lines are in it, at which height."""
    return await page.evaluate(
        """() => [window.scrollY, ...[...document.querySelectorAll("li.card")].map(
            (card) => [card.dataset.thread, Math.round(card.getBoundingClientRect().top)])]"""
    )


async def test_a_line_says_that_its_thread_goes_on(fed: Fed, opens: OpenReader) -> None:
    """A cancelled alert is marked where it stands, at once; its page, too, says that there is more."""
    alert = fed.feed.say("monitor.alert", tlp="CLEAR", subject="alert/une")
    await fed.take()
    front, detail = await opens(), await opens("phone")
    await front.goes_to("/")
    await front.page.get_by_text("En direct").wait_for()
    await detail.goes_to(path_of(alert))
    await detail.page.wait_for_load_state("load")
    cancel = data_of("monitor.alert") | {"msg_type": "Cancel"}
    fed.feed.say("monitor.alert", tlp="CLEAR", subject="alert/une", data=cancel)
    await fed.take()
    await front.page.locator("li.card.touched", has_text="Mis à jour à l’instant").wait_for()
    link = detail.page.get_by_role("link", name="Ce fil a une suite : actualiser")
    await link.click()
    await detail.page.get_by_text("L’organisme a annulé cet avis").wait_for()
    front.is_content()
    detail.is_content()


async def test_what_is_erased_leaves_the_page_and_nothing_moves(fed: Fed, opens: OpenReader) -> None:
    """From the list, from the alerts in force and from its own page, at once; its place says so and leads to why."""
    erasing = Erasing(fed)
    for number in range(6):
        fed.feed.say("law.item", tlp="CLEAR", subject=f"law/plein-{number}")
    meeting = await erasing.says(tlp="CLEAR")
    alert = fed.feed.say("monitor.alert", tlp="CLEAR", subject=f"alert/{CANARY}")
    await fed.take()
    front, detail = await opens("phone"), await opens()
    await detail.goes_to(path_of(meeting))
    await detail.page.wait_for_load_state("load")
    await front.goes_to("/")
    await front.page.get_by_text("En direct").wait_for()
    before = await _what_is_read(front.page)
    for gone in (meeting, alert):
        await erasing.erases(gone)
        await front.page.locator(f"li.card.erased a[href='{path_of(gone)}']").wait_for()
    after = await _what_is_read(front.page)
    assert [line[1] for line in after[1:]] == [line[1] for line in before[1:]]
    assert after[0] == before[0]
    assert CANARY not in await front.page.content()
    await front.page.get_by_role("link", name="La liste a changé : actualiser").wait_for()
    await detail.page.locator("article.erased").get_by_role("link", name="Avis effacé : voir pourquoi").click()
    await detail.page.get_by_text(REASON).wait_for()
    front.is_content()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_filters_need_no_script(fed: Fed, opens: OpenReader, size: str, script: bool) -> None:
    """On a phone they are a sheet, on a desk a column: choose, apply, take away again."""
    await filled(fed)
    reader = await opens(size, script)
    page = reader.page
    await reader.goes_to("/")
    if size == "phone":
        assert await page.get_by_label("Rapport de veille").is_hidden()
        await page.get_by_role("link", name="Filtrer").click()
    for fold in await page.locator("#facettes summary").all():
        await fold.click()
    await page.get_by_label("Rapport de veille").check()
    await page.get_by_role("button", name="Appliquer").click()
    await page.wait_for_url("**/?type=monitor.report**")
    assert await page.locator("li.card").count() == 1
    await (
        page.get_by_role("link", name="Rapport de veille ×")
        .or_(page.locator(".chips a", has_text="Rapport de veille"))
        .first.click()
    )
    await page.wait_for_url(reader.address + "/")
    assert await page.locator("li.card").count() == 25
    reader.is_content()


async def test_a_closed_account_clears_an_open_page(fed: Fed, opens: OpenReader) -> None:
    """The page that somebody left open shows what is reserved no longer than the next event."""
    said = data_of("agenda.meeting")
    said["head"]["title"] = "Séance réservée"
    fed.feed.say("agenda.meeting", tlp="GREEN", data=said)
    await fed.take()
    reader = await opens()
    await reader.enter(fed.cookie(COMMISSION_ML))
    await reader.page.get_by_text("En direct").wait_for()
    assert await reader.page.get_by_text("Séance réservée").is_visible()
    officers = fed.desk.accounts.officers
    fed.cookie(OBSERVATORY_NE)
    (who,) = officers.of_body(COMMISSION_ML)
    officers.set_roles(None, who.id, frozenset({Role.READER, Role.HEAD}))
    fed.feed.say(tlp="GREEN")
    await fed.take()
    await reader.page.get_by_text("Votre session est terminée").wait_for()
    assert await reader.page.get_by_text("Séance réservée").count() == 0


async def test_fingers_find_their_targets(fed: Fed, opens: OpenReader) -> None:
    """On a phone every button, field and box is at least 44 pixels high."""
    said = await filled(fed)
    reader = await opens("phone")
    for path in ("/", "/#filtres", "/connexion", path_of(said[0])):
        await reader.goes_to(path)
        small = await reader.page.evaluate(
            """(least) => [...document.querySelectorAll(
                "nav a, nav button, .button, .filters label, input:not([type=checkbox]):not([type=hidden]), .back a")]
              .filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < least - 0.5)
              .map((e) => `${e.textContent.trim() || e.name} ${e.getBoundingClientRect().height}`)""",
            SMALLEST_TARGET,
        )
        assert small == [], path


async def test_the_first_view_is_light(fed: Fed, opens: OpenReader) -> None:
    """All that crosses the line for the first view, headers included, is under 50 kB; then only the page again."""
    await filled(fed)
    reader = await opens("phone")
    session = await reader.page.context.new_cdp_session(reader.page)
    await session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    await reader.goes_to("/")
    await reader.page.get_by_text("En direct").wait_for()
    first = sum(sizes)
    sizes.clear()
    await reader.page.reload()
    await reader.page.get_by_text("En direct").wait_for()
    assert 2_000 < first < HEAVIEST
    assert sum(sizes) < first


async def test_paper_carries_the_marking(fed: Fed, opens: OpenReader) -> None:
    """A printed notice shows its TLP label, its whole content and its digest, without the furniture of the screen."""
    said = await filled(fed)
    reader = await opens()
    await reader.goes_to(path_of(said[0]))
    await reader.page.emulate_media(media="print")
    assert await reader.page.locator(".tlp-banner").is_visible()
    assert await reader.page.locator(".proof code").first.is_visible()
    for gone in ("header nav", ".back", ".tools", "footer a"):
        assert await reader.page.locator(gone).first.is_hidden(), gone
    assert await reader.overflow() <= 0
    assert len(await reader.page.pdf(format="A4")) > 5_000


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_english_fits_too(fed: Fed, opens: OpenReader, size: str) -> None:
    """The other language, reached by its link, on every kind of page."""
    said = await filled(fed)
    reader = await opens(size)
    await reader.goes_to("/")
    await reader.page.get_by_role("link", name="English").click()
    await reader.page.get_by_role("heading", name="Notices", exact=True).wait_for()
    for path in ("/", path_of(said[-1])):
        await reader.goes_to(path)
        assert await reader.page.evaluate("document.documentElement.lang") == "en"
        assert await reader.overflow() <= 0
    reader.is_content()
