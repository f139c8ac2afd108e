"""The clerk's day, in French, on a phone behind 64 kbit/s and on a desk: convene, be answered, postpone, cancel.

The commission of Niger answers at its own site, and what either says goes through the region. Everybody comes in by
the door and goes from page to page by what they see.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tamani.core.event import Event
from tamani.desk.pieces.limits import LARGEST
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import behind_a_slow_link, published, shows, sign_in, size_of
from tests.browser.test_door import look
from tests.component.desk.test_mail import calendar_in, text_of
from tests.support.cadre import Cadre
from tests.support.gestures import CONTROLS, Hands
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of
from tests.support.telling import Tell
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]
POINTS = (
    ("Protection des témoins : trois textes", ""),
    ("Entraide judiciaire aux frontières", ""),
    ("Audition de l'observatoire", "audition"),
    ("Police de proximité : échange de pratiques", "echange-pratiques"),
    ("Calendrier commun", "divers"),
    ("Divers", "divers"),
)
REMARK = "Trois mois ne suffisent pas."
NOTE, PAPER = "Note de synthèse", b"%PDF-1.7\nTrois textes, une page\n"
# What a gesture takes somebody who is not used to it, and how long convening may take in all.
SECONDS_EACH = 12
LONGEST = 300
# Of the form: what is seen when it opens, and when six points stand in it.
MOST_AT_FIRST = 8
MOST_CONTROLS = 24


@dataclass(frozen=True, slots=True)
class Sitting:
    """What the day of one width is about: both are told in one region."""

    title: str
    month: str
    day: int
    said: str

    @property
    def first(self) -> str:
        """The day for which it is convened."""
        return f"{self.month}-{self.day}"

    @property
    def second(self) -> str:
        """The same day of the week after."""
        return f"{self.month}-{self.day + 7}"


SITTINGS = {
    "phone": Sitting("Séance conjointe sur la protection des témoins", "2030-05", 14, "14 mai 2030"),
    "desk": Sitting("Séance conjointe sur l’entraide judiciaire", "2030-06", 11, "11 juin 2030"),
}


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_clerks_day(cadre: Cadre, windows: OpenReader, shots: Path | None, size: str, tell: Tell) -> None:
    """One form for six points; another date proposed from Niamey; the old hour struck out; each change by mail."""
    sitting, member = SITTINGS[size], f"membre-{size}@example.org"
    text = await _bill_with_an_opinion(cadre, f"Avant-projet : {sitting.title}")
    await cadre.subscribe(COMMISSION_ML, member)
    async with AsyncExitStack() as stack:
        clerk, other = [await windows(cadre.url(source), size) for source in (COMMISSION_ML, COMMISSION_NE)]
        await sign_in(clerk, cadre.officer(COMMISSION_ML, f"greffe.{size}"))
        await sign_in(other, cadre.officer(COMMISSION_NE, f"greffe.{size}"))
        if size == "phone":
            await behind_a_slow_link(stack, clerk)
            await behind_a_slow_link(stack, other)
        await clerk.goes_to("/accueil")
        day = Day(cadre, clerk, other, Hands(clerk.page), Hands(other.page), sitting, member, shots)
        await _convened(day, text)
        await _dossier_read(day, text)
        await _answered(day)
        await _postponed(day)
        await _cancelled(day)
    tell("\n".join([*day.hands.told, *day.others.told]))
    assert clerk.complaints == other.complaints == []


@dataclass
class Day:
    """Two clerks at two sites, and whoever is to sit."""

    cadre: Cadre
    clerk: Reader
    other: Reader
    hands: Hands
    others: Hands
    sitting: Sitting
    member: str
    shots: Path | None

    async def look(self, name: str, reader: Reader | None = None) -> None:
        """A picture of the day."""
        shown = reader or self.clerk
        await look(shown, f"jour-{size_of(shown)}-{name}", self.shots)

    async def letters(self, count: int) -> EmailMessage:
        """The last of so many that the member has got."""
        return (await self.cadre.letters(self.member, self.sitting.title, count))[-1]


async def _bill_with_an_opinion(cadre: Cadre, title: str) -> Event:
    """Niger's commission has a bill; the observatory's opinion on its article 7 was asked for, given and considered."""
    article = {"eid": "art_7", "number": "7", "heading": "Anonymat", "text": "Le témoin est entendu sous un numéro."}
    data = data_of("law.text", profile="projet") | {"head": {"title": title}, "articles": [article]}
    text = await cadre.says("law.text", COMMISSION_NE, profile="projet", data=data)
    asked = data_of("exchange.request", profile="avis") | {"addressed_to": [OBSERVATORY_ML], "text": _ref(text)}
    request = await cadre.says("exchange.request", COMMISSION_NE, profile="avis", data=asked)
    comments = [{"article": "art. 7", "comment": REMARK, "proposal": "Préciser la durée."}]
    told = data_of("exchange.answer", profile="avis") | {"target": _ref(request), "comments": comments}
    thread: dict[str, Any] = {"profile": "avis", "subject": request.subject}
    await cadre.says("exchange.answer", OBSERVATORY_ML, data=told, **thread)
    outcomes = [{"article": "7", "outcome": "partly", "reason": "Six mois."}]
    after = asked | {"status": "considered", "outcomes": outcomes}
    await cadre.says("exchange.request", COMMISSION_NE, data=after, **thread)
    return text


def _ref(said: Event) -> dict[str, str]:
    return {"source": said.source, "id": said.id}


async def _convened(day: Day, text: Event) -> None:
    clerk, hands, sitting = day.clerk, day.hands, day.sitting
    page = clerk.page
    async with hands.task("convene a joint sitting with six points"):
        await hands.press(page.locator("a.tile[href^='/publier/agenda.meeting']"))
        await page.locator("#d-head-title").wait_for()
        await hands.look()
        opened = hands.fields
        await hands.choose(page.locator("#profil"), "conjointe")
        await hands.write(page.locator("#d-head-title"), sitting.title)
        await hands.write(page.locator("#d-start"), f"{sitting.first}T09:00")
        await hands.write(page.locator("#d-end"), f"{sitting.first}T12:00")
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
        await hands.aside(day.look("0-formulaire"))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.get_by_role("heading", name="Qui lira cet avis").wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.get_by_text("il ne peut plus être perdu").wait_for()
    hands.told.append(f"the form: {opened} controls when it opens, {controls} with six points")
    assert opened <= MOST_AT_FIRST
    assert controls <= MOST_CONTROLS
    assert SECONDS_EACH * hands.gestures + hands.link_seconds <= LONGEST, "one form, in five minutes"
    event = await published(day.cadre, clerk)
    assert (event.profile, len(event.data["points"])) == ("conjointe", 6)
    assert event.data["points"][0]["about"] == {"source": text.source, "id": text.id}
    await shows(clerk, page.locator("li.here", has_text="Archivé"))
    await day.look("1-envoi")
    mail = await day.letters(1)
    assert (mail["Subject"].split()[0], calendar_in(mail)[0]["method"]) == ("Convocation", "REQUEST")


async def _attached(clerk: Reader) -> None:
    """A file with it, on top of what the mark for convening counts; one that is too large is told before it is sent."""
    await clerk.page.locator(".pieces > summary").click()
    files = clerk.page.get_by_label("Joindre des fichiers")
    await files.set_input_files({"name": "film.pdf", "mimeType": "", "buffer": PAPER + bytes(LARGEST)})
    assert "4 Mo au plus" in await files.evaluate("one => one.validationMessage")
    await files.set_input_files({"name": f"{NOTE}.pdf", "mimeType": "", "buffer": PAPER})
    assert await files.evaluate("one => one.validity.valid")


async def _dossier_read(day: Day, text: Event) -> None:
    """The piece is there; the point leads to the bill; the dossier holds its article and the opinion given on it."""
    clerk, page = day.clerk, day.clerk.page
    await clerk.follows("Avis", day.sitting.title)
    await _taken_along(clerk)
    await page.locator(f"table.rows a[href='/avis{text.source}/{text.id}']", has_text=text.head["title"]).wait_for()
    await page.get_by_role("link", name="Dossier de séance").click()
    await page.get_by_text("Le témoin est entendu sous un numéro.").wait_for()
    await page.get_by_text(REMARK).wait_for()
    await page.wait_for_load_state()
    await day.look("1-dossier")
    await page.go_back()


async def _taken_along(reader: Reader) -> None:
    """The piece, by its link: it lies at its body's own site; to another the region brings it as soon as it has it."""
    link = reader.page.get_by_role("link", name=NOTE)
    address = urljoin(reader.page.url, await link.get_attribute("href") or "")

    async def come() -> bool:
        return (await reader.page.context.request.get(address)).ok

    await until(come, "the piece")
    async with reader.page.expect_download() as brought:
        await link.click()
    download = await brought.value
    assert download.suggested_filename == f"{NOTE}.pdf"
    assert (await download.path()).read_bytes() == PAPER


