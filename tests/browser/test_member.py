"""The member's calendar, in French, at both widths behind 64 kbit/s: no account, an address that fills itself, mail.

The secretariat makes the address and asks for the mail; the member's telephone holds no session.
"""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar
from icalendar import Event as Entry

from tamani.core.event import format_time
from tamani.runtime.clock import system_clock
from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import behind_a_slow_link, sign_in
from tests.browser.test_door import look
from tests.component.desk.test_mail import calendar_in, text_of
from tests.support.cadre import Cadre
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_ML, data_of, new_id
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]
ZONES = {"Bamako": ZoneInfo("Africa/Bamako"), "Niamey": ZoneInfo("Africa/Niamey")}
TITLES = {"phone": "Séance conjointe sur les témoins", "desk": "Séance conjointe sur les archives"}


@dataclass
class Sitting:
    """A sitting of the commission of Mali, a month from now, and who wants to be told of it."""

    cadre: Cadre
    title: str
    addresses: tuple[str, str]
    first: datetime = field(default_factory=lambda: _at_nine(30))
    second: datetime = field(default_factory=lambda: _at_nine(37) + timedelta(hours=5))
    thread: str = field(default_factory=lambda: f"agenda/{new_id()}")

    async def said(self, start: datetime, status: str = "confirmed") -> None:
        """A version of it, through the region."""
        when = {"start": format_time(start), "end": format_time(start + timedelta(hours=3)), "status": status}
        data = data_of("agenda.meeting") | when | {"place": "Salle 12", "body": COMMISSION_ML}
        data["head"] = {"title": self.title}
        await self.cadre.says("agenda.meeting", COMMISSION_ML, tlp="GREEN", subject=self.thread, data=data)

    async def read(self, url: str) -> Entry:
        """It, as a member's calendar reads it from its address, as its program does: no cookie, no header."""
        async with httpx.AsyncClient() as program:
            answer = await program.get(url)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/calendar")
        found = Calendar.from_ical(answer.content).walk("VEVENT")
        (entry,) = [one for one in found if self.title in str(one["summary"])]
        assert isinstance(entry, Entry)
        return entry


def _at_nine(days: int) -> datetime:
    return (system_clock() + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)


def hours(event: Entry) -> dict[str, str]:
    """When it begins, by the clock of each capital."""
    begins = event.start
    assert isinstance(begins, datetime)
    return {town: begins.astimezone(zone).strftime("%d %H:%M") for town, zone in ZONES.items()}


def by_both_clocks(start: datetime) -> dict[str, str]:
    """An hour of Bamako's, which is an hour later in Niamey."""
    return {"Bamako": f"{start:%d %H:%M}", "Niamey": f"{start + timedelta(hours=1):%d %H:%M}"}


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_members_calendar(
    cadre: Cadre, windows: OpenReader, shots: Path | None, tell: Tell, size: str
) -> None:
    """Filled, moved, struck out, closed; and the mail that comes when a calendar would be too slow."""
    sitting = Sitting(cadre, TITLES[size], (f"bureau-{size}@example.org", f"rapporteur-{size}@example.org"))
    await cadre.subscribe(COMMISSION_ML, sitting.addresses[0])
    async with AsyncExitStack() as stack:
        clerk, member = [await windows(cadre.url(COMMISSION_ML), size) for _ in range(2)]
        await sign_in(clerk, cadre.officer(COMMISSION_ML, f"agenda.{size}"))
        for reader in (clerk, member):
            await behind_a_slow_link(stack, reader)
        await clerk.goes_to("/")
        await sitting.said(sitting.first)
        hands, theirs = Hands(clerk.page), Hands(member.page)
        url = await _address_made(sitting, clerk, hands, shots)
        await _mail_confirmed(sitting, clerk, member, hands, theirs, shots)
        await _calendar_follows(sitting, url)
        await _address_revoked(sitting, clerk, hands, url)
        assert await member.page.context.cookies() == [], "nobody signed in on that telephone"
    tell("\n".join([*hands.told, *theirs.told]))
    assert clerk.complaints == member.complaints == []


async def _address_made(sitting: Sitting, clerk: Reader, hands: Hands, shots: Path | None) -> str:
    page = clerk.page
    async with hands.task("make an address for a member"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Adresse personnelle"))
        await hands.write(page.get_by_label("Pour qui"), sitting.title)
        await hands.look()
        await hands.press(page.get_by_role("button", name="Créer une adresse"))
        url = await page.get_by_label("À coller").input_value()
    await look(clerk, "membre-1-adresse", shots)
    event = await sitting.read(url)
    assert hours(event) == by_both_clocks(sitting.first)
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert "location" not in event, "a venue does not go to whoever keeps the calendar"
    return url


async def _mail_confirmed(
    sitting: Sitting, clerk: Reader, member: Reader, hands: Hands, theirs: Hands, shots: Path | None
) -> None:
    """The secretariat types the address; only a press on the member's own telephone begins it."""
    page, address = clerk.page, sitting.addresses[1]
    async with hands.task("ask for the member's mail"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Convocations par courriel"))
        await hands.write(page.get_by_label("Votre adresse de courriel"), address)
        await hands.look()
        await hands.press(page.get_by_role("button", name="Recevoir les convocations"))
        await page.get_by_text("Un courriel vient de partir").wait_for()
    (mail,) = await sitting.cadre.letters(address, "", 1)
    # The site's public address is reached over the member's link.
    (path,) = re.findall(rf"{re.escape(sitting.cadre.url(COMMISSION_ML))}(/\S+/confirmer/\S+)", text_of(mail))
    async with theirs.task("confirm, without an account"):
        await member.goes_to(path)
        await theirs.look()
        await look(member, "membre-2-confirmer", shots)
        await theirs.press(member.page.get_by_role("button", name="Confirmer"))
        await member.page.get_by_text("C’est confirmé").wait_for()
    assert (theirs.gestures, theirs.fields) == (1, 0)


async def _calendar_follows(sitting: Sitting, url: str) -> None:
    """Moved, then called off: the calendar has it at its next reading, and a letter said so at once.

    Of what was said before they confirmed, nobody is told.
    """
    before, after = sitting.addresses
    (mail,) = await sitting.cadre.letters(before, sitting.title, 1)
    assert hours(calendar_in(mail)[1]) == by_both_clocks(sitting.first)
    for state, sequence, status, word in (
        ("postponed", 1, "TENTATIVE", "Changement"),
        ("cancelled", 2, "CANCELLED", "Annulation"),
    ):
        await sitting.said(sitting.second, state)
        event = await sitting.read(url)
        assert hours(event) == by_both_clocks(sitting.second)
        assert (event["sequence"], event["status"]) == (sequence, status)
        for address, count in ((before, sequence + 1), (after, sequence)):
            mail = (await sitting.cadre.letters(address, sitting.title, count))[-1]
            _calendar, item = calendar_in(mail)
            assert (mail["Subject"].split()[0], item["sequence"], item["uid"]) == (word, sequence, event["uid"])
            assert hours(item) == hours(event)


async def _address_revoked(sitting: Sitting, clerk: Reader, hands: Hands, url: str) -> None:
    page = clerk.page
    mine = page.locator("tr", has_text=sitting.title)
    async with hands.task("revoke the address"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Adresse personnelle"))
        await hands.press(mine.get_by_role("button", name="Révoquer"))
        await mine.get_by_text("Révoquée").wait_for()
    async with httpx.AsyncClient() as program:
        assert (await program.get(url)).status_code == 404
