"""Receipts and feed entries: written and read back, nothing coerced, nothing hidden told, hostile bytes refused."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.feed import FeedEntry, decode_feed
from tamani.core.log.note import Kind, NoteKey
from tamani.core.receipt import Inbound, Receipt, decode_receipt, is_signed, sign_receipt
from tamani.core.signing import SigningKey
from tamani.core.strict_json import BadJson
from tests.support.notices import COMMISSION_ML, event, id_of, seal

RECEIPT: dict[str, Any] = {
    "verdict": "archived",
    "code": "archived",
    "value_sha256": "ab" * 32,
    "inbound": {"topic": "inbound.ml.urgent", "partition": 3, "offset": 2**40},
    "at": "2026-03-02T09:00:00Z",
    "epoch": 2,
    "log_index": 12,
    "source": COMMISSION_ML,
    "id": id_of(1),
    "sequence": "4",
    "keyid": "cd" * 32,
    "lane": "urgent",
}
ENTRY: dict[str, Any] = {
    "epoch": 1,
    "feed_index": 7,
    "prev": "ab" * 32,
    "kind": "record",
    "recordedtime": "2026-03-02T09:00:00Z",
    "digest": "cd" * 32,
    "marks": ["contested", "late"],
    "envelope": seal(event()).decode(),
}


def _read(kind: str, body: object) -> object:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_receipt(raw) if kind == "receipt" else decode_feed(raw)


GOOD = {"receipt": {"v": 1} | RECEIPT, "feed": {"v": 1} | ENTRY}


def test_a_receipt_is_written_and_read_back() -> None:
    receipt = Receipt.model_validate(RECEIPT)
    assert decode_receipt(receipt.encode()) == receipt
    bare = Receipt(verdict="refused", code="refused.json", value_sha256="ab" * 32, at="2026-03-02T09:00:00Z")
    assert decode_receipt(bare.encode()) == bare


def test_what_is_not_known_is_not_written() -> None:
    """A forger's claim leaves no `source`, not even as null."""
    bare = Receipt(verdict="refused", code="refused.json", value_sha256="ab" * 32, at="2026-03-02T09:00:00Z")
    written = json.loads(bare.encode())
    assert written.keys().isdisjoint({"source", "id", "sequence", "keyid", "lane"})


def test_a_feed_entry_is_written_and_read_back_with_its_exact_envelope() -> None:
    entry = FeedEntry.model_validate(ENTRY)
    assert decode_feed(entry.encode()) == entry
    assert decode_feed(entry.encode()).envelope == ENTRY["envelope"]


def test_a_feed_has_no_number_that_counts_what_its_reader_may_not_see() -> None:
    assert "log_index" not in FeedEntry.model_fields
    assert "sequence" not in FeedEntry.model_fields


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"v": "1"}, {"v": None}, {"epoch": "1"}, {"epoch": True}, {"epoch": 1.5}, {"epoch": -1}, {"surplus": 1}],
    ids=repr,
)
def test_another_version_and_other_shapes_are_refused(kind: str, change: dict[str, Any]) -> None:
    with pytest.raises(BadJson):
        _read(kind, GOOD[kind] | change)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("receipt", {"verdict": "lost"}),
        ("receipt", {"verdict": "failed"}),
        ("receipt", {"value_sha256": "AB" * 32}),
        ("receipt", {"value_sha256": "ab" * 31}),
        ("receipt", {"lane": "fast"}),
        ("receipt", {"log_index": -1}),
        ("receipt", {"inbound": {"topic": "inbound.ml", "partition": -1, "offset": 0}}),
        ("receipt", {"inbound": "inbound.ml/0/0"}),
        ("feed", {"feed_index": 0}),
        ("feed", {"feed_index": "7"}),
        ("feed", {"epoch": 0}),
        ("feed", {"kind": "heartbeat"}),
        ("feed", {"log_index": 7}),
    ],
    ids=repr,
)
def test_each_grammar(kind: str, change: dict[str, Any]) -> None:
    with pytest.raises(BadJson):
        _read(kind, GOOD[kind] | change)