async def _answered(day: Day) -> None:
    """Niger's commission proposes another date: it waits on the first page of its own site, and is answered there."""
    other, hands, title = day.other, day.others, day.sitting.title
    page = other.page
    await other.goes_to("/accueil")
    async with hands.task("answer from the other country with another date"):
        waiting = page.locator("section[aria-labelledby=attend] li", has_text=title)
        await waiting.wait_for()
        await hands.aside(day.look("2-invite", other))
        await hands.press(waiting.get_by_role("link", name=title))
        await page.get_by_role("heading", name=title, level=1).wait_for()
        await hands.aside(_taken_along(other))
        await hands.press(page.locator("summary", has_text="Proposer une autre date"))
        await hands.write(page.locator("#d-proposed"), f"{day.sitting.second}T09:00")
        await hands.write(page.locator("#d-note"), "Notre bureau siège ce jour-là.")
        await hands.look()
        await hands.press(page.get_by_role("button", name="Envoyer", exact=True))
        await page.wait_for_url("**/publier/envoi/**")
    event = await published(day.cadre, other)
    assert (event.source, event.data["level"]) == (COMMISSION_NE, "other-date")
    assert event.data["proposed"] == f"{day.sitting.second}T09:00:00Z", "by the clock of the sitting"


async def _postponed(day: Day) -> None:
    clerk, hands, sitting = day.clerk, day.hands, day.sitting
    page = clerk.page
    await shows(clerk, page.get_by_text("Propose une autre date"))
    await day.look("3-avis")
    async with hands.task("postpone it"):
        await hands.press(page.get_by_role("link", name="Reporter", exact=True))
        await hands.write(page.locator("#d-start"), f"{sitting.second}T09:00")
        await hands.write(page.locator("#d-end"), f"{sitting.second}T12:00")
        await hands.write(page.locator("#d-head-reason"), "À la demande du Niger")
        await hands.look()
        await hands.aside(day.look("4-reporter"))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("del", has_text=sitting.said).first.wait_for()
        await hands.aside(day.look("5-relire"))
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 4, "start, end, place, reason"
    event = await published(day.cadre, clerk)
    assert event.data["points"][0]["about"]["id"], "moving it takes nothing from its points"
    await clerk.follows("Avis", sitting.title)
    await page.locator("del", has_text=sitting.said).first.wait_for()
    await day.look("6-reporte")
    await clerk.goes_to(f"/agenda?vue=liste&jour={sitting.month}-01")
    await page.get_by_text("Reportée").first.wait_for()
    assert await page.locator("s", has_text=sitting.said).count(), "the old hour, struck out"
    mail = await day.letters(2)
    calendar, item = calendar_in(mail)
    assert (mail["Subject"].split()[0], calendar["method"], item["sequence"]) == ("Changement", "REQUEST", 1)
    assert item.start.astimezone(UTC) == datetime.fromisoformat(f"{sitting.second}T09:00:00Z")
    assert "Ancienne date" in text_of(mail)


