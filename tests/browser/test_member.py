"""The member's calendar, in French, at both widths behind 64 kbit/s: no account, an address that fills itself, mail.

The secretariat makes the address and asks for the mail; the member's telephone holds no session.
"""

import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar, Event

from tests.browser.conftest import OpenReader, Reader
from tests.browser.days import Day, behind_a_slow_link
from tests.browser.test_door import look
from tests.component.desk.test_agenda import convene
from tests.component.desk.test_mail import calendar_in, text_of
from tests.support.gestures import Hands
from tests.support.notices import COMMISSION_ML
from tests.support.officers import POSTER, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.timeout(300)]
ZONES = {"Bamako": ZoneInfo("Africa/Bamako"), "Niamey": ZoneInfo("Africa/Niamey")}
FIRST, SECOND = datetime(2026, 12, 8, 9, tzinfo=UTC), datetime(2026, 12, 15, 14, tzinfo=UTC)
TITLE = "Séance conjointe sur les témoins"


async def said(day: Day, start: datetime = FIRST, **changes: Any) -> None:
    """A version of the sitting, at both desks."""
    convene(day.fed, "temoins", start, title=TITLE, place="Salle 12", tlp="GREEN", audience=COMMISSION_ML, **changes)
    await day.fed.take()


async def read(url: str) -> Event:
    """The sitting as the member's calendar reads it from its address, as its program does: no cookie, no header."""
    async with httpx.AsyncClient() as program:
        answer = await program.get(url)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def hours(event: Event) -> dict[str, str]:
    """When it begins, by the clock of each capital."""
    begins = event.start
    assert isinstance(begins, datetime)
    return {town: begins.astimezone(zone).strftime("%d %H:%M") for town, zone in ZONES.items()}


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_members_calendar(day: Day, opens: OpenReader, shots: Path | None, tell: Tell, size: str) -> None:
    """Filled, moved, struck out, closed; and the mail that comes when a calendar would be too slow."""
    await said(day)
    async with AsyncExitStack() as stack:
        clerk, member = await opens(size), await opens(size)
        for reader in (clerk, member):
            await behind_a_slow_link(stack, reader)
        await clerk.enter(session_of(day.fed.desk.accounts, COMMISSION_ML, POSTER))
        # What leaves the site leads back to it by its public address: here, over the member's link.
        day.bureau.settings = day.bureau.settings.model_copy(update={"public_url": member.address})
        day.fed.desk.settings = day.bureau.settings
        day.bureau.fresh_process()
        hands, theirs = Hands(clerk.page), Hands(member.page)
        url = await _address_made(clerk, hands, shots)
        await _mail_confirmed(day, clerk, member, hands, theirs, shots)
        await _calendar_follows(day, url)
        await _address_revoked(clerk, hands, url)
        assert await member.page.context.cookies() == [], "nobody signed in on that telephone"
    tell("\n".join([*hands.told, *theirs.told]))
    assert clerk.complaints == member.complaints == []


async def _address_made(clerk: Reader, hands: Hands, shots: Path | None) -> str:
    page = clerk.page
    async with hands.task("make an address for a member"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Adresse personnelle"))
        await hands.write(page.get_by_label("Pour qui"), "Rapporteur général")
        await hands.look()
        await hands.press(page.get_by_role("button", name="Créer une adresse"))
        url = await page.get_by_label("À coller").input_value()
    await look(clerk, "membre-1-adresse", shots)
    event = await read(url)
    assert hours(event) == {"Bamako": "08 09:00", "Niamey": "08 10:00"}
    assert (event["sequence"], event["status"], str(event["summary"])) == (0, "CONFIRMED", TITLE)
    assert "location" not in event, "a venue does not go to whoever keeps the calendar"
    return url


async def _mail_confirmed(
    day: Day, clerk: Reader, member: Reader, hands: Hands, theirs: Hands, shots: Path | None
) -> None:
    """The secretariat types the address; only a press on the member's own telephone begins it."""
    page, known = clerk.page, len(day.bureau.box.mails)
    async with hands.task("ask for the member's mail"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Convocations par courriel"))
        await hands.write(page.get_by_label("Votre adresse de courriel"), "rapporteur@example.org")
        await hands.look()
        await hands.press(page.get_by_role("button", name="Recevoir les convocations"))
        await page.get_by_text("Un courriel vient de partir").wait_for()
    (mail,) = day.bureau.box.mails[known:]
    (link,) = re.findall(r"http://\S+/confirmer/\S+", text_of(mail))
    async with theirs.task("confirm, without an account"):
        await member.page.goto(link)
        await theirs.look()
        await look(member, "membre-2-confirmer", shots)
        await theirs.press(member.page.get_by_role("button", name="Confirmer"))
        await member.page.get_by_text("C’est confirmé").wait_for()
    assert (theirs.gestures, theirs.fields) == (1, 0)


async def _calendar_follows(day: Day, url: str) -> None:
    """Moved, then called off: the calendar has it at its next reading, and a letter said so at once."""
    await day.bureau.round()
    for state, sequence, status, word in (
        ("postponed", 1, "TENTATIVE", "Changement"),
        ("cancelled", 2, "CANCELLED", "Annulation"),
    ):
        await said(day, SECOND, status=state)
        event = await read(url)
        assert hours(event) == {"Bamako": "15 14:00", "Niamey": "15 15:00"}
        assert (event["sequence"], event["status"]) == (sequence, status)
        letters = await day.bureau.round()
        assert sorted(mail["To"] for mail in letters) == ["membre@example.org", "rapporteur@example.org"]
        for mail in letters:
            _calendar, item = calendar_in(mail)
            assert (mail["Subject"].split()[0], item["sequence"], item["uid"]) == (word, sequence, event["uid"])
            assert hours(item) == hours(event)


async def _address_revoked(clerk: Reader, hands: Hands, url: str) -> None:
    page = clerk.page
    async with hands.task("revoke the address"):
        await hands.press(page.get_by_role("link", name="Agenda").first)
        await hands.press(page.get_by_role("link", name="Adresse personnelle"))
        await hands.press(page.get_by_role("button", name="Révoquer"))
        await page.get_by_text("Révoquée").wait_for()
    async with httpx.AsyncClient() as program:
        assert (await program.get(url)).status_code == 404
