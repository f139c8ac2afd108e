"""What was signed for one purpose serves no other: every pair of the types that the product signs under."""

import base64
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

import tamani
from tamani.core import bundle, sealed_package
from tamani.core.envelope import EVENT_TYPE, Envelope, decode_envelope, encode_envelope, pae
from tamani.core.erasure.order import ORDER_TYPE
from tamani.core.log.note import Kind, NoteKey
from tamani.core.receipt import RECEIPT_TYPE, is_signed
from tamani.core.signing import SigningKey, sign_bytes, verify, verify_bytes
from tamani.core.trust import statements
from tamani.core.trust.legacy import REGISTRY_TYPE
from tamani.core.trust.statements import Approval, Statement

PAYLOAD = b'{"said":"the same words"}'
KEY = SigningKey.from_seed(bytes(range(32)))
REGISTRY = "application/vnd.tamani.registry.{}+json"
# What officers, keys and bodies sign about a row; the template of them stands in the source once.
ABOUT = ("body", "key", "recipient", "possession", "enrolment", "succession", "reply")
# Names of files that are handed on, of which nothing is signed as a whole; and what others define.
NOT_SIGNED = {bundle.MEDIA_TYPE, sealed_package.MEDIA_TYPE}
Holds = Callable[[bytes], bool]


def _in_an_envelope(payload_type: str) -> Holds:
    def holds(sig: bytes) -> bool:
        value = encode_envelope(Envelope(PAYLOAD, KEY.keyid, sig, payload_type))
        return verify(decode_envelope(value, payload_type), KEY.public)

    return holds


def _as_a_statement(payload_type: str) -> Holds:
    def holds(sig: bytes) -> bool:
        approval = Approval(keyid=KEY.keyid, sig=base64.b64encode(sig).decode())
        return Statement(payload_type, PAYLOAD).holds(approval, KEY.public)

    return holds


def _as_a_receipt(sig: bytes) -> bool:
    return is_signed(b'%s,"sig":"%s"}' % (PAYLOAD[:-1], base64.b64encode(sig)), [KEY.public])


# How each is verified where it counts.
HOLDS: dict[str, Holds] = {
    EVENT_TYPE: _in_an_envelope(EVENT_TYPE),
    REGISTRY_TYPE: _in_an_envelope(REGISTRY_TYPE),
    RECEIPT_TYPE: _as_a_receipt,
    ORDER_TYPE: _as_a_statement(ORDER_TYPE),
    REGISTRY.format("suspension"): _as_a_statement(REGISTRY.format("suspension")),
    **{REGISTRY.format(what): _as_a_statement(REGISTRY.format(what)) for what in ABOUT},
}


@pytest.mark.parametrize("signed_as", HOLDS)
def test_a_signature_holds_for_its_own_purpose_alone(signed_as: str) -> None:
    """The same words and the same key, under each of the types in turn."""
    sig = sign_bytes(pae(PAYLOAD, signed_as), KEY)
    assert [purpose for purpose, holds in HOLDS.items() if holds(sig)] == [signed_as]


def test_what_a_log_or_a_witness_signs_bare_serves_no_purpose() -> None:
    """Their texts begin otherwise than what is signed under a type, whatever they say."""
    for kind in Kind:
        line = NoteKey("tamani.test/log", kind, KEY).sign(
            PAYLOAD.decode() + "\n", *([1] if kind is Kind.COSIGNATURE else [])
        )
        assert not any(holds(line.value[-64:]) for holds in HOLDS.values())
    for purpose, kind in product(HOLDS, Kind):
        typed = sign_bytes(pae(PAYLOAD, purpose), KEY)
        assert not verify_bytes(PAYLOAD + b"\n", typed, KEY.public), kind


def test_no_type_is_left_out() -> None:
    """Whoever signs under a new type, or writes a new template of types, adds it above."""
    texts = (file.read_text() for file in Path(tamani.__file__).parent.glob("core/**/*.py"))
    written = {found for text in texts for found in re.findall(r'"(application/vnd\.tamani\.[^"]+)"', text)}
    known = set(HOLDS) | NOT_SIGNED | {REGISTRY}
    assert written | {EVENT_TYPE} == known - {REGISTRY.format(what) for what in ABOUT}
    stated = re.findall(r'_statement\("([a-z]+)"', Path(statements.__file__).read_text())
    assert sorted([*stated, *statements._KINDS.values()]) == sorted(ABOUT)
