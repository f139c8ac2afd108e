"""The calendar's pages and feeds on a real database: who sees what, and what leaves for a calendar."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from tamani.core.codelists import terms
from tamani.core.event import Event, format_time
from tamani.core.policy import PUBLIC
from tamani.desk.agenda.search import meetings_between
from tamani.desk.app import build_app
from tamani.desk.pages.guard import FIELD
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import agenda
from tamani.runtime.accounts.sessions import form_token
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, data_of

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 12, 3, 10, tzinfo=UTC)
HERE = {"Accept": "text/html", "Origin": "http://desk.test"}


def convene(fed: Fed, subject: str, start: datetime, source: str = COMMISSION_ML, **changes: Any) -> Event:
    """A version of a meeting of three hours."""
    given = {name: changes.pop(name) for name in ("tlp", "audience", "profile") if name in changes}
    title = changes.pop("title", f"Réunion {subject}")
    when = {"start": format_time(start), "end": format_time(start + timedelta(hours=3))}
    data = data_of("agenda.meeting") | when | {"body": source, "head": {"title": title} | changes.pop("head", {})}
    return fed.feed.say(
        "agenda.meeting", source, subject=f"agenda/{subject}", data=data | changes, **({"tlp": "CLEAR"} | given)
    )


@pytest.fixture
async def browser(fed: Fed) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that keeps cookies; the desk's clock stands at `NOW`."""
    fed.desk.clock = lambda: NOW
    transport = httpx.ASGITransport(build_app(fed.desk), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=HERE) as client:
        yield client


async def sign_in(fed: Fed, browser: httpx.AsyncClient, body: str = COMMISSION_ML) -> dict[str, str]:
    """As an officer of this body; the field that their forms carry."""
    cookie = fed.cookie(body)
    browser.cookies.clear()
    browser.cookies.set(fed.desk.gate.cookie, cookie)
    return {FIELD: form_token(cookie)}


