"""What a body may do on a notice: read from the lifecycle of its type and the state of its thread, and nowhere else.

Versions, and moves along the stages, are its originator's; acts and answers whoever's the lifecycle says; a body takes
back and corrects its own words; whoever reads a notice may translate it, and whoever did not say it lend it their name.
"""

from dataclasses import dataclass
from typing import get_args

from tamani.core.catalogue import catalogue, find_type
from tamani.core.catalogue.base import MessageType
from tamani.core.codelists import next_stages
from tamani.core.event import Event
from tamani.core.lifecycle import Lifecycle, Who, roles
from tamani.core.thread_state import NO_WORD, ThreadState

VERSION, STEP, TRANSLATION, ENDORSEMENT = "version", "step", "translation", "endorsement"
OWN = ("correction", "withdrawal")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do. `what` is `version`, `step` or the type of the notice that joins the thread.

    `word` is the state of the version, the country of the step, or the act's own word (`will-attend`); empty where the
    form asks for it. `kind` and `profile` are those of the notice that will be said.
    """

    what: str
    kind: str
    profile: str
    word: str = ""

    @property
    def name(self) -> str:
        """What stands for it in an address: `version:postponed`, `ack:handled`, `withdrawal`."""
        return f"{self.what}:{self.word}" if self.word else self.what


def deeds(state: ThreadState, notice: Event, body: str, *, hidden: bool = False) -> tuple[Deed, ...]:
    """What this body may do on this notice of the thread; nothing on one that was taken back or cannot be read here."""
    kind = find_type(notice.kind, notice.major)
    if isinstance(kind, tuple) or kind.opaque or hidden:
        return ()
    found: list[Deed] = []
    if state.current is not None and state.current.event == notice and state.owner is not None:
        cycle = kind.lifecycle_of(notice.profile)
        if body == state.owner:
            found += _versions(state, kind, cycle, notice)
        found += _acts(state, cycle, notice, body)
        found.append(_single(TRANSLATION))
        if body != state.owner:
            found.append(_single(ENDORSEMENT))
    if body == notice.source and notice.kind not in NO_WORD:
        found += [_single(name) for name in OWN]
    return tuple(found)


def _versions(state: ThreadState, kind: MessageType, cycle: Lifecycle, notice: Event) -> list[Deed]:
    """The present state first: that is an update. Without states, the form asks for the word."""
    words = [""] if cycle.free else [word for word in state.next_for(notice.source) if ":" not in word]
    made = [Deed(VERSION, notice.kind, notice.profile, word) for word in words]
    steps = notice.data.get(kind.steps, ()) if kind.steps and any(word == state.status for word in words) else ()
    moves = [Deed(STEP, notice.kind, notice.profile, row["country"]) for row in steps if next_stages(row["stage"])]
    return moves + sorted(made, key=lambda deed: deed.word != state.status)


def _acts(state: ThreadState, cycle: Lifecycle, notice: Event, body: str) -> list[Deed]:
    """Acts that move the thread, then words that are asked for: never of the originator."""
    names = [name for name in state.next_for(body) if ":" in name]
    if body != state.owner:
        held = roles(body, state.owner or "", notice.data) | ({Who.INVITED} if body in notice.readers else set())
        names += [act.name for act in cycle.asks if act.who in held and state.status in act.before.split()]
    parts = [name.partition(":") for name in dict.fromkeys(names)]
    return [Deed(what, what, profile_with(what, word, notice.profile), word) for what, _, word in parts]


def profile_with(what: str, word: str, profile: str) -> str:
    """The profile under which a joining type says this word: that of the notice where it can, as an answer must."""
    kind = catalogue()[what]
    able = [one for one in kind.profiles if word in words_of(kind, one)]
    return profile if profile in able else able[0]


def words_of(kind: MessageType, profile: str) -> tuple[str, ...]:
    """The words that a joining type can say under a profile; none where they are not a list."""
    return tuple(str(word) for word in get_args(kind.model_of(profile).model_fields[kind.says].annotation))


def _single(name: str) -> Deed:
    return Deed(name, name, next(iter(catalogue()[name].profiles)))
