"""The state of a thread as a function of the *set* of its notices, never of their arrival (DESIGN §2.8).

A thread belongs to the body that opened it (`thread_of`): nobody can take another's subject, or push its notices aside.
Notices of one key stand in the order of its own sequence. What a notice may change depends on who says it: versions,
corrections and withdrawals count only from the source that opened the thread; others act on it (answers, decisions,
endorsements) as the type's lifecycle lets them. What is not allowed stays archived, has no effect, and says so.

Where a type's rows go along the stages of a law (`core.stages`), a version must go on from where the last one stood.

A withdrawn version may or may not have been: what follows it is allowed if either past allows it. So a cancellation
that is taken back bars nothing, and taking an early version back spoils none of the later ones.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tamani.core.catalogue import find_type
from tamani.core.catalogue.ack import JUDGED
from tamani.core.catalogue.base import MessageType
from tamani.core.event import Event
from tamani.core.lifecycle import Act, Lifecycle, Who, charges, roles
from tamani.core.stages import wrong_move
from tamani.core.thread_state import NO_WORD, Entry, ThreadState, in_order, type_of

__all__ = ["NO_ACTION", "Entry", "ThreadState", "endorses_itself", "fold", "thread_of"]

# Why a follow-up has no effect: the minutes charge the body that says it with no action in these words.
NO_ACTION = "no-such-action"


def thread_of(event: Event) -> tuple[str, str]:
    """The body whose thread this is, and the subject: what has a target joins the thread of that."""
    kind = find_type(event.kind, event.major)
    match event.data:
        case {"target": {"source": str(source)} as target} if isinstance(kind, MessageType) and kind.joins:
            return str(target.get("thread") or source), event.subject
        case _:
            return event.source, event.subject


def endorses_itself(event: Event) -> bool:
    """Whether a body lends its name to a word of its own, which adds nothing to it."""
    target = event.data.get("target")
    return event.kind == "endorsement" and isinstance(target, dict) and target.get("source") == event.source


def fold(entries: Iterable[Entry], *, unseen: bool = False) -> ThreadState:
    """The state of the thread that these notices make; the same for any order and for repeats.

    With `unseen`, acts of others may be missing here (a node knows its own country's only): whatever they could have
    led to counts as possible.
    """
    return _Fold(in_order(entries), unseen=unseen).run()


def _opener(entries: list[Entry]) -> Entry | None:
    """The notice that opened the thread: the earliest, by index, that does not join another's."""
    openers = [entry for entry in entries if (kind := type_of(entry)) and not kind.joins]
    return min(openers, key=lambda entry: entry.index, default=None)


Name = tuple[str, str]
# A body, and the words of what it has to do.
Charge = tuple[str, str]


class _Fold:
    """The accumulator; lives for one call of `fold`."""

    def __init__(self, ordered: list[Entry], *, unseen: bool) -> None:
        self._ordered = ordered
        self._unseen = unseen
        self._opener = _opener(ordered)
        self._cycle = Lifecycle(free="nothing opened this thread")
        self._kind = type_of(self._opener) if self._opener else None
        if self._kind and self._opener:
            self._cycle = self._kind.lifecycle_of(self._opener.event.profile)
        self._versions = [entry for entry in ordered if self._misfit(entry) is None]
        self._said = {_name(entry) for entry in (*self._versions, *filter(_is_word_of_another, ordered))}
        self._withdrawn: set[Name] = set()
        self._contents = _contents(ordered)
        self._settled: dict[Name, str] = {}
        self._corrections: list[int] = []
        self._standing: list[Entry] = []
        # Who was charged with what by some version, taken back or not.
        self._charged: set[Charge] = set()
        self._possible: frozenset[str | None] = frozenset({None})
        self._shown: str | None = None
        # The versions from which the next one may go on; nothing, before the first.
        self._pasts: list[Entry | None] = [None]
        self._told: dict[str, dict[Name, tuple[str, str, int]]] = defaultdict(dict)
        self._no_effect: dict[int, str] = {}

    def run(self) -> ThreadState:
        """Withdrawals and corrections first, since their place does not matter; then the line of versions and acts."""
        for entry in self._ordered:
            self._take_back(entry)
        for entry in self._ordered:
            self._step(entry)
        return self._done()

    def _misfit(self, entry: Entry) -> str | None:
        """Nothing if the entry is a version of this thread; else why it is none."""
        kind, first = type_of(entry), self._opener
        if kind is None:
            return "unknown-type"
        if kind.joins:
            return "act"
        if first is None or entry.event.source != first.event.source:
            return "not-the-originator"
        if entry.event.type != first.event.type:
            return "another-type"
        same = kind.model_of(entry.event.profile) is kind.model_of(first.event.profile)
        return None if same and kind.lifecycle_of(entry.event.profile) == self._cycle else "another-profile"

    def _take_back(self, entry: Entry) -> None:
        """A withdrawal or a correction: of one's own words only."""
        if entry.event.kind not in {"withdrawal", "correction"} or type_of(entry) is None:
            return
        source, target = entry.event.source, _target(entry)
        owner = self._opener.event.source if self._opener else None
        speaks = source == owner or any(source == other for other, _ in self._said)
        if owner is None or target[0] != source or not speaks:
            self._no_effect[entry.index] = "not-the-originator"
        elif entry.event.kind == "correction":
            self._corrections.append(entry.index)
            self._settle(target, entry.event.data.get("settles"))
        elif target in self._said:
            self._withdrawn.add(target)
        else:
            self._no_effect[entry.index] = "nothing-to-withdraw"

    def _settle(self, target: Name, content: str | None) -> None:
        """The last choice among the contents that the archive found under one id; another digest chooses nothing."""
        if content in self._contents.get(target, ()):
            self._settled[target] = str(content)

    def _step(self, entry: Entry) -> None:
        misfit = self._misfit(entry)
        if self._unseen:
            self._possible = self._cycle.reachable(self._possible)
        if misfit is None:
            self._version(entry)
        elif misfit != "act":
            self._no_effect[entry.index] = misfit
        elif entry.event.kind not in {"withdrawal", "correction"}:
            self._act(entry)

    def _version(self, entry: Entry) -> None:
        said = _status(entry)
        if not any(self._cycle.may_say(state, said or "") for state in self._possible):
            ended = self._shown in self._cycle.cancelled.split()
            self._no_effect[entry.index] = "after-cancellation" if ended else "transition"
        elif all(why := [self._wrong_move(past, entry) for past in self._pasts]):
            self._no_effect[entry.index] = str(why[0])
        elif _name(entry) in self._withdrawn:
            self._charged |= charges(entry.event.data)
            self._possible |= {said}
            self._pasts.append(entry)
        else:
            self._charged |= charges(entry.event.data)
            self._standing.append(entry)
            self._pasts = [entry]
            self._possible, self._shown = frozenset({said}), said

    def _wrong_move(self, past: Entry | None, entry: Entry) -> str | None:
        rows = self._kind.steps if self._kind else ""
        if past is None or not rows:
            return None
        return wrong_move(past.event.data.get(rows, ()), entry.event.data.get(rows, ()))

    def _act(self, entry: Entry) -> None:
        """What another does on the thread; soft words (received, will come) are kept even where they move nothing."""
        kind = type_of(entry)
        word = str(entry.event.data.get(kind.says, "")) if kind else ""
        name = f"{entry.event.kind}:{word}"
        if name in self._cycle.names and not self._of_this_profile(entry):
            self._no_effect[entry.index] = "another-profile"
            return
        if endorses_itself(entry.event):
            self._no_effect[entry.index] = "own-words"
            return
        held = self._roles(entry.event.source)
        # The state that is shown first: where several are possible, its act is the one that is told.
        states = sorted(self._possible, key=lambda state: (state != self._shown, str(state)))
        found: list[Act] = [act for state in states if (act := self._cycle.act(name, state, held))]
        gone, follows = _name(entry) in self._withdrawn, _is_follow_up(entry)
        if found and follows and _charge(entry) not in self._charged:
            self._no_effect[entry.index] = NO_ACTION
            return
        if found and (gone or (follows and not self._still_charges(entry))):
            self._possible |= {act.after for act in found}
        elif found:
            self._possible, self._shown = frozenset(act.after for act in found), found[0].after
        elif not gone and _must_move(entry) and self._opener is not None:
            self._no_effect[entry.index] = self._why_not(name, held)
            return
        if not gone:
            key = entry.event.source, word if entry.event.kind == "translation" else _about(entry)
            self._told[entry.event.kind][key] = entry.event.source, word, entry.index

    def _of_this_profile(self, entry: Entry) -> bool:
        """An answer is of the profile of what it answers; system acts are of all."""
        kind, first = type_of(entry), self._opener
        return kind is None or kind.system or first is None or entry.event.profile == first.event.profile

    def _roles(self, source: str) -> frozenset[Who]:
        said = self._standing or self._versions
        return roles(source, self._opener.event.source, said[-1].event.data) if self._opener and said else frozenset()

    def _still_charges(self, entry: Entry) -> bool:
        """Whether a version that stands charges this body with the action that it speaks of, word for word."""
        return any(_charge(entry) in charges(said.event.data) for said in self._standing)

    def _why_not(self, name: str, held: frozenset[Who]) -> str:
        whose = {act.who for act in self._cycle.acts if act.name == name}
        if not whose:
            return "not-expected"
        return "transition" if whose & held else f"not-the-{min(whose)}"

    def _done(self) -> ThreadState:
        current = self._standing[-1] if self._standing else None
        versions = self._versions
        return ThreadState(
            current=current or (versions[-1] if versions else None),
            state=self._state(current),
            status=self._shown,
            contested=any("contested" in v.marks and _name(v) not in self._settled for v in versions),
            settled=tuple(sorted((id_, content) for (_source, id_), content in self._settled.items())),
            history=tuple(version.index for version in versions),
            corrections=tuple(self._corrections),
            acks=self._listed("ack"),
            answers=self._listed("exchange.answer"),
            endorsements=self._listed("endorsement"),
            translations=self._listed("translation"),
            no_effect=dict(sorted(self._no_effect.items())),
            owner=self._opener.event.source if self._opener else None,
            possible=self._possible,
        )

    def _listed(self, kind: str) -> tuple[tuple[str, str, int], ...]:
        return tuple(told for _, told in sorted(self._told[kind].items()))

    def _state(self, current: Entry | None) -> str:
        if current is None:
            return "withdrawn" if any(_name(version) in self._withdrawn for version in self._versions) else "open"
        if self._shown in self._cycle.cancelled.split():
            return "cancelled"
        return "closed" if self._shown in self._cycle.closed.split() else "open"


def _name(entry: Entry) -> Name:
    return entry.event.source, entry.event.id


def _target(entry: Entry) -> Name:
    target: dict[str, Any] = entry.event.data.get("target", {})
    return str(target.get("source", "")), str(target.get("id", ""))


def _contents(entries: Iterable[Entry]) -> dict[Name, list[str]]:
    """The contents of one id, as the archive names them (`system.contest`)."""
    found: dict[Name, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.event.kind == "system.contest" and type_of(entry) is not None:
            found[_target(entry)] += [entry.event.data["first_entry"], entry.event.data["second_entry"]]
    return dict(found)


def _status(entry: Entry) -> str | None:
    kind = type_of(entry)
    return kind.status_of(entry.event) if kind else None


def _is_word_of_another(entry: Entry) -> bool:
    """A notice on another's thread that says something of its own, so that its body can take it back."""
    kind = type_of(entry)
    return kind is not None and kind.joins and kind.name not in NO_WORD


def _about(entry: Entry) -> str:
    """Of what is said of one part of a notice: which. Each body's last word on each of them counts."""
    return str(entry.event.data.get("action") or "") if _is_follow_up(entry) else ""


def _charge(entry: Entry) -> Charge:
    return entry.event.source, _about(entry)


def _is_follow_up(entry: Entry) -> bool:
    return (entry.event.kind, entry.event.profile) == ("ack", "suite")


def _must_move(entry: Entry) -> bool:
    """An answer or a decision that changes nothing has no effect; that something was received is worth knowing."""
    judged = entry.event.kind == "ack" and entry.event.profile in JUDGED
    return entry.event.kind == "exchange.answer" or judged
