"""What a notice asks of whom, until when; and whether a notice settles what was asked. Pure.

A request asks the bodies it is addressed to until its day; a convocation asks the bodies that it names whether they
will come, until the day by which it wants to know, else until it begins. Minutes that were approved ask the body in
charge of each action, until the action's day; actions are known by their text, so that their order does not matter.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tamani.core.event import Event, parse_time
from tamani.core.thread import thread_of

REQUEST, CONVOCATION, ANSWER = "exchange.request", "agenda.meeting", "exchange.answer"
MINUTES, FOLLOW_UP = ("agenda.record", "releve"), ("ack", "suite")
# The families of the threads in which something is asked.
FAMILIES = ("agenda", "exchange")
# The states of a convocation in which it wants to know who comes.
CONVENING = frozenset({"tentative", "confirmed", "postponed"})
# Words that end the wait for a body's answer. In part is a beginning; received and handled are none.
SETTLING = frozenset({"answered", "declined"})
COMING = frozenset({"will-attend", "will-not-attend", "other-date"})
# Minutes that were only drafted bind nobody; what they say is done, nobody waits for.
DECIDED, TO_DO = frozenset({"approved", "published"}), frozenset({"a-faire", "en-cours"})
# Words that end the wait for an action, until the same body says another.
ENDED = frozenset({"fait", "abandonne"})


@dataclass(frozen=True, slots=True)
class Demand:
    """`asked` are bodies; `due` the last day to answer; `until` the instant from which nobody asks any more.

    `what`: the action, where a notice asks for several things.
    """

    asked: tuple[str, ...]
    due: date | None
    until: datetime | None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A body's answer to a thread: whose thread it is, its subject, and to which of its actions.

    `ends`: nothing more is waited for; else it takes back that it was so.
    """

    owner: str
    thread: str
    what: str = ""
    ends: bool = True


def demands_of(event: Event) -> tuple[Demand, ...]:
    """What this version asks; nothing if it asks nobody in particular, or no longer."""
    if (event.kind, event.profile) == MINUTES:
        return _actions(event)
    one = _demand(event)
    return (one,) if one is not None else ()


def _demand(event: Event) -> Demand | None:
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


def _actions(event: Event) -> tuple[Demand, ...]:
    """Each thing to do by another body; said twice, it is to be done by the earlier day."""
    if event.data.get("status") not in DECIDED:
        return ()
    found: dict[tuple[str, str], Demand] = {}
    for one in event.data.get("actions") or ():
        who, what, due = one["owner"], one["text"], one.get("due")
        if who == event.source or one.get("progress", "a-faire") not in TO_DO:
            continue
        made = Demand((who,), date.fromisoformat(due) if due else None, None, what)
        other = found.get((who, what), made)
        found[who, what] = min(made, other, key=lambda demand: demand.due or date.max)
    return tuple(found.values())


def over(event: Event, now: datetime) -> bool:
    """Whether it is too late to ask: the meeting has begun."""
    return any(demand.until is not None and demand.until <= now for demand in demands_of(event))


def settled_by(event: Event) -> Settled | None:
    """What this notice settles for the body that says it."""
    if is_follow_up(event):
        return Settled(*thread_of(event), event.data["action"], event.data["level"] in ENDED)
    if event.kind != ANSWER or event.data.get("answer") not in SETTLING:
        return None
    return Settled(*thread_of(event))


def is_follow_up(event: Event) -> bool:
    """Whether it says what became of an action."""
    return (event.kind, event.profile) == FOLLOW_UP
