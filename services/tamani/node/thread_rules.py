"""Rules that need earlier notices of the same thread, checked before a notice is sealed.

A node alone knows only what was said through it: it refuses what no act of others could make possible. Beside a desk
(`known`) it refuses all that would have no effect. The projection decides again, from all the region has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from tamani.core.catalogue import catalogue, words
from tamani.core.catalogue.ack import JUDGED
from tamani.core.catalogue.base import MessageType
from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.deeds import OWN
from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import Event, decode_event
from tamani.core.names import partition_key
from tamani.core.stages import WRONG
from tamani.core.strict_json import BadJson
from tamani.core.thread import NO_ACTION, Entry, ThreadState, endorses_itself, fold, thread_of
from tamani.core.thread_state import NO_WORD
from tamani.node import rows
from tamani.node.drafts import Draft
from tamani.node.inheritance import check_label

_THREAD = frozenset({"after-cancellation", "another-type", "another-profile"})
_ROLE = frozenset({"not-the-addressee", "not-the-convener"})
_STATE = frozenset({"transition", "not-expected"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk beside this node knows: a thread (nothing if it cannot tell), and notices that are passed on."""

    thread: Sequence[Entry] | None = None
    about: Sequence[Event] = ()


ALONE = Known()


def check_thread(connection: Connection, event: Event, keyid: str, known: Known = ALONE) -> None:
    """Refuse what would have no effect, or would lower the marking of what it speaks of.

    Raises:
        RefusedError: `refused.originator`, `refused.policy.inherited`, `refused.thread`,
            `refused.transition[.role|.stage|.action]`.
    """
    check_target(connection, event, known)
    kind = catalogue()[event.kind]
    if _always_free(connection, event, kind):
        return
    earlier, alone = _earlier(connection, event, known), known.thread is None
    last = max((entry.index for entry in earlier), default=0) + 1
    after = fold([*earlier, Entry(last, event, keyid=keyid)], unseen=alone)
    why = after.no_effect.get(last)
    if why in _THREAD:
        raise RefusedError("refused.thread", why)
    if why in _ROLE:
        raise RefusedError("refused.transition.role", why)
    if why == WRONG:
        raise RefusedError("refused.transition.stage")
    if why == NO_ACTION:
        raise RefusedError("refused.transition.action")
    if why in _STATE:
        raise RefusedError("refused.transition", _what_now(fold(earlier, unseen=alone), event, kind))


def check_follows(connection: Connection, event: Event, follows: str | None, known: Known = ALONE) -> None:
    """Refuse a version made from one that is no longer in force: its author has not seen what it would undo.

    Raises:
        RefusedError: `refused.thread.changed`.
    """
    if follows is None:
        return
    current = fold(_earlier(connection, event, known), unseen=known.thread is None).current
    if current is not None and current.event.id != follows:
        raise RefusedError("refused.thread.changed", current.event.id)


def thread_named(source: str, draft: Draft) -> tuple[str, str] | None:
    """The body whose thread a draft is for, and its subject; nothing where the outbox alone can tell (by a target)."""
    target = draft.data.get("target")
    owner = (target.get("thread") or target.get("source")) if isinstance(target, dict) else source
    return (owner, draft.subject) if isinstance(owner, str) and draft.subject else None


def thread_in(value: bytes) -> tuple[str, str] | None:
    """The same for an envelope that was sealed elsewhere; nothing if it cannot be read, which the judge will say."""
    try:
        return thread_of(decode_event(decode_envelope(value).payload))
    except BadJson:
        return None


def cancels(event: Event) -> bool:
    """Whether this version cancels its thread."""
    kind = catalogue()[event.kind]
    return not kind.joins and kind.status_of(event) in kind.lifecycle_of(event.profile).cancelled.split()


def _always_free(connection: Connection, event: Event, kind: MessageType) -> bool:
    """Whether nothing said before can stand against it: a soft act, or a type without states on a plain thread."""
    if kind.system and kind.joins and event.profile not in JUDGED:
        return True
    plain = kind.lifecycle_of(event.profile).free and not kind.joins
    return bool(plain) and rows.thread_is_plain(connection, partition_key(event.source, event.subject), event.kind)


def _earlier(connection: Connection, event: Event, known: Known) -> list[Entry]:
    """What the desk knows of the thread, then what was said here."""
    told = known.thread or ()
    return [*told, *_said_here(connection, event, after=max((entry.index for entry in told), default=0))]


def _said_here(connection: Connection, event: Event, after: int) -> list[Entry]:
    """What this node has of the thread: its owner's notices and those of the body that speaks now."""
    thread = thread_of(event)
    keys = dict.fromkeys(partition_key(source, event.subject) for source in (thread[0], event.source))
    found = [row for key in keys for row in rows.thread(connection, key)]
    entries = [Entry(after + row.row_no, _event(row), keyid=row.keyid) for row in found]
    return [entry for entry in entries if thread_of(entry.event) == thread]


def check_target(connection: Connection, event: Event, known: Known = ALONE) -> None:
    """The part of it that asks about the notice that this one speaks of, also from within a sealed one.

    Raises:
        RefusedError: `refused.originator`, `refused.policy.inherited`, `refused.thread`, `refused.transition[.role]`.
    """
    match event.data:
        case {"target": {"source": str(source), "id": str(id_)} as reference}:
            pass
        case _:
            return
    if event.kind in OWN and source != event.source:
        raise RefusedError("refused.originator", source)
    if endorses_itself(event):
        raise RefusedError("refused.transition.role", "nul ne soutient ses propres avis / nobody endorses their own")
    target = rows.find(connection, source, id_)
    told = (one.event for one in known.thread or () if (one.event.source, one.event.id) == (source, id_))
    spoken = _event(target) if target is not None else next(told, None)
    if spoken is None:
        return
    check_label(event, spoken)
    if event.kind in OWN and spoken.kind in NO_WORD:
        label = catalogue()[spoken.kind].label
        raise RefusedError("refused.transition", f"{label.fr} : dites-en un autre / {label.en}: say another one")
    # A word on what was said in another body's thread must name that body, or it would land in no thread at all.
    # Whose thread a sealed notice joins, only its readers see.
    if spoken.kind != SEALED.name and (owner := thread_of(spoken)[0]) != reference.get("thread", source):
        raise RefusedError("refused.thread", f"target.thread = {owner}")


def _what_now(state: ThreadState, event: Event, kind: MessageType) -> str:
    """In both languages: where the thread stands, and what this body may say next."""
    allowed = state.next_for(event.source) if state.current else kind.lifecycle_of(event.profile).opens.split()
    known = words()

    def said(act: str, lang: str) -> str:
        label = known.get(f"level:{act.partition(':')[2]}") if ":" in act else known.get(f"status:{act}")
        return label.said(lang) if label else act

    fr, en = (", ".join(dict.fromkeys(said(act, lang) for act in allowed)) for lang in ("fr", "en"))
    return f"maintenant : {fr or 'rien'} / now: {en or 'nothing'}"


def _event(row: Row[Any]) -> Event:
    return decode_event(decode_envelope(row.value).payload)
