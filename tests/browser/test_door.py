"""The door in a real browser: invitation → password → telephone → inside → out, on a phone and on a desk."""

import re
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from tamani.core.roles import Role
from tests.browser.conftest import OpenReader, Reader
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML, OBSERVATORY_NE
from tests.support.officers import ALL, PASSWORD, PHRASE

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
# Impacts that axe gives to what keeps somebody out; the rest is advice.
GRAVE = {"serious", "critical"}


@pytest.fixture
async def fed_with_notices(fed: Fed) -> Fed:
    """A desk with something to read."""
    for number in range(4):
        fed.feed.say("agenda.meeting", OBSERVATORY_NE, tlp="GREEN", subject=f"agenda/{number}")
    await fed.take()
    return fed


async def look(reader: Reader, name: str, shots: Path | None) -> None:
    """The page fits, axe finds nothing grave on it, and its picture is kept where one is asked for."""
    assert await reader.overflow() <= 0, name
    found = await Axe().run(reader.page)
    grave = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"] if one["impact"] in GRAVE]
    assert grave == [], name
    if shots is not None:
        await reader.page.screenshot(path=shots / f"{name}.png", full_page=True)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_from_the_invitation_to_signing_out(
    fed_with_notices: Fed, opens: OpenReader, shots: Path | None, size: str, lang: str
) -> None:
    """Every step as a person does it; each page is looked at."""
    accounts = fed_with_notices.desk.accounts
    _, link = accounts.officers.invite(None, COMMISSION_ML, "Cheffe de secrétariat", "cheffe", ALL)
    reader = await opens(size)
    page = reader.page
    await reader.goes_to(f"/langue/{lang}?retour=/invitation/{link}")
    await look(reader, f"{lang}-{size}-1-invitation", shots)
    await page.locator("#mot_de_passe").fill(PASSWORD)
    await page.locator("#encore").fill(PASSWORD)
    await page.locator("main form button").click()
    await page.wait_for_url("**/compte/second-facteur**")
    assert await page.evaluate("document.querySelector('.square img').naturalWidth") > 100, "the square is drawn"
    await look(reader, f"{lang}-{size}-2-telephone", shots)
    totp = pyotp.TOTP((await page.locator(".key").inner_text()).replace("-", ""))
    await page.locator("#code").fill(totp.now())
    await page.locator("main form button").click()
    codes = page.locator(".codes code")
    await codes.first.wait_for()
    recovery = await codes.first.inner_text()
    await look(reader, f"{lang}-{size}-3-codes", shots)
    await page.locator("main a.button").click()
    await page.get_by_role("link", name="Cheffe de secrétariat").wait_for()
    for path in ("compte", "officiers"):
        await reader.goes_to(f"/{path}")
        await look(reader, f"{lang}-{size}-4-{path}", shots)
    await page.locator("header form button").click()
    await page.wait_for_url(reader.address + "/")
    assert await page.get_by_role("link", name="Cheffe de secrétariat").count() == 0
    # Back in, by the keyboard alone, with a recovery code.
    await reader.goes_to("/connexion")
    await look(reader, f"{lang}-{size}-5-connexion", shots)
    for text, key in (("cheffe", "Tab"), (PASSWORD, "Enter")):
        await page.keyboard.type(text)
        await page.keyboard.press(key)
    await page.wait_for_url("**/connexion/code**")
    await look(reader, f"{lang}-{size}-6-code", shots)
    await page.keyboard.type(recovery)
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Cheffe de secrétariat").wait_for()
    assert "tamani_session" not in await page.evaluate("document.cookie")
    reader.is_content()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_head_invites_without_javascript(
    fed_with_notices: Fed, opens: OpenReader, shots: Path | None, size: str
) -> None:
    """The link is on the page, once; the last head is told why the account cannot be closed."""
    reader = await opens(size, script=False)
    page = reader.page
    await reader.enter(fed_with_notices.cookie(COMMISSION_ML))
    await reader.goes_to("/officiers")
    await page.get_by_label("Fonction").fill("Secrétaire de séance")
    await page.get_by_label("Identifiant").fill("greffe")
    await page.get_by_role("button", name="Faire le lien").click()
    link = await page.locator(".handed .link").inner_text()
    assert re.fullmatch(re.escape(reader.address) + r"/invitation/[\w-]{43}", link)
    if shots is not None:
        await page.screenshot(path=shots / f"{size}-lien.png", full_page=True)
    me = page.locator(".people li", has_text="c’est vous")
    await me.locator("summary").click()
    await me.get_by_role("button", name="Fermer ce compte").click()
    await page.get_by_text("le dernier responsable actif").wait_for()
    if shots is not None:
        await page.screenshot(path=shots / f"{size}-refus.png", full_page=True)
    assert len(fed_with_notices.desk.accounts.officers.of_body(COMMISSION_ML)) == 2
    assert Role.HEAD in fed_with_notices.desk.accounts.officers.of_body(COMMISSION_ML)[0].roles


async def test_wrong_guesses_are_told_with_the_time_to_wait(
    fed_with_notices: Fed, opens: OpenReader, shots: Path | None
) -> None:
    reader = await opens("phone")
    page = reader.page
    await reader.goes_to("/connexion")
    for _ in range(6):
        await page.locator("#identifiant").fill("inconnu")
        await page.locator("#mot_de_passe").fill(PHRASE)
        await page.locator("main form.panel button").click()
        await page.locator("#refus").wait_for()
    assert (
        "Trop d’essais" in await page.locator("#refus").inner_text()
        or "Encore" in await page.locator("#refus").inner_text()
    )
    await look(reader, "phone-trop-d-essais", shots)
