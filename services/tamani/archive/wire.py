"""Feed entries and answers as bytes. The models of `core` say their shape, and a test holds both equal; here they are
written without them, since a notice is told five times: to its sender, and to up to four countries.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tamani.core.event import format_time
from tamani.core.receipt import Inbound

# The time of a batch, for each of its rows.
instant = lru_cache(1024)(format_time)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds of a notice, and the end of its feed entry, made once for all countries."""

    source: str
    id: str
    digest: str
    tlp: str
    value: bytes
    shown: bytes

    @classmethod
    def of(cls, row: tuple[str, str, bytes, str, str, datetime, bytes]) -> "Kept":
        """From a row of the ledger: source, id, digest, marks, TLP, time, exact bytes."""
        source, id_, digest, marks, tlp, recorded, value = row
        name = digest.hex()
        words = json.dumps(marks.split()) if marks else "[]"
        shown = (
            f'"kind":"record","recordedtime":"{instant(recorded)}","digest":"{name}","marks":{words},'
            f'"envelope":{json.dumps(value.decode(), ensure_ascii=False)}}}'
        )
        return cls(source, id_, name, tlp, value, shown.encode())


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `feed_entry` with what it shows of the ledger."""

    cc: str
    feed_index: int
    epoch: int
    mark: str | None
    prev: bytes
    recorded: datetime
    notice: Kept
    document: bytes | None = None


def feed_value(row: Row, *, withheld: bool = False) -> bytes:
    """The entry as `core.feed.FeedEntry` reads it; a withheld one keeps its number and its link, and shows nothing.

    So does one whose notice was erased.
    """
    begin = b'{"v":1,"epoch":%d,"feed_index":%d,"prev":"%s",' % (row.epoch, row.feed_index, row.prev.hex().encode())
    notice = row.notice
    if row.mark is None and notice.value and not withheld:
        return begin + notice.shown
    withheld = withheld or row.mark is None
    kind = "mark" if row.mark else "record"
    end = f'"kind":"{kind}","recordedtime":"{instant(row.recorded)}","digest":"{notice.digest}"'
    if not withheld:
        end += f',"source":"{notice.source}","id":"{notice.id}","mark":"{(row.mark or "").partition("/")[0]}"'
        if row.document is not None:
            end += f',"document":{json.dumps(row.document.decode(), ensure_ascii=False)}'
    return begin + end.encode() + b"}"


@dataclass(frozen=True, slots=True)
class Claims:
    """What may be said of a notice whose signature held. Each has passed its grammar: none needs escaping."""

    source: str
    id: str
    sequence: str
    keyid: str
    lane: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a value."""

    verdict: str
    code: str
    log_index: int | None = None
    detail: str = ""
    leaf_index: int | None = None


def receipt_value(
    answer: Answer,
    *,
    value_sha256: bytes,
    inbound: Inbound | None,
    at: datetime,
    epoch: int,
    claims: Claims | None,
) -> bytes:
    """The answer as `core.receipt.Receipt` reads it."""
    detail = json.dumps(answer.detail) if answer.detail else '""'
    text = f'{{"v":1,"verdict":"{answer.verdict}","code":"{answer.code}","detail":{detail}'
    text += f',"value_sha256":"{value_sha256.hex()}"'
    if inbound is not None:
        place = f'"partition":{inbound.partition},"offset":{inbound.offset}'
        text += f',"inbound":{{"topic":{json.dumps(inbound.topic)},{place}}}'
    text += f',"at":"{instant(at)}","epoch":{epoch}'
    if answer.log_index is not None:
        text += f',"log_index":{answer.log_index}'
    if answer.leaf_index is not None:
        text += f',"leaf_index":{answer.leaf_index}'
    if claims is not None:
        text += f',"source":"{claims.source}","id":"{claims.id}","sequence":"{claims.sequence}"'
        text += f',"keyid":"{claims.keyid}","lane":"{claims.lane}"'
    return (text + "}").encode()
