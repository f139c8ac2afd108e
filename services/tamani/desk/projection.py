"""From an entry of the feed to what a desk can search: verified again, then reduced to a row. Pure; it never raises.

An entry that cannot be shown is still an answer: `Unreadable`, with its code. It stops nobody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tamani.core.catalogue import find_type
from tamani.core.erasure.confirming import confirmed_in
from tamani.core.erasure.officers import check_officers
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import RefusedError
from tamani.core.event import UUID7, Event
from tamani.core.feed import ERASED, FeedEntry
from tamani.core.judge import verify_again
from tamani.core.names import SOURCE
from tamani.core.registry import Registry
from tamani.core.verdict import Refuse
from tamani.desk.themes import themes_of
from tamani.desk.words import Words, words_of


@dataclass(frozen=True, slots=True)
class Projected:
    """A verified notice as the table `record` keeps it; its numbers are given when it is stored."""

    event: Event
    recordedtime: str
    marks: tuple[str, ...]
    system: bool
    words: tuple[Words, ...]

    @property
    def public(self) -> bool:
        """Whether everybody may read it."""
        return self.event.tlp == "CLEAR"

    @property
    def agenda(self) -> tuple[str | None, str | None] | None:
        """From when to when a meeting is; no hours for a withdrawal in the calendar; nothing for anything else."""
        if self.event.kind == "agenda.meeting":
            return self.event.data["start"], self.event.data["end"]
        in_agenda = self.event.kind == "withdrawal" and self.event.subject.startswith("agenda/")
        return (None, None) if in_agenda else None

    def columns(self) -> dict[str, Any]:
        """The searchable columns. Times stay as they were written: PostgreSQL reads them faster than we could."""
        event = self.event
        return {
            "source": event.source,
            "id": event.id,
            "origin": str(event.country),
            "type": event.kind,
            "profile": event.profile,
            "thread": event.subject,
            "system": self.system,
            "tlp": event.tlp,
            "audience": event.readers,
            "lang": event.lang,
            "severity": _text(event.data.get("severity")),
            "areas": event.head.get("areas", ()),
            "themes": themes_of(event),
            "time": event.time,
            "expirytime": event.expirytime,
            "recordedtime": self.recordedtime,
            "title": _text(event.head.get("title")) or event.subject,
            "marks": self.marks,
        }


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark set on an earlier notice."""

    source: str
    id: str
    mark: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that cannot be shown, and why."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """An entry that the archive told without its content: nobody of this origin may read it any more."""


@dataclass(frozen=True, slots=True)
class Erased:
    """An order of two officers that holds: the notice must go."""

    signed: SignedOrder


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A node's signed word that orders were carried out: the order's name in the log (hex), and where."""

    keyid: str
    parts: tuple[tuple[str, str], ...]


Outcome = Projected | Marked | Unreadable | Withheld | Erased | Confirmed


def project(entry: FeedEntry, registry: Registry) -> Outcome:
    """What becomes of an entry: a row, a mark, nothing, or an unreadable one."""
    if entry.envelope is not None:
        return _project_envelope(entry, entry.envelope.encode(), registry)
    if entry.source is not None and entry.id is not None and entry.mark is not None:
        known = SOURCE.fullmatch(entry.source) and UUID7.fullmatch(entry.id)
        if not known:
            return Unreadable("failed.feed", "mark")
        if entry.document is not None:
            return _project_document(entry, entry.document.encode(), registry)
        return Marked(entry.source, entry.id, entry.mark)
    # Its digest is what holds the chain together: an entry that lacks even that could not be read.
    return Withheld() if entry.digest else Unreadable("failed.feed", "no digest")


def _project_document(entry: FeedEntry, value: bytes, registry: Registry) -> Outcome:
    """What a mark of an erasure carries: the officers' order, or a node's word. The archive's word erases nothing."""
    at = recorded_time(entry)
    if at is None:
        return Unreadable("failed.feed", "recordedtime")
    if entry.mark == ERASED:
        try:
            signed = decode_order(value)
            check_officers(signed, registry, at, in_office=False)
        except RefusedError as error:
            return Unreadable(error.code.name, error.detail)
        named = (signed.order.source, signed.order.id) == (entry.source, entry.id)
        return Erased(signed) if named else Unreadable("refused.erasure.digest", "mark")
    verdict = verify_again(value, registry)
    if isinstance(verdict, Refuse):
        return Unreadable(verdict.name, verdict.detail)
    parts = tuple((order.hex(), str(part)) for order, part in confirmed_in(verdict.event, verdict.row.node))
    return Confirmed(verdict.row.keyid, parts)


def _project_envelope(entry: FeedEntry, value: bytes, registry: Registry) -> Outcome:
    verdict = verify_again(value, registry)
    if isinstance(verdict, Refuse):
        return Unreadable(verdict.name, verdict.detail)
    if verdict.digest.hex() != entry.digest:
        return Unreadable("failed.feed", "digest")
    if recorded_time(entry) is None:
        return Unreadable("failed.feed", "recordedtime")
    kind = find_type(verdict.event.kind, verdict.event.major)
    system = isinstance(kind, tuple) or kind.system
    words = tuple(words_of(verdict.event, registry))
    return Projected(verdict.event, entry.recordedtime, entry.marks, system, words)


def recorded_time(entry: FeedEntry) -> datetime | None:
    """The archive's instant, or nothing if it does not read as one."""
    try:
        found = datetime.fromisoformat(entry.recordedtime)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
