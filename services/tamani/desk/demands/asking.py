"""What a notice asks of whom, until when; and whether a notice settles what was asked. Pure.

A request asks the bodies it is addressed to until its day; a convocation asks the bodies that it names whether they
will come, until the day by which it wants to know, else until it begins.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tamani.core.event import Event, parse_time
from tamani.core.thread import thread_of

REQUEST, CONVOCATION, ANSWER = "exchange.request", "agenda.meeting", "exchange.answer"
# The states of a convocation in which it wants to know who comes.
CONVENING = frozenset({"tentative", "confirmed", "postponed"})
# Words that end the wait for a body's answer. In part is a beginning; received and handled are none.
SETTLING = frozenset({"answered", "declined"})
COMING = frozenset({"will-attend", "will-not-attend", "other-date"})


@dataclass(frozen=True, slots=True)
class Demand:
    """`asked` are bodies; `due` the last day to answer; `until` the instant from which nobody asks any more."""

    asked: tuple[str, ...]
    due: date | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A body's answer to a thread: whose thread it is, and its subject."""

    owner: str
    thread: str


def demand_of(event: Event) -> Demand | None:
    """What this version asks; nothing if it asks nobody in particular, or no longer."""
    match event.kind, event.data.get("status"):
        case (kind, "asked") if kind == REQUEST:
            asked, due, until = event.data.get("addressed_to") or (), event.data.get("due"), None
        case (kind, status) if kind == CONVOCATION and status in CONVENING:
            start = str(event.data["start"])
            asked, until = event.readers, parse_time(start)
            due = min(str(event.data.get("reply_by") or start)[:10], start[:10])
        case _:
            return None
    others = tuple(sorted(set(asked) - {event.source}))
    return Demand(others, date.fromisoformat(str(due)) if due else None, until) if others else None


def over(event: Event, now: datetime) -> bool:
    """Whether it is too late to ask: the meeting has begun."""
    demand = demand_of(event)
    return demand is not None and demand.until is not None and demand.until <= now


def settled_by(event: Event) -> Settled | None:
    """What this notice settles for the body that says it."""
    if event.kind != ANSWER or event.data.get("answer") not in SETTLING:
        return None
    return Settled(*thread_of(event))
