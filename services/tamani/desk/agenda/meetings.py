"""A meeting as its thread leaves it: its hours now and before, its state, and what iCalendar must know of its changes.

Everything follows from the notices alone, so every desk tells the same meeting in the same bytes.
"""

import uuid
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from tamani.core.event import Event, parse_time
from tamani.core.names import country_of
from tamani.desk.rows import Notice
from tamani.desk.themes import themes_of
from tamani.desk.threads import Story

TYPE = "agenda.meeting"
# A UUIDv5 needs a namespace of ours; it may never change, for calendars know their events by it.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tamani:agenda")
# In other years nobody convenes: what says so is a notice like any other, and no meeting.
REACH = range(1971, 2100)
OFF = frozenset({"cancelled", "withdrawn"})
STATES = frozenset({"tentative", "confirmed", "held", "postponed"}) | OFF


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, event: Event) -> Self:
        """As a version says them."""
        return cls(parse_time(event.data["start"]), parse_time(event.data["end"]))

    @property
    def in_reach(self) -> bool:
        """Whether zones have rules for these years; a clock of the year 1 or 9999 cannot be turned by an hour."""
        return self.start.year in REACH and self.end.year in REACH

    def overlap(self, other: "Hours") -> bool:
        """Whether both go on at some instant; one that ends when the other begins does not overlap it."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Meeting:
    """What became of a thread of `agenda.meeting`.

    `notice` is the version in force (the last one, where all were taken back); `state` one of `STATES`; `before` the
    hours that no longer hold, oldest first; `sequence` grows with every notice that changes the meeting (RFC 5545
    §3.8.7.4), whatever its sender has counted; `latest` is the last of them, and `first` says that it is the only one.
    """

    notice: Notice
    uid: str
    state: str
    hours: Hours
    before: tuple[Hours, ...]
    sequence: int
    latest: Notice
    first: bool
    # Its entry in a calendar, by what else is in it than the meeting: kept for the next feed that has the same meeting.
    entries: dict[Hashable, bytes] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, story: Story) -> Self | None:
        """The meeting of a thread; nothing if the thread is none, or its hours are beyond reach."""
        versions = [notice for notice in _changes(story) if notice.row.type == TYPE]
        current = next((notice for notice in versions if story.is_current(notice)), None)
        if current is None or not all(Hours.of(notice.event).in_reach for notice in versions):
            return None
        hours = Hours.of(current.event)
        return cls(
            notice=current,
            uid=uid_of(*current.thread),
            state=_state(story, current),
            hours=hours,
            before=_before(story, versions, hours),
            sequence=_sequence(story, versions),
            latest=max(_changes(story), key=lambda notice: notice.row.feed_index),
            first=len(_changes(story)) == 1,
        )

    @property
    def changed(self) -> datetime:
        """The archive's instant of the last change."""
        return self.latest.row.recordedtime

    @property
    def off(self) -> bool:
        """Whether it will not take place."""
        return self.state in OFF

    @property
    def reason(self) -> str:
        """Why it changed, as the body said it; nothing of a first notice, nor of one that was taken back."""
        if self.first or self.latest.row.type != TYPE:
            return ""
        return str(self.latest.event.head.get("reason") or "")

    @property
    def data(self) -> dict[str, Any]:
        """What the version in force says."""
        return self.notice.event.data

    @property
    def parties(self) -> frozenset[str]:
        """The bodies that convene or organise it, or are named as its readers."""
        convening = self.notice.row.source, str(self.data["body"]), *self.data.get("organisers", ())
        return frozenset({*convening, *self.notice.row.audience})

    @property
    def countries(self) -> frozenset[str]:
        """The origins that it concerns: of its bodies, and those that it names."""
        return frozenset(
            {country_of(body).value for body in self.parties} | set(self.notice.event.head.get("countries", ()))
        )

    @property
    def themes(self) -> frozenset[str]:
        """The themes that it names, its points included."""
        return frozenset(themes_of(self.notice.event))


def uid_of(source: str, subject: str) -> str:
    """The calendar's name for a thread, the same at every desk and for every version (RFC 7986 §5.3)."""
    return str(uuid.uuid5(NAMESPACE, f"{source}\0{subject}"))


def _changes(story: Story) -> list[Notice]:
    """The notices that made the meeting what it is: versions in the order in which they count, then withdrawals."""
    place = {index: number for number, index in enumerate(story.state.history)}
    last = len(place)
    found = [n for n in story.notices if n.row.feed_index in place or n.row.type == "withdrawal"]
    told = [notice for notice in found if notice.row.feed_index not in story.state.no_effect]
    return sorted(told, key=lambda notice: place.get(notice.row.feed_index, last))


def _state(story: Story, current: Notice) -> str:
    if story.state.state in OFF:
        return story.state.state
    status = str(current.event.data.get("status"))
    return status if status in STATES else "confirmed"


def _before(story: Story, versions: list[Notice], hours: Hours) -> tuple[Hours, ...]:
    """Each other hours once, in the order in which they were announced; not those of what was taken back."""
    current = next(number for number, notice in enumerate(versions) if story.is_current(notice))
    found = dict.fromkeys(Hours.of(notice.event) for notice in versions[:current] if not story.hides(notice))
    return tuple(one for one in found if one != hours)


def _sequence(story: Story, versions: list[Notice]) -> int:
    """At least what each version claims, and one more than what came before it; a withdrawal counts as a change."""
    count = -1
    for notice in versions:
        claimed = notice.event.data.get("sequence", 0)
        count = max(count + 1, claimed if isinstance(claimed, int) else 0)
    return count + len(story.withdrawn() & {notice.row.id for notice in versions})
