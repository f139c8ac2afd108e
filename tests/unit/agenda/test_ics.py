"""The calendar's bytes, read back by a parser: folding, escaping, what may leave, and for any meeting of the model."""

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tamani.core.event import format_time
from tamani.desk.agenda.ics import Writer
from tamani.desk.agenda.meetings import Meeting
from tests.component.desk.feeds import Feed
from tests.support.agenda import REGISTRY, meeting_in
from tests.support.notices import COMMISSION_ML, data_of, id_of
from tests.unit.agenda.test_meetings import convene, withdraw

BASE = "https://bureau.example.ml"
WRITER = Writer(BASE, REGISTRY, demo=False)
WHEN = {"start": "2026-12-02T08:00:00Z", "end": "2026-12-02T11:00:00Z", "tz": "Africa/Niamey"}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=3, max_size=120).filter(
    lambda text: text.strip(" ") != ""
)
ZONES = ("Africa/Ouagadougou", "Africa/Bamako", "Africa/Niamey")


def events(value: bytes) -> list[Any]:
    return list(Calendar.from_ical(value).walk("VEVENT"))


def said(tlp: str = "CLEAR", **data: Any) -> Meeting:
    feed = Feed()
    first = convene(feed, tlp=tlp, **data | {"status": "confirmed"})
    if data.get("status", "confirmed") != "confirmed":
        convene(feed, tlp=tlp, **data)
    return meeting_in(feed, first)


def full(tlp: str) -> Meeting:
    return said(tlp, **data_of("agenda.meeting", full=True) | WHEN)


def well_formed(value: bytes) -> None:
    """RFC 5545 §3.1: CRLF everywhere, no line over 75 octets, no control character, no letter cut in two."""
    assert value.endswith(b"\r\n")
    lines = value.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        text = line.decode("utf-8")
        assert not set(text) & set(map(chr, [*range(9), *range(10, 32), 127])), text


def test_an_entry_is_written_once_for_the_same_names_and_again_for_others() -> None:
    """The bytes are those that the library writes of the whole; another address or registry has entries of its own."""
    meeting, other = full("CLEAR"), Writer("https://autre.example.ml", REGISTRY, demo=False)
    first = WRITER.calendar([meeting], "Agenda")
    whole = Calendar.from_ical(first)

    assert whole.to_ical() == first
    assert WRITER.calendar([meeting], "Agenda") == first
    assert BASE.encode() in WRITER.one(meeting)
    assert b"autre.example.ml" in other.one(meeting)
    assert b"autre.example.ml" not in WRITER.one(meeting)
    assert list(meeting.entries) == [(BASE, REGISTRY.version, False)]
    renamed = REGISTRY.model_copy(update={"version": REGISTRY.version + 1})
    Writer(BASE, renamed, demo=True).one(meeting)
    assert list(meeting.entries) == [(BASE, REGISTRY.version + 1, True)]


def test_a_public_meeting_says_where_and_what() -> None:
    (event,) = events(WRITER.one(full("CLEAR")))
    assert event["class"] == "PUBLIC"
    assert event["location"] == "Salle des commissions"
    assert "1. Avant-projet sur les témoins (Protection des témoins et victimes)" in event["description"]
    assert "Les trois commissions comparent" in event["description"]
    assert event["conference"] == "https://example.org/seance"
    assert event["status"] == "CONFIRMED"


def test_above_clear_the_venue_is_hidden_until_it_is_opened() -> None:
    """Neither venue, nor link, nor points, nor text; the address of the page instead."""
    meeting = full("GREEN")
    value = WRITER.one(meeting)
    (event,) = events(value)
    assert event["class"] == "CONFIDENTIAL"
    assert "location" not in event
    assert "conference" not in event
    for secret in ("Salle des commissions", "Avant-projet", "example.org", "Les trois commissions", "Rapporteur"):
        assert secret.encode() not in value.replace(b"\r\n ", b"")
    assert event["url"] == f"{BASE}/avis{COMMISSION_ML}/{meeting.notice.row.id}"


