"""What a code was called on a day: regions are renamed and split, institutions follow one another, codes stay.

A notice keeps the name of its own day, and its reader is told that of today.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from tamani.core.codelists import Term, past_names, terms
from tamani.core.event import Event

# Members of data that say of which day a notice speaks, where that is not the day on which it is said; a later version
# of another type may mean something else by these words.
_OWN_DAY = {"agenda.meeting": "start", "agenda.record": "held_on"}


@dataclass(frozen=True, slots=True)
class Told:
    """A term as it was called on a day; what it is called today, or what stood there before, if by another name.

    `within`: what it was a part of on that day, of which several have been made since: no single one of them is what
    that is called today.
    """

    term: Term
    today: Term | None = None
    before: Term | None = None
    within: Term | None = None


def day_of(event: Event) -> date:
    """The day of which a notice speaks: that of the meeting, else that on which it was said."""
    given = event.data.get(_OWN_DAY.get(event.kind, ""))
    return date.fromisoformat(given[:10] if isinstance(given, str) else event.time[:10])


def told(name: str, code: str, day: date) -> Told | None:
    """How a list tells a code on a day; nothing if the code is in no such list."""
    term = terms(name).get(code)
    if term is None:
        return None
    earlier, now = predecessors(name, code), _latest(name, code)
    begun = term.more.get("valid_from", "") <= day.isoformat()
    then = term if begun else next((one for one in earlier if one.holds(day)), term)
    if len(then.more.get("successors", "").split()) > 1:
        return Told(now, within=then if then.fr != now.fr else None)
    before = next((one for one in earlier if one.fr != then.fr), None) if then is now else None
    return Told(then, now if now.fr != then.fr else None, before)


@cache
def predecessors(name: str, code: str) -> tuple[Term, ...]:
    """What stood where a term of a list stands now, the latest first; none in a list whose terms follow nothing."""
    match name:
        case "institutions":
            return past_names(code)
        case "areas":
            return tuple(one for one in terms("former_areas").values() if code in one.more["successors"].split())
    return ()


@cache
def _latest(name: str, code: str) -> Term:
    """The term that follows all others that followed this one."""
    last = terms(name)[code]
    while name == "institutions":
        after = next((one for one in terms(name).values() if one.more["predecessor"] == last.code), None)
        if after is None:
            break
        last = after
    return last