def events(answer: httpx.Response) -> dict[str, Any]:
    """The events of a calendar by title."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


@pytest.mark.parametrize("view", ["mois", "semaine", "liste"])
async def test_each_view_shows_what_everybody_may_read(fed: Fed, browser: httpx.AsyncClient, view: str) -> None:
    """Public meetings only; both hours; a line in every view."""
    convene(fed, "publique", datetime(2026, 12, 4, 8, tzinfo=UTC))
    convene(fed, "verte", datetime(2026, 12, 4, 8, tzinfo=UTC), tlp="GREEN")
    convene(fed, "nommee", datetime(2026, 12, 4, 8, tzinfo=UTC), tlp="AMBER", audience=COMMISSION_NE)
    await fed.take()
    page = (await browser.get(f"/agenda?vue={view}")).text
    assert "Réunion publique" in page
    assert "08h00–11h00 Bamako, Ouagadougou · 09h00–12h00 Niamey" in page
    assert "Réunion verte" not in page
    assert "Réunion nommee" not in page
    await sign_in(fed, browser)
    assert "Réunion verte" in (await browser.get(f"/agenda?vue={view}")).text
    await sign_in(fed, browser, COMMISSION_BF)
    assert "Réunion nommee" not in (await browser.get(f"/agenda?vue={view}")).text
    await sign_in(fed, browser, COMMISSION_NE)
    page = (await browser.get(f"/agenda?vue={view}")).text
    assert "Réunion nommee" in page
    assert '<div class="tlp-banner tlp-amber">' in page


async def test_a_month_is_whole_weeks_and_leads_to_its_neighbours(fed: Fed, browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/agenda?jour=2026-12-15")).text
    assert "décembre 2026" in page
    convene(fed, "bord", datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    await fed.take()
    page = (await browser.get("/agenda?jour=2026-12-15")).text
    days = re.findall(r'<li class="cell[^"]*">\s*<h3><time datetime="([^"]+)"', page)
    assert (days[0], days[-1], len(days)) == ("2026-11-30", "2027-01-03", 35)
    assert 'rel="prev" href="/agenda?vue=mois&amp;jour=2026-11-01"' in page
    assert 'rel="next" href="/agenda?vue=mois&amp;jour=2027-01-01"' in page


async def test_a_moved_meeting_leaves_a_trace(fed: Fed, browser: httpx.AsyncClient) -> None:
    """The new hour with the old one struck out; on the day that it left, a line that says where it went."""
    convene(fed, "mobile", datetime(2026, 12, 8, 8, tzinfo=UTC))
    convene(fed, "mobile", datetime(2026, 12, 9, 8, tzinfo=UTC), sequence=1)
    await fed.take()
    page = (await browser.get("/agenda?vue=liste")).text
    assert page.count("Réunion mobile") == 2
    assert "Déplacée" in page
    assert "<s>mar. 8 déc. 2026, 08h00–11h00 Bamako, Ouagadougou · 09h00–12h00 Niamey</s>" in page
    assert "Nouvelle date\u00a0: mer. 9 déc. 2026, 08h00" in page


async def test_called_off_it_stays_and_says_so(fed: Fed, browser: httpx.AsyncClient) -> None:
    convene(fed, "annulee", datetime(2026, 12, 8, 8, tzinfo=UTC))
    convene(fed, "annulee", datetime(2026, 12, 8, 8, tzinfo=UTC), status="cancelled")
    gone = convene(fed, "retiree", datetime(2026, 12, 9, 8, tzinfo=UTC), title="Mots à ne plus montrer")
    target = {"source": gone.source, "id": gone.id}
    fed.feed.say("withdrawal", subject=gone.subject, tlp="CLEAR", data=data_of("withdrawal") | {"target": target})
    convene(fed, "reportee", datetime(2026, 12, 10, 8, tzinfo=UTC))
    convene(fed, "reportee", datetime(2026, 12, 10, 8, tzinfo=UTC), status="postponed")
    await fed.take()
    page = (await browser.get("/agenda?vue=liste")).text
    for word in ("Annulée", "Retirée", "Reportée"):
        assert f">{word}</span>" in page
    assert "Mots à ne plus montrer" not in page
    assert "Avis retiré par son organisme" in page


async def test_two_at_once_are_said_to_clash(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Two commissions, or two meetings that name one body; not two strangers, nor one that was called off."""
    nine = datetime(2026, 12, 8, 9, tzinfo=UTC)
    convene(fed, "mali", nine, COMMISSION_ML)
    convene(fed, "niger", nine + timedelta(hours=1), COMMISSION_NE)
    convene(fed, "veille", nine, OBSERVATORY_ML)
    convene(fed, "suite", nine + timedelta(hours=4), COMMISSION_ML)
    await fed.take()
    page = (await browser.get("/agenda")).text
    assert "1 conflit de dates" in page
    clash = page.partition('class="clashes"')[2].partition("</section>")[0]
    assert "Réunion mali" in clash
    assert "Réunion niger" in clash
    assert "mar. 8 déc. 2026, 10h00–12h00 Bamako, Ouagadougou · 11h00–13h00 Niamey" in clash
    assert page.count('title="Une autre réunion affichée') == 2
    convene(fed, "niger", nine + timedelta(hours=1), COMMISSION_NE, status="cancelled")
    await fed.take()
    assert "conflit de dates" not in (await browser.get("/agenda")).text