def test_above_green_there_is_nothing_to_write() -> None:
    meeting = full("AMBER")
    assert events(WRITER.calendar([meeting], "x")) == []
    assert meeting.notice.row.title.encode() not in WRITER.calendar([meeting], "x")
    with pytest.raises(KeyError):
        WRITER.one(meeting)


def test_hours_are_of_the_notices_zone_which_goes_with_the_file() -> None:
    """Niamey is an hour ahead; a reader without zone files finds the rule in the file."""
    value = WRITER.one(said(**WHEN))
    assert b"DTSTART;TZID=Africa/Niamey:20261202T090000\r\n" in value
    calendar: Any = Calendar.from_ical(value)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "Africa/Niamey"
    assert b"TZOFFSETTO:+0100" in value
    (event,) = calendar.walk("VEVENT")
    assert event.start.astimezone(UTC) == datetime(2026, 12, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "status", "word"),
    [
        ("postponed", "TENTATIVE", "Reportée"),
        ("confirmed", "CONFIRMED", ""),
        ("held", "CONFIRMED", ""),
        ("cancelled", "CANCELLED", "Annulée"),
    ],
)
def test_each_state_is_a_status_and_a_word(state: str, status: str, word: str) -> None:
    (event,) = events(WRITER.one(said(status=state)))
    assert event["status"] == status
    assert event["summary"].startswith(word)
    assert event["summary"].endswith("Séance commune sur la protection des témoins")


def test_what_is_not_confirmed_yet_is_tentative() -> None:
    feed = Feed()
    (event,) = events(WRITER.one(meeting_in(feed, convene(feed, status="tentative"))))
    assert (event["status"], event["summary"][:11]) == ("TENTATIVE", "À confirmer")


def test_what_was_taken_back_keeps_its_hour_and_loses_its_words() -> None:
    feed = Feed()
    event = convene(feed, place="Salle secrète", head={"title": "Mots retirés"})
    withdraw(feed, event)
    value = WRITER.one(meeting_in(feed, event))
    (found,) = events(value)
    assert (found["status"], found["sequence"]) == ("CANCELLED", 1)
    assert b"Mots retir" not in value
    assert b"Salle" not in value


def test_stamps_come_from_the_archive() -> None:
    """Two desks with one address write the same bytes, whenever they are asked."""
    feed = Feed()
    event = convene(feed)
    convene(feed, status="postponed")
    meeting = meeting_in(feed, event)
    again = Writer(BASE, REGISTRY, demo=False)
    assert WRITER.calendar([meeting], "Agenda") == again.calendar([meeting], "Agenda")
    (found,) = events(WRITER.one(meeting))
    assert found["dtstamp"].dt == found["last-modified"].dt == meeting.changed


def test_a_feed_says_when_to_come_again() -> None:
    value = WRITER.calendar([said()], "Agenda")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in value
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in value
    assert b"METHOD:PUBLISH\r\n" in value


def test_a_demo_says_so_in_the_file() -> None:
    value = Writer(BASE, REGISTRY, demo=True).calendar([said()], "Agenda").replace(b"\r\n ", b"").decode()
    assert "NAME:Démonstration" in value
    assert "DESCRIPTION:DÉMONSTRATION" in value


def test_long_accents_are_folded_between_letters() -> None:
    """75 octets a line, never within a letter of two, three or four octets."""
    title = "é" * 40 + "ɓ" * 40 + "𝄞" * 20 + "€" * 20
    value = WRITER.one(said(head={"title": title}))
    well_formed(value)
    assert max(map(len, value.split(b"\r\n"))) > 70, "lines are filled"
    assert events(value)[0]["summary"] == title


@pytest.mark.parametrize("text", ['a,b;c\\d"e', "x\\nY", "BEGIN:VEVENT", "fin\\", ";:=,", "a:b;TZID=x"])
def test_signs_of_the_format_are_escaped(text: str) -> None:
    value = WRITER.one(said(head={"title": f"Avis {text}", "summary": f"{text}\nEND:VCALENDAR"}, place=text))
    well_formed(value)
    (event,) = events(value)
    assert event["summary"] == f"Avis {text}"
    assert event["location"] == text
    assert f"{text}\nEND:VCALENDAR" in event["description"]


