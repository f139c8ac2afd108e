"""Feed entries as bytes: what `core.feed` reads from them is what the ledger holds."""

import pytest

from tamani.archive.wire import Answer, Claims, Kept, Row, feed_value, receipt_value
from tamani.core.feed import FeedEntry, decode_feed
from tamani.core.receipt import Inbound, Receipt, decode_receipt
from tests.support.notices import Speaker, id_of
from tests.support.region import NOW

SPEAKER = Speaker()
VALUE = SPEAKER.seals(subject='agenda/"guillemets" et \\ barre é')
DIGEST, BEFORE = b"\x01" * 32, b"\x02" * 32


def row(mark: str | None = None, prev: bytes = BEFORE, marks: str = "") -> Row:
    """A row of the feed of Mali."""
    kept = Kept.of((SPEAKER.source, id_of(3), DIGEST, marks, "GREEN", NOW, VALUE))
    return Row("ml", 17, 2, mark, prev, NOW, kept)


@pytest.mark.parametrize("marks", ["", "late", "clock-ahead late"])
def test_a_record_reads_as_it_was_written(marks: str) -> None:
    """With the exact envelope, byte for byte."""
    entry = decode_feed(feed_value(row(marks=marks)))

    assert entry == FeedEntry(
        epoch=2,
        feed_index=17,
        prev=BEFORE.hex(),
        kind="record",
        recordedtime="2026-03-02T10:00:00Z",
        digest=DIGEST.hex(),
        marks=tuple(marks.split()),
        envelope=VALUE.decode(),
    )
    assert entry.envelope is not None
    assert entry.envelope.encode() == VALUE


def test_a_mark_names_its_notice_and_carries_nothing_else() -> None:
    """Source, id and the word."""
    entry = decode_feed(feed_value(row(mark="contested")))

    assert (entry.kind, entry.source, entry.id, entry.mark) == ("mark", SPEAKER.source, id_of(3), "contested")
    assert entry.envelope is None


def test_the_first_entry_has_nothing_before_it() -> None:
    """`prev` is empty."""
    assert decode_feed(feed_value(row(prev=b""))).prev == ""


@pytest.mark.parametrize("mark", [None, "contested"])
def test_a_withheld_entry_shows_neither_text_nor_name(mark: str | None) -> None:
    """Only its number and its link remain, so that the chain has no hole."""
    value = feed_value(row(mark=mark), withheld=True)
    entry = decode_feed(value)

    assert (entry.feed_index, entry.digest) == (17, DIGEST.hex())
    assert entry.envelope is entry.source is entry.id is entry.mark is None
    assert SPEAKER.source.encode() not in value


@pytest.mark.parametrize("inbound", [None, Inbound(topic="inbound.ml.urgent", partition=3, offset=2**40)])
@pytest.mark.parametrize("claims", [None, Claims(SPEAKER.source, id_of(3), "12", "ab" * 32, "urgent")])
@pytest.mark.parametrize(
    "answer",
    [
        Answer("archived", "archived", 0),
        Answer("refused", "refused.data", detail='head.title: "é\\\n\u2028'),
        Answer("held", "held.store.23514"),
    ],
)
def test_an_answer_reads_as_the_model_writes_it(answer: Answer, inbound: Inbound | None, claims: Claims | None) -> None:
    """Field by field what `core.receipt` would have written, whatever the detail holds."""
    value = receipt_value(answer, value_sha256=DIGEST, inbound=inbound, at=NOW, epoch=4, claims=claims)
    told = {name: getattr(claims, name) for name in Claims.__slots__} if claims else {}
    expected = Receipt.model_validate(
        {
            "verdict": answer.verdict,
            "code": answer.code,
            "detail": answer.detail,
            "value_sha256": DIGEST.hex(),
            "inbound": inbound,
            "at": "2026-03-02T10:00:00Z",
            "epoch": 4,
            "log_index": answer.log_index,
            **told,
        }
    )

    assert decode_receipt(value) == expected