async def test_what_one_may_not_read_clashes_with_nothing(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Else the word would tell the public of a meeting behind closed doors."""
    nine = datetime(2026, 12, 8, 9, tzinfo=UTC)
    convene(fed, "ouverte", nine)
    convene(fed, "fermee", nine, COMMISSION_NE, tlp="AMBER", audience=COMMISSION_NE)
    await fed.take()
    assert "Conflit" not in (await browser.get("/agenda")).text
    await sign_in(fed, browser, COMMISSION_NE)
    assert "Conflit" in (await browser.get("/agenda")).text


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("body=/ne/commission-defense", {"Réunion b"}),
        ("origin=ml", {"Réunion a", "Réunion c"}),
        ("profile=audition", {"Réunion c"}),
        ("theme=temoins", {"Réunion b"}),
        ("theme=temoins&theme=armes", {"Réunion b", "Réunion c"}),
        ("theme=temoins&origin=ml", set()),
        ("body=&theme=", {"Réunion a", "Réunion b", "Réunion c"}),
    ],
)
async def test_filters_narrow_page_and_feed_alike(
    fed: Fed, browser: httpx.AsyncClient, query: str, titles: set[str]
) -> None:
    when = datetime(2026, 12, 8, 9, tzinfo=UTC)
    convene(fed, "a", when)
    convene(fed, "b", when, COMMISSION_NE, head={"themes": ["temoins"]})
    point = {"rank": 1, "kind": "divers", "title": "Saisies", "law_ref": "armes"}
    convene(fed, "c", when, profile="audition", points=[point])
    await fed.take()
    page = (await browser.get(f"/agenda?vue=liste&{query}")).text
    assert set(re.findall(r">(Réunion [abc])</span></a></p>", page)) == titles
    assert set(events(await browser.get(f"/agenda.ics?{query}"))) == titles
    assert ("Aucune réunion ne correspond à ces filtres" in page) is (not titles)


async def test_a_theme_that_has_ended_is_offered_where_meetings_name_it(
    fed: Fed, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has ended is what one looks for in an archive; where nothing names it, it is not there."""
    for code in ("temoins", "renseignement"):
        monkeypatch.setitem(terms("themes")[code].more, "valid_to", "2030-12-31")
    later = datetime(2031, 1, 15, 10, tzinfo=UTC)
    fed.desk.clock = lambda: later
    convene(fed, "a", later, head={"themes": ["temoins"]})
    await fed.take()
    page = (await browser.get("/agenda")).text
    assert '<option value="temoins">' in page
    assert '<option value="armes">' in page
    assert '<option value="renseignement">' not in page


@pytest.mark.parametrize("query", ["vue=annee", "jour=hier", "jour=2026-02-30", "jour=1200-01-01", "theme=" + "x" * 81])
async def test_what_reads_as_nothing_is_refused(browser: httpx.AsyncClient, query: str) -> None:
    answer = await browser.get(f"/agenda?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "refused.request"


async def test_hours_beyond_reach_break_nothing(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A meeting from the year 1900 to the year 9999 is on no page and in no feed; the others are."""
    convene(fed, "eternelle", datetime(1900, 1, 1, tzinfo=UTC), end="9999-12-31T23:59:59Z")
    convene(fed, "vraie", NOW)
    await fed.take()
    for path in ("/agenda", "/agenda?vue=liste", "/agenda?vue=semaine", "/agenda.ics"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "vraie" in answer.text
        assert "eternelle" not in answer.text


async def test_an_empty_calendar_says_so(browser: httpx.AsyncClient) -> None:
    assert "Aucune réunion sur cette période" in (await browser.get("/agenda")).text
    assert events(await browser.get("/agenda.ics")) == {}


async def test_the_public_feed_is_for_everybody_alike(fed: Fed, browser: httpx.AsyncClient) -> None:
    """A token changes nothing; a second reading costs nothing."""
    convene(fed, "publique", datetime(2026, 12, 8, 9, tzinfo=UTC))
    convene(fed, "verte", datetime(2026, 12, 8, 9, tzinfo=UTC), tlp="GREEN")
    await fed.take()
    first = await browser.get("/agenda.ics")
    assert set(events(first)) == {"Réunion publique"}
    async with fed.client(COMMISSION_ML) as program:
        assert (await program.get("/agenda.ics")).content == first.content
    known = await browser.get("/agenda.ics", headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_what_was_called_off_stays_in_the_feed_for_ninety_days(fed: Fed, browser: httpx.AsyncClient) -> None:
    """After its hour, and after the day it was called off, whichever is later; then it leaves."""
    far = convene(fed, "passee", datetime(2025, 6, 1, 9, tzinfo=UTC))
    convene(fed, "passee", datetime(2025, 6, 1, 9, tzinfo=UTC), status="cancelled")
    await fed.take()
    assert far.source == COMMISSION_ML
    # The tests' archive records on 2 March 2026.
    for day, kept in ((date(2026, 5, 31), True), (date(2026, 6, 1), False)):
        fed.desk.clock = lambda day=day: datetime(day.year, day.month, day.day, 9, tzinfo=UTC)  # type: ignore[misc]
        found = events(await browser.get("/agenda.ics"))
        assert ("Annulée\u00a0: Réunion passee" in found) is kept
        assert all(event["status"] == "CANCELLED" for event in found.values())


async def test_a_notice_gives_its_own_file(fed: Fed, browser: httpx.AsyncClient) -> None:
    """As the thread stands now, from the page of any of its versions; above GREEN it is refused in words."""
    old = convene(fed, "seance", datetime(2026, 12, 8, 9, tzinfo=UTC))
    convene(fed, "seance", datetime(2026, 12, 9, 9, tzinfo=UTC))
    closed = convene(fed, "close", datetime(2026, 12, 9, 9, tzinfo=UTC), tlp="AMBER", audience=COMMISSION_ML)
    law = fed.feed.say("law.item", tlp="CLEAR")
    await fed.take()
    path = f"/avis{old.source}/{old.id}"
    assert f'href="{path}.ics"' in (await browser.get(path)).text
    answer = await browser.get(f"{path}.ics")
    (event,) = events(answer).values()
    assert event.start == datetime(2026, 12, 9, 9, tzinfo=UTC)
    assert event["sequence"] == 1
    assert "attachment" in answer.headers["content-disposition"]
    json = {"Accept": "application/json"}
    assert (await browser.get(f"/avis{closed.source}/{closed.id}.ics", headers=json)).status_code == 404
    assert (await browser.get(f"/avis{law.source}/{law.id}.ics", headers=json)).status_code == 404
    await sign_in(fed, browser)
    refused = await browser.get(f"/avis{closed.source}/{closed.id}.ics", headers=json)
    assert (refused.status_code, refused.json()["code"]) == (403, "refused.calendar.tlp")
    assert ".ics" not in (await browser.get(f"/avis{closed.source}/{closed.id}")).text.partition("<main")[2]


async def test_two_desks_write_the_same_file(fed: Fed, browser: httpx.AsyncClient) -> None:
    """Made anew from the mirror's bytes, at another hour, under the same address: the same bytes."""
    convene(fed, "x", datetime(2026, 12, 8, 9, tzinfo=UTC))
    convene(fed, "x", datetime(2026, 12, 9, 9, tzinfo=UTC))
    await fed.take()
    first = await browser.get("/agenda.ics")
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
    fed.desk.clock = lambda: NOW + timedelta(hours=5)
    assert (await browser.get("/agenda.ics")).content == first.content


async def test_hours_follow_the_mirror(fed: Fed) -> None:
    """What a later epoch tells anew leaves the calendar, and what it tells comes in; arrivals only grow."""
    convene(fed, "un", datetime(2026, 12, 8, 9, tzinfo=UTC))
    convene(fed, "deux", datetime(2026, 12, 9, 9, tzinfo=UTC))
    await fed.take()
    fed.feed.rewind(1)
    convene(fed, "trois", datetime(2026, 12, 10, 9, tzinfo=UTC))
    place = await fed.intake.truncate(await fed.intake.load(), fed.feed.epoch, 2)
    await fed.intake.take(place, fed.feed.entries[1:])
    span = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = await meetings_between(fed.desk.database, PUBLIC, *span)
    assert [meeting.notice.row.title for meeting in found] == ["Réunion un", "Réunion trois"]
    async with fed.desk.database.reading() as connection:
        rows = (await connection.execute(select(agenda.c.feed_index, agenda.c.arrival).order_by("feed_index"))).all()
    assert [tuple(row) for row in rows] == [(1, 1), (2, 3)]
