"""The DSSE envelope: one signature, one spelling, exact bytes."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OracleEnvelope

from tamani.core.envelope import EVENT_TYPE, MAX_EVENT, MAX_VALUE, Envelope, decode_envelope, encode_envelope, pae
from tamani.core.strict_json import BadJson
from tests.support.notices import COMMISSION_ML, event, key_of, seal, seal_bytes

KEY = key_of(COMMISSION_ML)


def members(payload: bytes = b'{"a":"\xc3\xa9"}') -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seal_bytes(payload, KEY))
    return found


def refusal(body: object) -> str:
    with pytest.raises(BadJson) as caught:
        decode_envelope(body if isinstance(body, bytes) else json.dumps(body).encode())
    return caught.value.code


def test_pae_is_that_of_the_dsse_specification() -> None:
    """The example of DSSE's protocol.md."""
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_pae_counts_bytes_not_characters() -> None:
    assert pae("é".encode(), "é") == "DSSEv1 2 é 2 é".encode()


@given(st.binary(max_size=300))
def test_securesystemslib_reads_our_envelope_and_signs_the_same_bytes(payload: bytes) -> None:
    ours = KEY.sign(payload)
    theirs = OracleEnvelope.from_dict(json.loads(encode_envelope(ours)))
    assert (theirs.payload, theirs.payload_type) == (payload, EVENT_TYPE)
    assert theirs.pae() == pae(payload)
    assert decode_envelope(encode_envelope(ours)) == ours


@pytest.mark.parametrize("payload", [b"\xfb\xff\xbf", b"\xfb\xff", b"\xfb", b"", bytes(range(256))])
def test_both_alphabets_of_base64_are_read(payload: bytes) -> None:
    """DSSE requires it; the two spellings are one envelope."""
    body = members(payload)
    plain = decode_envelope(json.dumps(body).encode())
    for place in (body, body["signatures"][0]):
        for name in ("payload", "sig"):
            if name in place:
                place[name] = place[name].replace("+", "-").replace("/", "_")
    assert decode_envelope(json.dumps(body).encode()) == plain


def test_two_alphabets_in_one_text_are_refused() -> None:
    body = members()
    body["payload"] = "+-/_"
    assert refusal(body) == "refused.envelope.base64"


@pytest.mark.parametrize(
    "text",
    [
        "aGVsbG9=",
        "aGVsbG8",
        "aGVsbG8==",
        "aGVsbG8=\n",
        " aGVsbG8=",
        "aGVs bG8=",
        "aGVsbG8=aGVs",
        "=",
        "====",
        "a",
        "é",
        "aGV*",
        "00000000=",
    ],
)
def test_base64_that_is_not_canonical_is_refused(text: str) -> None:
    body = members()
    body["payload"] = text
    assert refusal(body) == "refused.envelope.base64"


@given(st.text(alphabet="ABab01+/=-_ \n", max_size=12))
def test_one_spelling_for_each_payload(text: str) -> None:
    """Checking the tail alone is as strict as writing it out again."""
    body = members() | {"payload": text}
    plain = text.replace("-", "+").replace("_", "/")
    try:
        found = decode_envelope(json.dumps(body).encode())
    except BadJson:
        mixed = set(text) & set("-_") and set(text) & set("+/")
        assert mixed or plain not in _canonical(plain)
    else:
        assert base64.b64encode(found.payload).decode() == plain


def _canonical(text: str) -> set[str]:
    """What the forgiving decoder makes of it, written again."""
    with contextlib.suppress(ValueError):
        return {base64.b64encode(base64.b64decode(text)).decode()}
    return set()


def test_shapes_that_are_no_envelope() -> None:
    good = members()
    one = good["signatures"][0]
    for body in (
        [], "text", 7, None, [good], {},
        {name: value for name, value in good.items() if name != "payload"},
        {name: value for name, value in good.items() if name != "payloadType"},
        {name: value for name, value in good.items() if name != "signatures"},
        good | {"alg": "none"},
        good | {"signatures": []},
        good | {"signatures": [one, one]},
        good | {"signatures": one},
        good | {"signatures": ["x"]},
        good | {"signatures": [one | {"cert": "x"}]},
        good | {"signatures": [{"sig": one["sig"]}]},
        good | {"signatures": [{"keyid": one["keyid"]}]},
        good | {"signatures": [{"keyid": 7, "sig": one["sig"]}]},
        good | {"signatures": [{"keyid": one["keyid"], "sig": None}]},
        good | {"payload": 7},
        good | {"payloadType": None},
        {"payloadtype": EVENT_TYPE, "payload": good["payload"], "signatures": good["signatures"]},
    ):  # fmt: skip
        assert refusal(body) == "refused.envelope", body


def test_the_type_of_the_payload_is_ours_or_nothing() -> None:
    """A registry document is signed too, sometimes by the same hand: it is never a notice."""
    assert refusal(members() | {"payloadType": "application/vnd.tamani.registry+json"}) == "refused.envelope.type"
    assert refusal(members() | {"payloadType": EVENT_TYPE + " "}) == "refused.envelope.type"


def test_a_name_twice_in_the_envelope_is_refused() -> None:
    assert (
        refusal(seal(event()).replace(b'"payloadType"', b'"payload":"","payloadType"', 1)) == "refused.json.duplicate"
    )


def test_size_is_looked_at_before_anything_else() -> None:
    assert refusal(b"x" * MAX_VALUE) == "refused.json"
    assert refusal(b"x" * (MAX_VALUE + 1)) == "refused.size"


def test_the_largest_event_fits_its_envelope() -> None:
    envelope = KEY.sign(b"x" * MAX_EVENT)
    assert decode_envelope(encode_envelope(envelope)) == envelope


def test_bytes_stay_as_they_are() -> None:
    """Nobody re-serialises: blanks and odd escapes in the payload are the sender's own, and are kept."""
    payload = rb' { "a" : "\u00e9" } '
    assert decode_envelope(encode_envelope(Envelope(payload, "k", b"s"))).payload == payload
