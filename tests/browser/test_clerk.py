"""The clerk's day, in French, on a phone behind 64 kbit/s and on a desk: convene, be answered, postpone, cancel.

The commission of Niger answers at its own site. Everybody goes from page to page by what they see.
"""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tamani.core.event import Event
from tamani.desk.pieces.limits import LARGEST
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import Day, behind_a_slow_link, size_of
from tests.browser.test_door import look
from tests.component.desk.test_dossier import bill, opine
from tests.component.desk.test_mail import calendar_in, text_of
from tests.support.gestures import CONTROLS, Hands
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML
from tests.support.officers import POSTER, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.timeout(300)]
POINTS = (
    ("Protection des témoins : trois textes", ""),
    ("Entraide judiciaire aux frontières", ""),
    ("Audition de l'observatoire", "audition"),
    ("Police de proximité : échange de pratiques", "echange-pratiques"),
    ("Calendrier commun", "divers"),
    ("Divers", "divers"),
)
NOTE, PAPER = "Note de synthèse", b"%PDF-1.7\nTrois textes, une page\n"
# What a gesture takes somebody who is not used to it, and how long convening may take in all.
SECONDS_EACH = 12
LONGEST = 300
# Of the form: what is seen when it opens, and when six points stand in it.
MOST_AT_FIRST = 16
MOST_CONTROLS = 30


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_clerks_day(day: Day, opens: OpenReader, shots: Path | None, size: str, tell: Tell) -> None:
    """One form for six points; another date proposed from Niamey; the old hour struck out; each change by mail."""
    text = bill(day.fed, tlp="GREEN")
    opine(day.fed, text, "Trois mois ne suffisent pas.", tlp="GREEN")
    await day.fed.take()
    async with AsyncExitStack() as stack:
        clerk, other = await opens(size), await opens(size, site=day.theirs.address)
        if size == "phone":
            await behind_a_slow_link(stack, clerk)
        hands = Hands(clerk.page)
        await clerk.enter(session_of(day.fed.desk.accounts, COMMISSION_ML, POSTER))
        await other.enter(session_of(day.theirs.fed.desk.accounts, COMMISSION_NE, POSTER))
        await clerk.goes_to("/accueil")
        await _convened(day, clerk, hands, text, shots)
        await _dossier_read(clerk, text, shots)
        await _answered(day, other, shots)
        await _postponed(day, clerk, hands, shots)
        await _cancelled(day, clerk, hands, shots)
    tell("\n".join(hands.told))
    assert clerk.complaints == other.complaints == []


async def _convened(day: Day, clerk: Reader, hands: Hands, text: Event, shots: Path | None) -> None:
    page = clerk.page
    async with hands.task("convene a joint sitting with six points"):
        await hands.press(page.locator("a.tile[href^='/publier/agenda.meeting']"))
        await page.locator("#d-head-title").wait_for()
        await hands.look()
        opened = hands.fields
        await hands.choose(page.locator("#profil"), "conjointe")
        await hands.write(page.locator("#d-head-title"), "Séance conjointe sur la protection des témoins")
        await hands.write(page.locator("#d-start"), "2030-05-14T09:00")
        await hands.write(page.locator("#d-end"), "2030-05-14T12:00")
        await hands.write(page.locator("#d-place"), "Salle des commissions, Bamako")
        for number, (title, kind) in enumerate(POINTS):
            await hands.write(page.locator(f"[name='d.points.{number}.title']"), title)
            if kind:
                await hands.choose(page.locator(f"[name='d.points.{number}.kind']"), kind)
        await _attached(clerk)
        await hands.press(page.locator("#d-points details.folded > summary").first)
        await hands.choose(page.locator("[name='d.points.0.about']"), f"{text.source}/{text.id}")
        await hands.press(page.locator(".readers details.many > summary"))
        for body in (COMMISSION_NE, OBSERVATORY_ML):
            await hands.tick(page.locator(f"input[name=audience][value='{body}']"))
        controls = await page.locator("form.publish > :not(.readers)").locator(CONTROLS).count()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-0-formulaire", shots))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.get_by_role("heading", name="Qui lira cet avis").wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.get_by_text("il ne peut plus être perdu").wait_for()
    hands.told.append(f"the form: {opened} controls when it opens, {controls} with six points")
    assert opened <= MOST_AT_FIRST
    assert controls <= MOST_CONTROLS
    assert SECONDS_EACH * hands.gestures + hands.link_seconds <= LONGEST, "one form, in five minutes"
    event = await day.region()
    assert (event.profile, len(event.data["points"])) == ("conjointe", 6)
    assert event.data["points"][0]["about"] == {"source": text.source, "id": text.id}
    (mail,) = await day.bureau.round()
    assert (mail["Subject"].split()[0], calendar_in(mail)[0]["method"]) == ("Convocation", "REQUEST")
    await look(clerk, f"jour-{size_of(clerk)}-1-envoi", shots)


