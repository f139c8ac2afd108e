"""One notice of a thread, the state that all of them make, and the order in which they count (DESIGN §2.8)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tamani.core.catalogue import find_type
from tamani.core.catalogue.base import MessageType
from tamani.core.event import Event
from tamani.core.lifecycle import roles

# What is no word on its own: another one follows it, there is nothing in it to correct or take back.
NO_WORD = frozenset({"ack", "correction", "withdrawal"})


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
    `confirmed`); `settled` holds (id, entry) of each contested notice of which its author has said which content
    stands; `history` holds the indexes of the versions, oldest first; `no_effect` maps an index to the reason.
    Acknowledgements, answers and endorsements are (body, word, index), the last of each body (on each action);
    translations are (body, language, index). `owner` opened the thread; `possible` are the states from which the next
    act is judged.
    """

    current: Entry | None
    state: str
    status: str | None
    contested: bool
    settled: tuple[tuple[str, str], ...]
    history: tuple[int, ...]
    corrections: tuple[int, ...]
    acks: tuple[tuple[str, str, int], ...]
    answers: tuple[tuple[str, str, int], ...]
    endorsements: tuple[tuple[str, str, int], ...]
    translations: tuple[tuple[str, str, int], ...]
    no_effect: dict[int, str]
    owner: str | None
    possible: frozenset[str | None]

    def next_for(self, source: str) -> tuple[str, ...]:
        """What this body may do now: versions by their state, acts as `type:word`, in the order of the lifecycle."""
        kind = type_of(self.current) if self.current else None
        if kind is None or self.current is None or self.owner is None:
            return ()
        cycle, held = kind.lifecycle_of(self.current.event.profile), roles(source, self.owner, self.current.event.data)
        found = [act for state in sorted(self.possible, key=str) for act in cycle.next_for(state, held)]
        return tuple(dict.fromkeys(found))


def type_of(entry: Entry) -> MessageType | None:
    """The type, if this reader knows it: an older desk may meet what a newer region already archives."""
    found = find_type(entry.event.kind, entry.event.major)
    return None if isinstance(found, tuple) else found


def _unique(entries: Iterable[Entry]) -> list[Entry]:
    """Each notice once, at its lowest index, with every mark that any of its repeats bears."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        name = entry.event.source, entry.event.id
        other = found.get(name, entry)
        found[name] = replace(min(entry, other, key=lambda e: e.index), marks=entry.marks | other.marks)
    return list(found.values())


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Each notice once, by index; but the notices of one key fill their places in the order of its sequence."""
    by_index = sorted(_unique(entries), key=lambda e: e.index)
    streams: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in by_index:
        streams[entry.event.source, entry.keyid].append(entry)
    for stream in streams.values():
        stream.sort(key=lambda e: (int(e.event.sequence), e.index), reverse=True)
    return [streams[entry.event.source, entry.keyid].pop() for entry in by_index]
