"""A feed entry as bytes, for the topic and for the catch-up API: a notice is put into JSON once for all countries."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tamani.core.event import format_time


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `feed_entry` with what it shows of the ledger."""

    cc: str
    feed_index: int
    epoch: int
    mark: str | None
    prev: bytes
    recorded: datetime
    notice: "Kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds of a notice: its numbers as JSON, its envelope as a JSON string."""

    source: str
    id: UUID
    digest: str
    marks: str
    tlp: str
    value: bytes
    envelope: str

    @classmethod
    def of(cls, row: tuple[str, UUID, bytes, str, str, bytes]) -> "Kept":
        """From a row of the ledger: source, id, digest, marks, TLP, exact bytes."""
        source, id_, digest, marks, tlp, value = row
        text = json.dumps(value.decode(), ensure_ascii=False)
        return cls(source, id_, digest.hex(), json.dumps(marks.split()), tlp, value, text)


def feed_value(row: Row, *, withheld: bool = False) -> bytes:
    """The entry as `core.feed.FeedEntry` reads it; a withheld one keeps its number and its link, and shows nothing."""
    notice = row.notice
    text = (
        f'{{"v":1,"epoch":{row.epoch},"feed_index":{row.feed_index},"prev":"{row.prev.hex()}",'
        f'"kind":"{"mark" if row.mark else "record"}","recordedtime":"{format_time(row.recorded)}",'
        f'"digest":"{notice.digest}"'
    )
    if withheld:
        return (text + "}").encode()
    if row.mark is None:
        return f'{text},"marks":{notice.marks},"envelope":{notice.envelope}}}'.encode()
    return f'{text},"source":"{notice.source}","id":"{notice.id}","mark":"{row.mark}"}}'.encode()
