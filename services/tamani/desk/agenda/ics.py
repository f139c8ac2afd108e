"""Meetings as iCalendar (RFC 5545, RFC 7986), the same bytes at every desk that has the same address.

What may leave depends on the label: above TLP:CLEAR neither venue nor link nor points, and nothing at all above GREEN.
Times are written in the meeting's own zone, which goes with the file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone
from icalendar.prop import vDDDTypes

from tamani.core.catalogue import catalogue
from tamani.core.codelists import terms
from tamani.core.registry import Registry
from tamani.desk.agenda.meetings import REACH, Meeting
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import typeset
from tamani.desk.wire import page_path

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//Tamani//agenda//FR"
CLASSES = {"CLEAR": "PUBLIC", "GREEN": "CONFIDENTIAL"}
STATUS = {"tentative": "TENTATIVE", "postponed": "TENTATIVE", "cancelled": "CANCELLED", "withdrawn": "CANCELLED"}
# Many telephones show no STATUS: the word stands before the title, too.
WORDS = {"tentative": "À confirmer", "postponed": "Reportée", "cancelled": "Annulée"}
CLOSED = _("Lieu et ordre du jour : ouvrez l'avis.")
CLOSED_CHANGED = _("Lieu, ordre du jour et raison du changement : ouvrez l'avis.")
WITHDRAWN = "Avis retiré par son organisme"
READ_AGAIN = timedelta(hours=1)
FIRST, LAST = date(REACH.start - 1, 1, 1), date(REACH.stop, 1, 1)
END = b"END:VCALENDAR\r\n"
# RFC 5545 §3.3.11: no control character but the line feed, which is escaped; nor what some readers take for one.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one desk: under its address, with the names that its registry holds, as a demo if it is one."""

    base: str
    registry: Registry
    demo: bool

    def calendar(self, meetings: Iterable[Meeting], name: str) -> bytes:
        """A feed, to be read again from time to time."""
        made = _empty("PUBLISH")
        title = typeset(f"{'Démonstration : ' if self.demo else ''}{name}")
        made.add("name", title)
        made.add("x-wr-calname", title)
        made.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", vDDDTypes(READ_AGAIN))
        shown = [meeting for meeting in meetings if meeting.notice.row.tlp in CLASSES]
        return _filled(made, shown, [self._entry(meeting) for meeting in shown])

    def one(self, meeting: Meeting) -> bytes:
        """A file with one meeting."""
        return _filled(_empty("PUBLISH"), [meeting], [self._entry(meeting)])

    def invitation(self, meeting: Meeting, organizer: str, attendee: str) -> bytes:
        """The meeting as an iTIP message (RFC 5546 §3.2.2, §3.2.5) to one address; nobody else is named in it."""
        method, event = ("CANCEL" if meeting.off else "REQUEST"), self.event(meeting)
        name = {"CN": clean(self.registry.name(meeting.notice.row.source, "fr")).replace('"', "'")}
        event.add("organizer", f"mailto:{organizer}", parameters=name)
        asks = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
        event.add("attendee", f"mailto:{attendee}", parameters=asks)
        return _filled(_empty(method), [meeting], [event.to_ical()])

    def _entry(self, meeting: Meeting) -> bytes:
        """The meeting's own lines. To write them takes half a millisecond, and a feed may hold two thousand."""
        names = self.base, self.registry.version, self.demo
        if names not in meeting.entries:
            meeting.entries.clear()
            meeting.entries[names] = self.event(meeting).to_ical()
        return meeting.entries[names]

    def event(self, meeting: Meeting) -> Event:
        """The meeting.

        Raises:
            KeyError: its label lets it leave by no calendar.
        """
        row, made = meeting.notice.row, Event()
        changed = meeting.changed.astimezone(UTC).replace(microsecond=0)
        made.add("uid", meeting.uid)
        made.add("sequence", meeting.sequence)
        made.add("dtstamp", changed)
        made.add("last-modified", changed)
        _add_instant(made, "dtstart", meeting, meeting.hours.start)
        _add_instant(made, "dtend", meeting, meeting.hours.end)
        made.add("class", CLASSES[row.tlp])
        made.add("status", STATUS.get(meeting.state, "CONFIRMED"))
        made.add("summary", summary_of(meeting))
        made.add("description", "\n".join(self._description(meeting)))
        made.add("url", self.base + page_path(row.source, row.id))
        if meeting.off:
            made.add("transp", "TRANSPARENT")
        if meeting.state != "withdrawn":
            self._add_words(made, meeting)
        return made

    def _add_words(self, made: Event, meeting: Meeting) -> None:
        row, data = meeting.notice.row, meeting.data
        made.add("categories", [clean(catalogue()[row.type].profiles[row.profile].fr)])
        if row.tlp == "CLEAR" and data.get("place"):
            made.add("location", clean(data["place"]))
        if row.tlp == "CLEAR" and meeting.reason:
            made.add("comment", clean(meeting.reason))
        if row.tlp == "CLEAR" and data.get("link"):
            made.add("conference", clean(data["link"]), parameters={"VALUE": "URI"})

    def _description(self, meeting: Meeting) -> Iterable[str]:
        row = meeting.notice.row
        if self.demo:
            yield "DÉMONSTRATION : rien ici n’est réel."
        yield clean(self.registry.name(row.source, "fr"))
        if meeting.state != "withdrawn":
            yield from _contents(meeting)
        yield f"TLP:{row.tlp}"


def summary_of(meeting: Meeting) -> str:
    """The title, with the word that says what became of the meeting."""
    if meeting.state == "withdrawn":
        return WITHDRAWN
    word = WORDS.get(meeting.state)
    return typeset(f"{word} : ") + clean(meeting.notice.row.title) if word else clean(meeting.notice.row.title)


def clean(text: str) -> str:
    """Text without what iCalendar cannot carry."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _contents(meeting: Meeting) -> Iterable[str]:
    """What a public notice says; of any other, only where to read it."""
    row, data = meeting.notice.row, meeting.data
    if row.tlp != "CLEAR":
        yield typeset(CLOSED_CHANGED if meeting.reason else CLOSED)
        return
    summary = meeting.notice.event.head.get("summary")
    if summary:
        yield clean(summary)
    for point in data.get("points", ()):
        theme = terms("themes").get(str(point.get("law_ref")))
        yield f"{point['rank']}. {clean(point['title'])}" + (f" ({theme.fr})" if theme else "")


def _empty(method: str) -> Calendar:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    return made


def _filled(made: Calendar, meetings: list[Meeting], events: Iterable[bytes]) -> bytes:
    """The calendar with its zones and then these events, as the library would write it with the events in it."""
    for tzid in sorted({str(meeting.data["tz"]) for meeting in meetings}):
        made.add_component(_zone(tzid))
    text: bytes = made.to_ical()
    return b"".join((text.removesuffix(END), *events, END))


def _add_instant(made: Event, name: str, meeting: Meeting, when: datetime) -> None:
    """By the clock that the notice names.

    The zone is given by name beside a bare hour: left to itself, the library writes in UTC whatever now agrees with it.
    """
    tzid = str(meeting.data["tz"])
    made.add(name, when.astimezone(ZoneInfo(tzid)).replace(tzinfo=None), parameters={"TZID": tzid})


@cache
def _zone(tzid: str) -> Timezone:
    made = Timezone.from_tzid(tzid, first_date=FIRST, last_date=LAST)
    made.pop("comment", None)
    return made
