"""Outside judges for our calendars: `icalendar` and `ical.js` read the same bytes, and understand what we meant."""

from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from tests.component.desk.feeds import Feed
from tests.support.agenda import meeting_in
from tests.support.ical_js import read_by_ical_js
from tests.support.notices import COMMISSION_BF, COMMISSION_NE, data_of
from tests.unit.agenda.test_ics import WRITER
from tests.unit.agenda.test_meetings import MORNING, convene, withdraw

ZONES = {"Africa/Ouagadougou": 0, "Africa/Bamako": 0, "Africa/Niamey": 1}
HARD = 'Séance, « témoins » ; 100 % : \\n "lire" ɓ 𝄞 ' + "é" * 60


def every_kind() -> list[Any]:
    """A meeting in each zone and state, with hard words, moved, called off and taken back."""
    feed = Feed()
    opened = [
        convene(feed, subject=f"agenda/{zone[-4:]}", tz=zone, status=status, place=HARD, head={"title": HARD[:120]})
        for zone, status in zip(ZONES, ("tentative", "confirmed", "held"), strict=True)
    ]
    moved = convene(feed, COMMISSION_NE, "GREEN", subject="agenda/moved", tz="Africa/Niamey")
    later = {"start": "2026-12-31T23:30:00Z", "end": "2027-01-01T01:00:00Z"}
    convene(feed, COMMISSION_NE, "GREEN", subject="agenda/moved", tz="Africa/Niamey", status="postponed", **later)
    off = convene(feed, COMMISSION_BF, subject="agenda/off")
    convene(feed, COMMISSION_BF, subject="agenda/off", status="cancelled")
    gone = convene(feed, subject="agenda/gone")
    withdraw(feed, gone, subject="agenda/gone")
    full = convene(feed, subject="agenda/full", **data_of("agenda.meeting", full=True) | MORNING)
    return [meeting_in(feed, event) for event in (*opened, moved, off, gone, full)]


def test_two_parsers_understand_what_was_meant() -> None:
    """UID, SEQUENCE, STATUS, CLASS, words, and the instants, also by the clock of the meeting's own zone."""
    meetings = every_kind()
    value = WRITER.calendar(meetings, "Agenda")
    told = read_by_ical_js(value)
    ours: Any = Calendar.from_ical(value)
    assert told["method"] == ours["method"] == "PUBLISH"
    for meeting, theirs, event in zip(meetings, told["events"], ours.walk("VEVENT"), strict=True):
        assert theirs["uid"] == event["uid"] == meeting.uid
        assert theirs["sequence"] == event["sequence"] == meeting.sequence
        assert theirs["status"] == event["status"]
        assert theirs["class"] == event["class"]
        assert theirs["summary"] == event["summary"]
        assert theirs["description"] == event["description"]
        assert theirs["location"] == event.get("location")
        for name, instant in (("start", meeting.hours.start), ("end", meeting.hours.end)):
            assert datetime.fromtimestamp(theirs[name], UTC) == getattr(event, name) == instant
        assert theirs["zone"] == meeting.data["tz"]
        shift = ZONES[meeting.data["tz"]]
        assert (datetime.fromisoformat(theirs["local"]).hour - meeting.hours.start.hour) % 24 == shift
    statuses = [theirs["status"] for theirs in told["events"]]
    assert statuses == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "TENTATIVE", "CANCELLED", "CANCELLED", "CONFIRMED"]


def test_an_invitation_is_understood_as_one() -> None:
    """REQUEST and CANCEL of one event."""
    for meeting in every_kind():
        told = read_by_ical_js(WRITER.invitation(meeting, "agenda@example.ml", "membre@example.org"))
        assert told["method"] == ("CANCEL" if meeting.off else "REQUEST")
        assert [event["uid"] for event in told["events"]] == [meeting.uid]
