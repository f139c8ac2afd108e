"""The clerk's day, in French, on a phone behind 64 kbit/s and on a desk: convene, be answered, postpone, cancel."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tamani.core.event import Event
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import Day, behind_a_slow_link, size_of
from tests.browser.test_door import look
from tests.component.desk.test_mail import calendar_in, text_of
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML
from tests.support.officers import POSTER, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.timeout(300)]
POINTS = (
    "Protection des témoins : trois textes",
    "Entraide judiciaire aux frontières",
    "Audition de l'observatoire",
    "Police de proximité : échange de pratiques",
    "Calendrier commun",
    "Divers",
)
# Five minutes of somebody who needs twelve seconds for each.
MOST_GESTURES = 25


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_clerks_day(day: Day, opens: OpenReader, shots: Path | None, size: str, tell: Tell) -> None:
    """One form for six points; another date proposed in the browser; the old hour struck out; each change by mail."""
    async with AsyncExitStack() as stack:
        clerk, other = await opens(size), await opens(size)
        if size == "phone":
            await behind_a_slow_link(stack, clerk)
        hands = Hands(clerk.page)
        await clerk.enter(session_of(day.fed.desk.accounts, COMMISSION_ML, POSTER))
        await other.enter(session_of(day.fed.desk.accounts, OBSERVATORY_ML, POSTER))
        sitting = await _convened(day, clerk, hands, shots)
        await _answered(day, other, sitting, shots)
        moved = await _postponed(day, clerk, hands, sitting, shots)
        await _cancelled(day, clerk, hands, moved, shots)
    tell("\n".join(hands.told))
    assert clerk.complaints == other.complaints == []


async def _convened(day: Day, clerk: Reader, hands: Hands, shots: Path | None) -> Event:
    page = clerk.page
    await clerk.goes_to("/accueil")
    async with hands.task("convene a joint sitting with six points"):
        await hands.press(page.locator("a.tile[href^='/publier/agenda.meeting']"))
        await hands.choose(page.locator("#profil"), "conjointe")
        await hands.write(page.locator("#d-head-title"), "Séance conjointe sur la protection des témoins")
        await hands.write(page.locator("#d-start"), "2030-05-14T09:00")
        await hands.write(page.locator("#d-end"), "2030-05-14T12:00")
        await hands.write(page.locator("#d-place"), "Salle des commissions, Bamako")
        for number, title in enumerate(POINTS):
            await hands.write(page.locator(f"[name='d.points.{number}.title']"), title)
            await hands.choose(page.locator(f"[name='d.points.{number}.kind']"), "divers")
        await hands.press(page.locator(".readers details.many > summary"))
        for body in (COMMISSION_NE, OBSERVATORY_ML):
            await hands.tick(page.locator(f"input[name=audience][value='{body}']"))
        await hands.look()
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.get_by_role("heading", name="Qui lira cet avis").wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.get_by_text("il ne peut plus être perdu").wait_for()
    assert hands.gestures <= MOST_GESTURES, "one form, in five minutes"
    event = await day.region()
    assert (event.profile, len(event.data["points"])) == ("conjointe", 6)
    (mail,) = await day.bureau.round()
    assert (mail["Subject"].split()[0], calendar_in(mail)[0]["method"]) == ("Convocation", "REQUEST")
    await look(clerk, f"jour-{size_of(clerk)}-1-envoi", shots)
    return event


async def _answered(day: Day, other: Reader, sitting: Event, shots: Path | None) -> None:
    """An invited body proposes another date, from the sitting's own page."""
    page = other.page
    await other.goes_to(f"/avis{sitting.source}/{sitting.id}")
    await look(other, f"jour-{size_of(other)}-2-invite", shots)
    await page.locator("summary", has_text="Proposer une autre date").click()
    await page.locator("#d-proposed").fill("2030-05-21T09:00")
    await page.locator("#d-note").fill("Notre bureau siège le 14.")
    await page.get_by_role("button", name="Envoyer", exact=True).click()
    await page.wait_for_url("**/publier/envoi/**")
    event = await day.region()
    assert (event.data["level"], event.data["proposed"]) == ("other-date", "2030-05-21T09:00:00Z")


async def _postponed(day: Day, clerk: Reader, hands: Hands, sitting: Event, shots: Path | None) -> Event:
    page = clerk.page
    await clerk.goes_to(f"/avis{sitting.source}/{sitting.id}")
    await page.get_by_text("Propose une autre date").first.wait_for()
    await look(clerk, f"jour-{size_of(clerk)}-3-avis", shots)
    async with hands.task("postpone it"):
        await hands.press(page.get_by_role("link", name="Reporter"))
        await hands.write(page.locator("#d-start"), "2030-05-21T09:00")
        await hands.write(page.locator("#d-end"), "2030-05-21T12:00")
        await hands.write(page.locator("#d-head-reason"), "À la demande de l'observatoire")
        await hands.look()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-4-reporter", shots))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("del", has_text="14 mai 2030").first.wait_for()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-5-relire", shots))
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 4, "start, end, place, reason"
    event = await day.region()
    await clerk.goes_to(f"/avis{event.source}/{event.id}")
    await page.locator("del", has_text="14 mai 2030").first.wait_for()
    await look(clerk, f"jour-{size_of(clerk)}-6-reporte", shots)
    await clerk.goes_to("/agenda?vue=liste&jour=2030-05-01")
    await page.get_by_text("Reportée").first.wait_for()
    assert await page.locator("s", has_text="14 mai 2030").count(), "the old hour, struck out"
    (mail,) = await day.bureau.round()
    calendar, item = calendar_in(mail)
    assert (mail["Subject"].split()[0], calendar["method"], item["sequence"]) == ("Changement", "REQUEST", 1)
    assert item.start.astimezone(UTC) == datetime(2030, 5, 21, 9, tzinfo=UTC)
    assert "Ancienne date" in text_of(mail)
    return event


async def _cancelled(day: Day, clerk: Reader, hands: Hands, moved: Event, shots: Path | None) -> None:
    page = clerk.page
    await clerk.goes_to(f"/avis{moved.source}/{moved.id}")
    async with hands.task("cancel it"):
        await hands.press(page.get_by_role("link", name="Annuler"))
        await hands.write(page.locator("#d-head-reason"), "Quorum impossible")
        await hands.look()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-7-annuler", shots))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("ins", has_text="Annulée").first.wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 1, "the reason alone"
    event = await day.region()
    await clerk.goes_to(f"/avis{event.source}/{event.id}")
    await page.get_by_text("Quorum impossible").first.wait_for()
    assert await page.get_by_role("link", name="Reporter").count() == 0
    await look(clerk, f"jour-{size_of(clerk)}-8-annule", shots)
    await clerk.goes_to("/agenda?vue=liste&jour=2030-05-01")
    await page.get_by_text("Annulée").first.wait_for()
    (mail,) = await day.bureau.round()
    calendar, item = calendar_in(mail)
    assert (mail["Subject"].split()[0], calendar["method"], item["status"]) == ("Annulation", "CANCEL", "CANCELLED")