async def _cancelled(day: Day) -> None:
    clerk, hands, sitting = day.clerk, day.hands, day.sitting
    page = clerk.page
    await page.get_by_role("link", name=sitting.title).first.click()
    async with hands.task("cancel it"):
        await hands.press(page.get_by_role("link", name="Annuler", exact=True))
        await hands.write(page.locator("#d-head-reason"), "Quorum impossible")
        await hands.look()
        await hands.aside(day.look("7-annuler"))
        await hands.press(page.get_by_role("button", name="Relire, et voir qui lira"))
        await page.locator("ins", has_text="Annulée").first.wait_for()
        await hands.press(page.get_by_role("button", name="Publier maintenant"))
        await page.wait_for_url("**/publier/envoi/**")
    assert hands.fields == 1, "the reason alone"
    await published(day.cadre, clerk)
    await clerk.follows("Avis", sitting.title)
    await page.get_by_text("Quorum impossible").first.wait_for()
    await page.wait_for_load_state()
    assert await page.get_by_role("link", name="Reporter").count() == 0
    await day.look("8-annule")
    await _seen_in_niamey(day)
    mail = await day.letters(3)
    calendar, item = calendar_in(mail)
    assert (mail["Subject"].split()[0], calendar["method"], item["status"]) == ("Annulation", "CANCEL", "CANCELLED")


async def _seen_in_niamey(day: Day) -> None:
    """The other commission's own calendar has it as called off."""
    await day.other.goes_to(f"/agenda?vue=liste&jour={day.sitting.month}-01")
    await day.other.page.get_by_text("Annulée").first.wait_for()
    assert await day.other.page.locator("s", has_text=day.sitting.said).count()