@pytest.mark.parametrize("kind", GOOD)
def test_a_name_twice_is_refused_here_too(kind: str) -> None:
    raw = json.dumps(GOOD[kind]).replace('"v"', '"epoch": 9, "v"', 1).encode()
    with pytest.raises(BadJson) as caught:
        _read(kind, raw)
    assert caught.value.code == "refused.json.duplicate"


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    for kind in GOOD:
        with pytest.raises(BadJson):
            _read(kind, raw)


@pytest.mark.parametrize("kind", GOOD)
@given(st.data())
def test_any_member_changed_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    """Never another exception: a reader that stops at one entry stops for ever."""
    name = data.draw(st.sampled_from(sorted(GOOD[kind])))
    value = data.draw(
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.floats()
    )
    try:
        found = _read(kind, GOOD[kind] | {name: value})
    except BadJson:
        return
    assert isinstance(found, Receipt | FeedEntry)


@given(st.sampled_from(["inbound.ml", "inbound.bf.urgent"]), st.integers(0, 10**9 - 1), st.integers(0, 2**59))
def test_coordinates_there_and_back(topic: str, partition: int, offset: int) -> None:
    found = Inbound(topic=topic, partition=partition, offset=offset)
    assert Inbound.parse(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "inbound.ml",
        "inbound.ml/0",
        "inbound.ml/0/0/0",
        "inbound.ml/-1/0",
        "inbound.ml/0/x",
        "inbound.ml/٣/0",
        "inbound.ml/" + "9" * 5000 + "/0",
        "inbound.ml/0/" + "9" * 5000,
        "in bound/0/0",
        "inbound.ml/0/0\n",
        "/0/0",
    ],
    ids=lambda text: text[:20],
)
def test_a_header_that_reads_otherwise_tells_nothing(text: str) -> None:
    """It is never trusted, and never able to stop the archive."""
    assert Inbound.parse(text) is None


LOG_KEY = SigningKey.from_seed(b"\7" * 32)


@pytest.mark.parametrize(
    "more", [{}, {"log_index": 3, "leaf_index": 5}, {"detail": 'é "\\ ,"sig":"' + "A" * 86 + '=="}'}]
)
def test_a_signed_receipt_reads_as_the_bare_one_and_holds_under_its_key_alone(more: dict[str, Any]) -> None:
    """Whatever its text holds, the signature is the last member and over all the rest."""
    bare = Receipt(verdict="archived", code="archived", value_sha256="ab" * 32, at="2026-03-02T09:00:01Z", **more)
    value = sign_receipt(bare.encode(), LOG_KEY)
    found = decode_receipt(value)

    assert found.model_copy(update={"sig": None}) == bare
    assert is_signed(value, [LOG_KEY.public])
    assert is_signed(value, [b"\1" * 32, LOG_KEY.public])
    assert not is_signed(value, [SigningKey.from_seed(b"\10" * 32).public])
    assert not is_signed(value, [])
    assert not is_signed(bare.encode(), [LOG_KEY.public])


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_signed_receipt_can_be_changed(place: int, change: int) -> None:
    """Flip any, and it is not signed any more."""
    bare = Receipt(verdict="refused", code="refused.data", value_sha256="ab" * 32, at="2026-03-02T09:00:01Z")
    value = bytearray(sign_receipt(bare.encode(), LOG_KEY))
    value[place % len(value)] ^= change

    assert not is_signed(bytes(value), [LOG_KEY.public])


def test_a_receipt_is_no_checkpoint_and_no_checkpoint_a_receipt() -> None:
    """One key signs both: what is bound into each signature keeps them apart."""
    note = NoteKey("tamani.test/log", Kind.NOTE, LOG_KEY)
    line = note.sign("tamani.test/log\n1\nroot\n")
    sig = base64.b64encode(line.value).decode()
    posing = b'{"v":1,"sig":"%s"}' % sig.encode()

    assert not is_signed(posing, [LOG_KEY.public])
    assert not is_signed(b"tamani.test/log\n1\nroot\n" + posing, [LOG_KEY.public])