def test_control_characters_do_not_travel() -> None:
    value = WRITER.one(said(head={"title": "Avis", "summary": "a\rb\x07c\x0bd\u2028e\x85f\x1fg"}))
    well_formed(value)
    assert "a\nb c d e f g" in events(value)[0]["description"]


def test_an_invitation_names_its_one_reader() -> None:
    """RFC 5546: REQUEST with organizer and attendee, CANCEL with the same UID and a higher sequence."""
    feed = Feed()
    event = convene(feed)
    first: Any = Calendar.from_ical(
        WRITER.invitation(meeting_in(feed, event), "agenda@example.ml", "membre@example.org")
    )
    convene(feed, status="cancelled")
    last: Any = Calendar.from_ical(
        WRITER.invitation(meeting_in(feed, event), "agenda@example.ml", "membre@example.org")
    )
    assert (first["method"], last["method"]) == ("REQUEST", "CANCEL")
    one: Any = first.walk("VEVENT")[0]
    other: Any = last.walk("VEVENT")[0]
    assert one["uid"] == other["uid"]
    assert other["sequence"] > one["sequence"]
    assert one["attendee"] == "mailto:membre@example.org"
    assert one["organizer"] == "mailto:agenda@example.ml"
    assert one["organizer"].params["CN"] == "Commission de défense (Mali)"


@settings(max_examples=150, deadline=None)
@given(
    title=LINE,
    summary=TEXT.filter(len),
    place=LINE | st.none(),
    points=st.lists(LINE, max_size=4),
    start=st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 30)),  # noqa: DTZ001 - made aware below
    length=st.integers(0, 86_000),
    tz=st.sampled_from(ZONES),
    tlp=st.sampled_from(["CLEAR", "GREEN"]),
    status=st.sampled_from(["tentative", "confirmed", "held"]),
    sequence=st.integers(0, 9999),
    link=st.text(string.ascii_letters + "/?=&;,%-", min_size=3, max_size=300) | st.none(),
)
def test_any_meeting_of_the_model_is_a_valid_calendar(
    title: str,
    summary: str,
    place: str | None,
    points: list[str],
    start: datetime,
    length: int,
    link: str | None,
    **data: Any,
) -> None:
    """It folds and escapes well, reads back whole, and means the same instants."""
    begins = start.replace(tzinfo=UTC, microsecond=0)
    ends = begins + timedelta(seconds=length)
    tlp = data.pop("tlp")
    data |= {
        "head": {"title": title, "summary": summary},
        "start": format_time(begins),
        "end": format_time(ends),
        "points": [{"rank": n, "kind": "divers", "title": text} for n, text in enumerate(points, 1)],
    }
    data |= ({"place": place} if place else {}) | ({"link": f"https://{link}"} if link else {})
    feed = Feed()
    said = feed.say("agenda.meeting", id=id_of(1), subject="agenda/x", tlp=tlp, data=data_of("agenda.meeting") | data)
    meeting = meeting_in(feed, said)
    value = WRITER.calendar([meeting], "Agenda")
    well_formed(value)
    (event,) = events(value)
    assert (event.start, event.end) == (begins, ends)
    assert (event["uid"], event["sequence"]) == (meeting.uid, data["sequence"])
    assert event["summary"].endswith(title)
    assert ("location" in event) is (tlp == "CLEAR" and place is not None)


REASON = "Le rapporteur est en mission."


@pytest.mark.parametrize(("tlp", "told"), [("CLEAR", True), ("GREEN", False)])
def test_why_it_changed_is_told_where_it_may_be(tlp: str, told: bool) -> None:
    """Public: in COMMENT (RFC 5545 §3.8.1.4). Else: that it is to be read on the site."""
    head = {"title": "Séance", "reason": REASON}
    value = WRITER.one(said(tlp, status="postponed", head=head))
    (event,) = events(value)
    assert (event.get("comment") == REASON) is told
    assert ("raison du changement" in event["description"].replace("\u00a0", " ")) is not told
    assert (REASON.encode() in value) is told
    (first,) = events(WRITER.one(said(tlp, head=head)))
    assert "comment" not in first, "of a first notice nothing has changed"
