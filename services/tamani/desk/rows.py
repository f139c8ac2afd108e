"""What reading gives: a row of the projection, and with its exact bytes a notice. Both know who may read them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row as SqlRow

from tamani.core.catalogue.sealed import in_sealed_thread
from tamani.core.envelope import Envelope, decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.policy import Reader, may_read
from tamani.core.thread import thread_of


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `record`."""

    feed_index: int
    public_index: int | None
    source: str
    id: str
    origin: str
    type: str
    profile: str
    thread: str
    system: bool
    tlp: str
    audience: tuple[str, ...]
    lang: str
    severity: str | None
    areas: tuple[str, ...]
    themes: tuple[str, ...]
    time: datetime
    expirytime: datetime | None
    recordedtime: datetime
    title: str
    marks: tuple[str, ...]

    @classmethod
    def of(cls, found: SqlRow[Any]) -> Self:
        """From a query that selects at least the columns of `record`."""
        values: dict[str, Any] = {name: getattr(found, name) for name in _NAMES}
        for name in ("audience", "areas", "themes", "marks"):
            values[name] = tuple(values[name])
        return cls(**values)

    def readable_by(self, reader: Reader) -> bool:
        """The policy's word on this row: every exit asks it, whatever SQL has filtered before."""
        return may_read(reader, self.source, self.tlp, " ".join(self.audience))

    def number(self, reader: Reader) -> int:
        """The number by which this reader counts: the feed's own for a body, the public one for anybody else."""
        return self.feed_index if reader.body is not None else self.public_index or 0


_NAMES = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Notice:
    """A row with the exact bytes it came from, and what they say."""

    row: Row
    value: bytes
    digest: str
    event: Event
    envelope: Envelope

    @property
    def thread(self) -> tuple[str, str]:
        """Whose thread it belongs to, and the subject."""
        return thread_of(self.event)

    @property
    def sealed(self) -> bool:
        """Whether it travelled sealed, or stands in a sealed thread: also once it is opened here, in memory."""
        return in_sealed_thread(self.row.thread)

    @classmethod
    def of(cls, found: SqlRow[Any]) -> Self:
        """From a query that selects `record` with the mirror's `envelope` and `digest`; verified when taken in."""
        value = bytes(found.envelope)
        envelope = decode_envelope(value)
        return cls(Row.of(found), value, found.digest, decode_event(envelope.payload), envelope)
