"""The state of a thread as a function of the *set* of its notices, never of their arrival (DESIGN §2.8).

A thread belongs to the body that opened it (`thread_of`): nobody can take another's subject, or push its notices aside.
Notices of one key stand in the order of its own sequence. What a notice may change depends on who says it: versions,
corrections and withdrawals count only from the source that opened the thread; anyone entitled may acknowledge. What is
not allowed stays archived, has no effect, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tamani.core.catalogue import find_type
from tamani.core.catalogue.base import MessageType
from tamani.core.event import Event


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived notice of a thread: its place in the feed (or log), its marks, and the key that signed it.

    A sequence counts per key: a body that changes its key begins again at 1, so without `keyid` its new notices would
    stand before its old ones.
    """

    index: int
    event: Event
    marks: frozenset[str] = frozenset()
    keyid: str = ""


@dataclass(frozen=True, slots=True)
class ThreadState:
    """What a reader needs: the version in force, what became of the thread, who answered, and what had no effect.

    `state` is `open`, `closed`, `cancelled` or `withdrawn`; `status` is the type's own word for it (for instance
    `confirmed`); `history` holds the indexes of the versions, oldest first; `no_effect` maps an index to the reason.
    """

    current: Entry | None
    state: str
    status: str | None
    contested: bool
    history: tuple[int, ...]
    corrections: tuple[int, ...]
    acks: tuple[tuple[str, str, int], ...]
    no_effect: dict[int, str]


def thread_of(event: Event) -> tuple[str, str]:
    """The body whose thread this is, and the subject: a system notice joins the thread of what it speaks of."""
    kind = find_type(event.kind, event.major)
    match event.data:
        case {"target": {"source": str(source)}} if isinstance(kind, MessageType) and kind.system:
            return source, event.subject
        case _:
            return event.source, event.subject


def fold(entries: Iterable[Entry]) -> ThreadState:
    """The state of the thread that these notices make; the same for any order and for repeats."""
    ordered = _ordered(_unique(entries))
    fold_ = _Fold(_owner(ordered))
    for entry in ordered:
        fold_.take(entry)
    return fold_.done()


def _unique(entries: Iterable[Entry]) -> list[Entry]:
    """Each notice once, at its lowest index, with every mark that any of its repeats bears."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = entry.event.source, entry.event.id
        other = found.get(name, entry)
        found[name] = replace(min(entry, other, key=lambda e: e.index), marks=entry.marks | other.marks)
    return list(found.values())


def _ordered(entries: list[Entry]) -> list[Entry]:
    """By index; but the notices of one key fill the places that they hold in the order of its sequence."""
    by_index = sorted(entries, key=lambda e: e.index)
    streams: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in by_index:
        streams[entry.event.source, entry.keyid].append(entry)
    for stream in streams.values():
        stream.sort(key=lambda e: (int(e.event.sequence), e.index), reverse=True)
    return [streams[entry.event.source, entry.keyid].pop() for entry in by_index]


def _owner(entries: list[Entry]) -> tuple[str, str] | None:
    """Source and type that opened the thread: the earliest notice, by index, that is not a system one."""
    openers = [entry for entry in entries if (kind := _type(entry)) and not kind.system]
    if not openers:
        return None
    first = min(openers, key=lambda entry: entry.index)
    return first.event.source, first.event.type


def _type(entry: Entry) -> MessageType | None:
    """The type, if this reader knows it: an older desk may meet what a newer region already archives."""
    found = find_type(entry.event.kind, entry.event.major)
    return None if isinstance(found, tuple) else found


def _status(entry: Entry) -> str | None:
    kind = _type(entry)
    return kind.status_of(entry.event) if kind else None


class _Fold:
    """The accumulator; lives for one call of `fold`."""

    def __init__(self, owner: tuple[str, str] | None) -> None:
        self.owner = owner
        self.versions: list[Entry] = []
        self.withdrawn: set[str] = set()
        self.corrections: list[int] = []
        self.acks: dict[str, tuple[str, int]] = {}
        self.settled: set[str] = set()
        self.no_effect: dict[int, str] = {}
        self.late_withdrawals: list[tuple[Entry, str]] = []

    def take(self, entry: Entry) -> None:
        kind = entry.event.kind
        if _type(entry) is None:
            self.no_effect[entry.index] = "unknown-type"
        elif kind == "ack":
            self._ack(entry)
        elif self.owner is None or entry.event.source != self.owner[0]:
            self.no_effect[entry.index] = "not-the-originator"
        elif kind == "withdrawal":
            self.late_withdrawals.append((entry, self._target(entry)))
        elif kind == "correction":
            self.corrections.append(entry.index)
            self.settled.add(self._target(entry) if entry.event.data.get("settles") else "")
        elif entry.event.type != self.owner[1]:
            self.no_effect[entry.index] = "another-type"
        else:
            self.versions.append(entry)

    def _ack(self, entry: Entry) -> None:
        """The last answer of each body counts; they are taken in order."""
        self.acks[entry.event.source] = str(entry.event.data.get("level", "")), entry.index

    @staticmethod
    def _target(entry: Entry) -> str:
        target: dict[str, Any] = entry.event.data.get("target", {})
        return str(target.get("id", ""))

    def done(self) -> ThreadState:
        ids = {version.event.id for version in self.versions}
        for entry, target in self.late_withdrawals:
            if target in ids:
                self.withdrawn.add(target)
            else:
                self.no_effect[entry.index] = "nothing-to-withdraw"
        standing = self._standing()
        current = standing[-1] if standing else None
        return ThreadState(
            current=current or (self.versions[-1] if self.versions else None),
            state=self._state(current),
            status=_status(current) if current else None,
            contested=any("contested" in v.marks and v.event.id not in self.settled for v in self.versions),
            history=tuple(version.index for version in self.versions),
            corrections=tuple(self.corrections),
            acks=tuple((source, *answer) for source, answer in sorted(self.acks.items())),
            no_effect=self.no_effect,
        )

    def _standing(self) -> list[Entry]:
        """Versions not withdrawn; once one closes the thread by cancelling it, later ones have no effect."""
        standing: list[Entry] = []
        closed = False
        for version in self.versions:
            if closed:
                self.no_effect[version.index] = "after-cancellation"
            elif version.event.id not in self.withdrawn:
                standing.append(version)
                closed = _cancels(version)
        return standing

    def _state(self, current: Entry | None) -> str:
        if current is None:
            return "withdrawn" if self.versions else "open"
        if _cancels(current):
            return "cancelled"
        kind = _type(current)
        return "closed" if kind and _status(current) in kind.closing else "open"


def _cancels(entry: Entry) -> bool:
    return str(_status(entry)).lower() in {"cancel", "cancelled", "withdrawn"}
