"""A country's feed as the archive would publish it: contiguous, chained, with exact envelopes."""

import hashlib
from datetime import UTC, datetime, timedelta

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event
from tamani.core.feed import FeedEntry
from tests.support.notices import Speaker, seal

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Feed:
    """Appends to a feed and remembers it, so that it can be published, caught up with, or rewritten."""

    def __init__(self, epoch: int = 1) -> None:
        self.epoch = epoch
        self.entries: list[FeedEntry] = []
        self.voices: dict[str, Speaker] = {}

    @property
    def head(self) -> int:
        """The last number."""
        return len(self.entries)

    def say(self, kind: str = "agenda.meeting", source: str = "/ml/commission-defense", **changes: object) -> Event:
        """A valid notice of this body, appended."""
        event = self.voices.setdefault(source, Speaker(source)).says(kind, **changes)
        self.append(event)
        return event

    def append(self, event: Event, *, marks: tuple[str, ...] = ()) -> FeedEntry:
        """A sealed event."""
        return self.append_value(seal(event), marks=marks)

    def append_value(self, value: bytes, **changes: object) -> FeedEntry:
        """Any envelope, as it stands."""
        digest = hashlib.sha256(decode_envelope(value).payload).hexdigest()
        return self._put(kind="record", envelope=value.decode(), digest=digest, **changes)

    def mark(self, event: Event, mark: str = "contested") -> FeedEntry:
        """A mark on an earlier notice."""
        digest = hashlib.sha256(f"{event.source} {event.id} {mark}".encode()).hexdigest()
        return self._put(kind="mark", source=event.source, id=event.id, mark=mark, digest=digest)

    def mark_with(self, source: str, id_: str, mark: str, document: str) -> FeedEntry:
        """A mark that carries a document: an order of erasure, or who has carried it out."""
        digest = hashlib.sha256(f"{source} {id_} {mark} {self.head}".encode()).hexdigest()
        return self._put(kind="mark", source=source, id=id_, mark=mark, digest=digest, document=document)

    def rewind(self, head: int) -> None:
        """An old database was restored: what follows is a new epoch."""
        self.entries = self.entries[:head]
        self.epoch += 1

    def _put(self, **columns: object) -> FeedEntry:
        index = self.head + 1
        base = {
            "epoch": self.epoch,
            "feed_index": index,
            "prev": self.entries[-1].digest if self.entries else "",
            "recordedtime": (FIRST + timedelta(minutes=index)).isoformat().replace("+00:00", "Z"),
        }
        entry = FeedEntry.model_validate(base | columns)
        self.entries.append(entry)
        return entry