async def _attached(clerk: Reader) -> None:
    """A file with it, on top of what the mark for convening counts; one that is too large is told before it is sent."""
    files = clerk.page.get_by_label("Joindre des fichiers")
    await files.set_input_files({"name": "film.pdf", "mimeType": "", "buffer": PAPER + bytes(LARGEST)})
    assert "4 Mo au plus" in await files.evaluate("one => one.validationMessage")
    await files.set_input_files({"name": f"{NOTE}.pdf", "mimeType": "", "buffer": PAPER})
    assert await files.evaluate("one => one.validity.valid")


async def _dossier_read(clerk: Reader, text: Event, shots: Path | None) -> None:
    """The piece is there; the point leads to the bill; the dossier holds its article and the opinion given on it."""
    page = clerk.page
    await clerk.follows("Avis", "Séance conjointe")
    async with page.expect_download() as brought:
        await page.get_by_role("link", name=NOTE).click()
    download = await brought.value
    assert download.suggested_filename == f"{NOTE}.pdf"
    assert (await download.path()).read_bytes() == PAPER
    await page.locator(f"table.rows a[href='/avis{text.source}/{text.id}']", has_text=text.head["title"]).wait_for()
    await page.get_by_role("link", name="Dossier de séance").click()
    await page.get_by_text("Le témoin est entendu sous un numéro.").wait_for()
    await page.get_by_text("Trois mois ne suffisent pas.").wait_for()
    await page.wait_for_load_state()
    await look(clerk, f"jour-{size_of(clerk)}-1-dossier", shots)
    await page.go_back()


async def _answered(day: Day, other: Reader, shots: Path | None) -> None:
    """Niger's commission proposes another date: it waits on the first page of its own site, and is answered there."""
    page = other.page
    await other.goes_to("/accueil")
    await look(other, f"jour-{size_of(other)}-2-invite", shots)
    waiting = page.locator("section[aria-labelledby=attend] li", has_text="Séance conjointe")
    await waiting.get_by_role("link", name="Séance conjointe").click()
    await page.get_by_role("heading", name="Séance conjointe", level=1).wait_for()
    await page.get_by_text("Les pièces restent au site de l’organisme qui publie").wait_for()
    await page.locator("summary", has_text="Proposer une autre date").click()
    await page.locator("#d-proposed").fill("2030-05-21T09:00")
    await page.locator("#d-note").fill("Notre bureau siège le 14.")
    await page.get_by_role("button", name="Envoyer", exact=True).click()
    await page.wait_for_url("**/publier/envoi/**")
    event = await day.region()
    assert (event.source, event.data["level"]) == (COMMISSION_NE, "other-date")
    assert event.data["proposed"] == "2030-05-21T09:00:00Z", "by the clock of the sitting"


async def _postponed(day: Day, clerk: Reader, hands: Hands, shots: Path | None) -> None:
    page = clerk.page
    await page.reload()
    await page.get_by_text("Propose une autre date").first.wait_for()
    await look(clerk, f"jour-{size_of(clerk)}-3-avis", shots)
    async with hands.task("postpone it"):
        await hands.press(page.get_by_role("link", name="Reporter", exact=True))
        await hands.write(page.locator("#d-start"), "2030-05-21T09:00")
        await hands.write(page.locator("#d-end"), "2030-05-21T12:00")
        await hands.write(page.locator("#d-head-reason"), "À la demande du Niger")
        await hands.look()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-4-reporter", shots))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("del", has_text="14 mai 2030").first.wait_for()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-5-relire", shots))
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 4, "start, end, place, reason"
    event = await day.region()
    await clerk.follows("Avis", "Séance conjointe")
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
    assert event.data["points"][0]["about"]["id"], "moving it takes nothing from its points"


async def _cancelled(day: Day, clerk: Reader, hands: Hands, shots: Path | None) -> None:
    page = clerk.page
    await page.get_by_role("link", name="Séance conjointe").first.click()
    async with hands.task("cancel it"):
        await hands.press(page.get_by_role("link", name="Annuler", exact=True))
        await hands.write(page.locator("#d-head-reason"), "Quorum impossible")
        await hands.look()
        await hands.aside(look(clerk, f"jour-{size_of(clerk)}-7-annuler", shots))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("ins", has_text="Annulée").first.wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 1, "the reason alone"
    await day.region()
    await clerk.follows("Avis", "Séance conjointe")
    await page.get_by_text("Quorum impossible").first.wait_for()
    await page.wait_for_load_state()
    assert await page.get_by_role("link", name="Reporter").count() == 0
    await look(clerk, f"jour-{size_of(clerk)}-8-annule", shots)
    await clerk.goes_to("/agenda?vue=liste&jour=2030-05-01")
    await page.get_by_text("Annulée").first.wait_for()
    (mail,) = await day.bureau.round()
    calendar, item = calendar_in(mail)
    assert (mail["Subject"].split()[0], calendar["method"], item["status"]) == ("Annulation", "CANCEL", "CANCELLED")
