"""Every state × event × role of every lifecycle, made from the catalogue: what is tried, from where, and what is right.

A state is reached by the shortest allowed way. Events are versions in each status that the model can bear, the acts of
other types (`ack:accepted`, `exchange.answer:declined`), and what may be said of any notice: withdrawal, correction (of
each body's last word on the thread), translation, endorsement. Roles are bodies that are this or that to the thread:
the one whose it is, others that have a part in it (addressee, convener), and one that has none.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.lifecycle import Lifecycle, Who
from tests.support.notices import (
    COMMISSION_ML,
    OBSERVATORY_ML,
    PROFILES,
    TOWN_ML,
    data_of,
    id_of,
)

OWNER = COMMISSION_ML
CONVENER = OBSERVATORY_ML
STRANGER = TOWN_ML
ADDRESSEE = "/ml/destinataire"
SPEAKERS = {OWNER: Who.ORIGINATOR, ADDRESSEE: Who.ADDRESSEE, CONVENER: Who.CONVENER, STRANGER: Who.ANYONE}
# Acts that others can make on a thread, whatever its type: (type, profile, word).
ACTS = tuple(
    (name, profile, str(word))
    for name in ("ack", "exchange.answer")
    for profile in catalogue()[name].profiles
    for word in catalogue()[name].model_of(profile).model_json_schema()["properties"][catalogue()[name].says]["enum"]
)


TAKING_BACK = ("withdrawal", "correction")
# What is no word of its own: another one follows it, nobody takes it back.
FOLLOWED = ("ack", *TAKING_BACK)


@dataclass(frozen=True)
class Say:
    """One notice of a story: who, which type and profile, and the data that differ from the smallest.

    `of` names the body whose last word on the thread it speaks of; without, it speaks of the first version.
    """

    source: str
    kind: str
    profile: str
    data: dict[str, Any]
    of: str | None = None

    @property
    def act(self) -> str:
        """Its name in a lifecycle: a status, or `type:word`."""
        found = catalogue()[self.kind]
        if self.of is not None:
            return f"{self.kind} of the {SPEAKERS[self.of]}'s"
        return f"{self.kind}:{self.data[found.says]}" if found.joins else str(self.data[found.status[0]])


@dataclass(frozen=True)
class Cell:
    """One field of the matrix: the way to the state, what is then said, and whether it may be."""

    kind: str
    profile: str
    state: str | None
    path: tuple[Say, ...]
    last: Say
    allowed: bool

    @property
    def moves(self) -> bool:
        """Whether a lifecycle decides of it: a version, a decision, an answer. All else leaves the state as it is."""
        soft = self.last.kind == "ack" and self.last.profile not in {"decision", "suite"}
        return not soft and self.last.kind not in {*TAKING_BACK, "translation", "endorsement"}

    def __str__(self) -> str:
        return f"{self.kind}:{self.profile} {self.state} × {self.last.act} × {SPEAKERS[self.last.source]}"


def opening(kind: str, profile: str, status: str) -> Say:
    """A version by the originator. Addressee and convener are others, where the type knows them."""
    found = catalogue()[kind]
    data = data_of(kind, profile=profile)
    fields = found.model_of(profile).model_fields
    if found.status:
        data[found.status[0]] = status
    if "addressed_to" in fields:
        data["addressed_to"] = [ADDRESSEE]
    if "actions" in fields:
        data["actions"] = [{"text": "Transmettre le tableau", "owner": ADDRESSEE}]
    if kind == "agenda.item":
        data["meeting"] = {"source": CONVENER, "id": id_of(9)}
    if status == "verified" and "verify_by" in fields:
        data |= {"verified_on": "2026-01-10", "verify_by": "2026-07-10"}
    return Say(OWNER, kind, profile, data)


def act(source: str, name: str, profile: str, word: str) -> Say:
    """Something that a body does on the thread; its target is filled in by whoever plays it."""
    found = catalogue()[name]
    data = data_of(name, profile=profile) | {found.says: word}
    if word == "other-date":
        data["proposed"] = "2026-04-21T09:00:00Z"
    if name == "exchange.answer":
        data |= _answering(profile, word)
    return Say(source, name, profile, data)


def _answering(profile: str, word: str) -> dict[str, Any]:
    more: dict[str, Any] = {} if profile == "mise-en-relation" else {"text": "Voici pourquoi."}
    if profile == "mise-en-relation":
        more["contact"] = "impossible" if word == "declined" else "etabli"
    if profile == "avis":
        more["opinion"] = "reserves" if word == "answered" else None
    return {name: value for name, value in more.items() if value is not None}


@cache
def lifecycles() -> tuple[tuple[str, str, Lifecycle], ...]:
    """Each lifecycle that forbids something, once for each model that it holds for: type, a profile, the lifecycle."""
    found = {}
    for kind, profile in reversed(PROFILES):
        type_ = catalogue()[kind]
        if not type_.lifecycle_of(profile).free:
            found[kind, type_.model_of(profile)] = (kind, profile, type_.lifecycle_of(profile))
    return tuple(reversed(found.values()))


def free() -> dict[str, str]:
    """Types (and profiles) without states, and why."""
    return {
        f"{kind}:{profile}": why for kind, profile in PROFILES if (why := catalogue()[kind].lifecycle_of(profile).free)
    }


def cells() -> Iterator[Cell]:
    """The whole matrix."""
    for kind, profile, cycle in lifecycles():
        for state, path in _ways(kind, profile, cycle).items():
            for last in _events(kind, profile):
                yield Cell(kind, profile, state, path, last, _right(cycle, profile, state, last))
            yield from _on_words(kind, profile, state, path)
    for kind, profile in stateless():
        first = opening(kind, profile, catalogue()[kind].lifecycle_of(profile).closed.split()[0])
        yield from _on_words(kind, profile, first.act, (first,))


def stateless() -> tuple[tuple[str, str], ...]:
    """Types, with a profile, whose versions follow one another freely: their threads have acts and no states."""
    found = {kind: profile for kind, profile in reversed(PROFILES) if f"{kind}:{profile}" in free()}
    return tuple(
        (kind, profile) for kind, profile in found.items() if not catalogue()[kind].joins and catalogue()[kind].archived
    )


def _on_words(kind: str, profile: str, state: str | None, path: tuple[Say, ...]) -> Iterator[Cell]:
    """What may be said of the words of a thread, whatever its state; where nothing was said, there is no word."""
    for source in SPEAKERS if path else ():
        for of in dict.fromkeys(said.source for said in path):
            word = [said for said in path if said.source == of][-1]
            for name in TAKING_BACK:
                right = source == of and word.kind not in FOLLOWED
                yield Cell(kind, profile, state, path, _of_a_word(source, name, of), right)
        yield Cell(kind, profile, state, path, act(source, "translation", "traduction", "ha"), True)
        for support in ("full", "reserved", "ended"):
            said = act(source, "endorsement", "soutien", support)
            yield Cell(kind, profile, state, path, said, source != OWNER)  # nobody endorses their own


def _of_a_word(source: str, name: str, of: str) -> Say:
    return Say(source, name, next(iter(catalogue()[name].profiles)), data_of(name), of)


def _right(cycle: Lifecycle, profile: str, state: str | None, last: Say) -> bool:
    """What the data say, read the plain way."""
    if not catalogue()[last.kind].joins:
        return last.act in (cycle.opens if state is None else cycle.versions[state]).split()
    if state is None or (last.kind == "ack" and last.profile not in {"decision", "suite"}):
        return True  # a soft word, or nothing here to judge it by
    if last.kind == "exchange.answer" and last.profile != profile:
        return False  # an opinion answers no question
    roles = {SPEAKERS[last.source], Who.ANYONE}
    return any(a.name == last.act and a.who in roles and state in a.before.split() for a in cycle.acts)


def _events(kind: str, profile: str) -> Iterator[Say]:
    found = catalogue()[kind]
    for status in found.model_of(profile).model_json_schema()["properties"][found.status[0]]["enum"]:
        yield opening(kind, profile, str(status))
    for source in SPEAKERS:
        for name, of_act, word in ACTS:
            yield act(source, name, of_act, word)


def _ways(kind: str, profile: str, cycle: Lifecycle) -> dict[str | None, tuple[Say, ...]]:
    """The shortest story to each state."""
    ways: dict[str | None, tuple[Say, ...]] = {None: ()}
    waiting: deque[str | None] = deque([None])
    while waiting:
        state = waiting.popleft()
        for after, said in _steps(kind, profile, cycle, state):
            if after not in ways:
                ways[after] = (*ways[state], said)
                waiting.append(after)
    return ways


def _steps(kind: str, profile: str, cycle: Lifecycle, state: str | None) -> Iterator[tuple[str, Say]]:
    for status in (cycle.opens if state is None else cycle.versions[state]).split():
        yield status, opening(kind, profile, status)
    for one in cycle.acts:
        if state in one.before.split():
            name, _, word = one.name.partition(":")
            of_act = profile if name == "exchange.answer" else _profile_with(word)
            yield one.after, act({who: s for s, who in SPEAKERS.items()}[one.who], name, of_act, word)


def _profile_with(word: str) -> str:
    return next(profile for name, profile, of_word in ACTS if name == "ack" and of_word == word)
