"""The judge is total: whatever comes in, a verdict comes out, and a verdict can be written down and read."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tamani.core.envelope import EVENT_TYPE, decode_envelope
from tamani.core.judge import judge, rejudge, verify_again
from tamani.core.names import Country, Lane
from tamani.core.receipt import Receipt, decode_receipt
from tamani.core.verdict import Forward, Refuse
from tests.support.grammars import GRAMMARS
from tests.support.notices import COMMISSION_ML, KINDS, as_json, event, key_of, registry, seal, seal_bytes

KNOWN = registry()
KEY = key_of(COMMISSION_ML)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANY = settings(max_examples=150, deadline=None)
GOOD = {kind: as_json(event(kind, full=True)) for kind in KINDS}

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_signatures = st.dictionaries(st.sampled_from(["keyid", "sig", "x"]), _scalars, max_size=3)
_edges = st.sampled_from([text for _, taken, refused, _ in GRAMMARS for text in (*taken, *refused)])


def hold(value: bytes) -> None:
    """All that must hold for any value at all."""
    for lane in Lane:
        verdict = judge(value, Country.ML, lane, KNOWN)
        if isinstance(verdict, Forward):
            assert isinstance(verify_again(value, KNOWN), Forward)
            assert isinstance(rejudge(value, KNOWN, NOW), Forward)
            assert verdict.envelope == decode_envelope(value)
            assert verdict.digest == hashlib.sha256(verdict.envelope.payload).digest()
            assert (verdict.event.country, verdict.event.lane, verdict.row.body) == (
                Country.ML,
                lane,
                verdict.event.source,
            )
        else:
            _can_be_told(verdict, value)


def _can_be_told(verdict: Refuse, value: bytes) -> None:
    """As a receipt that the node can read, in both languages, without a control character for its logs."""
    receipt = Receipt(
        verdict="refused",
        code=verdict.code.name,
        detail=verdict.detail,
        value_sha256=hashlib.sha256(value).hexdigest(),
        at="2026-03-02T09:00:00Z",
        source=verdict.event and verdict.event.source,
        id=verdict.event and verdict.event.id,
        keyid=verdict.keyid,
    )
    assert decode_receipt(receipt.encode()) == receipt
    assert verdict.detail.isprintable()
    assert len(verdict.detail) < 400
    assert verdict.code.fr
    assert verdict.code.en


@MANY
@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    hold(raw)


@MANY
@given(_json)
def test_any_json(found: object) -> None:
    hold(json.dumps(found).encode())


@MANY
@given(
    st.fixed_dictionaries(
        {"payloadType": st.just(EVENT_TYPE) | _scalars, "payload": st.text("AQgw+/-_=\n", max_size=12) | _json},
        optional={"signatures": st.lists(_signatures, max_size=2) | _json},
    )
)
def test_any_envelope(found: dict[str, Any]) -> None:
    hold(json.dumps(found).encode())


@MANY
@given(st.binary(max_size=300))
def test_any_payload_truly_signed(payload: bytes) -> None:
    hold(seal_bytes(payload, KEY))


@MANY
@given(_json)
def test_any_json_truly_signed(found: object) -> None:
    hold(seal_bytes(json.dumps(found).encode(), KEY))


@MANY
@given(st.sampled_from(KINDS), st.data())
def test_any_attribute_changed_and_truly_signed(kind: str, data: st.DataObject) -> None:
    body = dict(GOOD[kind])
    names = data.draw(st.lists(st.sampled_from([*body, "audience", "expirytime", "x"]), min_size=1, max_size=3))
    for name in names:
        body[name] = data.draw(_edges | _json)
    hold(seal_bytes(json.dumps(body).encode(), KEY))


@MANY
@given(st.sampled_from(KINDS), st.data())
def test_any_part_of_the_data_changed_and_truly_signed(kind: str, data: st.DataObject) -> None:
    body = json.loads(json.dumps(GOOD[kind]))
    place = body["data"]
    while isinstance(place, dict) and place:
        name = data.draw(st.sampled_from(sorted(place)))
        inner = place[name]
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if not isinstance(inner, dict) or data.draw(st.booleans()):
            place[name] = data.draw(_json | _edges)
            break
        place = inner
    hold(seal_bytes(json.dumps(body).encode(), KEY))


@MANY
@given(st.sampled_from(KINDS), st.integers(0, 10_000), st.binary(max_size=6), st.integers(0, 6), st.booleans())
def test_bytes_put_into_a_good_notice(kind: str, at: int, put: bytes, over: int, signed: bool) -> None:
    """Into the payload before it is signed, or into the value."""
    payload = json.dumps(GOOD[kind], ensure_ascii=False).encode()
    raw = payload if signed else seal(event(kind))
    at %= len(raw)
    spoilt = raw[:at] + put + raw[at + over :]
    hold(seal_bytes(spoilt, KEY) if signed else spoilt)
