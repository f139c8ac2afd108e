"""The states of a thread as data: how it may open, what may follow what, and who may say so.

A lifecycle speaks of two kinds of act: a *version* (the originator says the notice again with a state) and an *act* of
anybody entitled on that notice (`ack:accepted`, `exchange.answer:answered`). Node and projection read the same data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Who(StrEnum):
    """Who may make an act, seen from the thread."""

    ORIGINATOR = "originator"
    ADDRESSEE = "addressee"
    CONVENER = "convener"
    INVITED = "invited"
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Act:
    """`name` (`type:value`) by `who`, in any of the states `before` (separated by spaces), leads to `after`.

    Without `after` it moves nothing: a word that is worth knowing, such as whether one will come.
    """

    name: str
    who: Who
    before: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a thread lives. Lists of states are written with spaces between.

    `opens`: states in which a first version may stand; `versions`: for each state, those that the originator may say
    next; `acts`: what others may do; `asks`: words that move nothing and are asked of others in some states; `closed`,
    `cancelled`: states that end the thread, the second ones for good;
    `unsaid`: the state of a version that names none. With `free`, any version may follow any other, and it says why.
    """

    opens: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    asks: tuple[Act, ...] = ()
    closed: str = ""
    cancelled: str = ""
    unsaid: str = ""
    free: str = ""

    @property
    def states(self) -> frozenset[str]:
        """All states that a thread can be in."""
        return frozenset(self.versions) | {act.after for act in self.acts}

    @property
    def names(self) -> frozenset[str]:
        """The acts that mean something here."""
        return frozenset(act.name for act in self.acts)

    def may_say(self, state: str | None, said: str) -> bool:
        """Whether the originator may say a version in state `said` after `state` (nothing: the thread is new)."""
        return bool(self.free) or said in (self.opens if state is None else self.versions.get(state, "")).split()

    def act(self, name: str, state: str | None, roles: Iterable[Who]) -> Act | None:
        """The act of this name that somebody with these roles may make in this state."""
        held = set(roles)
        found = (act for act in self.acts if act.name == name and act.who in held and state in act.before.split())
        return next(found, None)

    def next_for(self, state: str | None, roles: Iterable[Who]) -> tuple[str, ...]:
        """What somebody with these roles may do now: versions by their state, acts by their name."""
        held = set(roles)
        versions = (self.opens if state is None else self.versions.get(state, "")).split()
        said = tuple(versions) if Who.ORIGINATOR in held else ()
        return said + tuple(act.name for act in self.acts if act.who in held and state in act.before.split())

    def reachable(self, states: Iterable[str | None]) -> frozenset[str | None]:
        """These states and all to which others' acts, which one may not know of, could have led from them."""
        found = set(states)
        while more := {act.after for act in self.acts if found & set(act.before.split())} - found:
            found |= more
        return frozenset(found)


def roles(source: str, owner: str, data: Mapping[str, Any]) -> frozenset[Who]:
    """What a body is to a thread of `owner` whose current version says `data`.

    Addressees are those of `addressed_to` and those in charge of `actions` (nobody named: anybody but the originator);
    the convener is the body of the `meeting` named, or the originator where none is.
    """
    held = {Who.ANYONE}
    if source == owner:
        held.add(Who.ORIGINATOR)
    named = {*(data.get("addressed_to") or ()), *(owner for owner, _what in charges(data))}
    if source in named or (not named and source != owner):
        held.add(Who.ADDRESSEE)
    meeting = data.get("meeting")
    if source == (meeting.get("source") if isinstance(meeting, dict) else owner):
        held.add(Who.CONVENER)
    return frozenset(held)


def charges(data: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Who has to do what, by `actions`; a later version of another type may mean something else by that word."""
    actions = data.get("actions")
    rows = (one for one in actions if isinstance(one, dict)) if isinstance(actions, list | tuple) else ()
    return frozenset((owner, str(one.get("text"))) for one in rows if isinstance(owner := one.get("owner"), str))
