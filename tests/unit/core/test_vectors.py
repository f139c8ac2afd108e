"""The envelope, the signatures and the JSON against what others publish."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tamani.core.envelope import pae
from tamani.core.signing import SigningKey, is_weak_key, sign_bytes, verify_bytes
from tamani.core.strict_json import BadJson, loads

FOLDER = Path(__file__).parent / "vectors"
SPECCHECK = json.loads((FOLDER / "ed25519_speccheck.json").read_text())
WYCHEPROOF = json.loads((FOLDER / "ed25519_wycheproof.json").read_text())
PARSING: dict[str, Any] = json.loads((FOLDER / "json_parsing.json").read_text())
P = 2**255 - 19
KEY = SigningKey.from_seed(b"k" * 32)
SIGNATURE = sign_bytes(b"message", KEY)
# y of the points of order 8: roots of d·y⁴ + 2·y² − 1, one of them in the public lists as 26e8…fc05.
EIGHTH = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")


def test_the_encoding_before_signing() -> None:
    """The example of DSSE's protocol.md."""
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize(("number", "case"), list(enumerate(SPECCHECK)))
def test_the_twelve_edges_of_ed25519(number: int, case: dict[str, str]) -> None:
    """libsodium takes number 3 alone, where both points have a part of low order that the two sides share."""
    message, key, sig = (bytes.fromhex(case[name]) for name in ("message", "pub_key", "signature"))
    assert verify_bytes(message, sig, key) is (number == 3)


def test_the_cases_of_wycheproof() -> None:
    """Each verdict as published: truncated, lengthened, altered signatures, numbers out of range."""
    judged = {case["id"]: _holds(case) for case in WYCHEPROOF}
    assert judged == {case["id"]: case["valid"] for case in WYCHEPROOF}
    assert (len(judged), sum(judged.values())) == (151, 88)


def _holds(case: dict[str, str]) -> bool:
    return verify_bytes(*(bytes.fromhex(case[name]) for name in ("message", "signature", "key")))


def _both_signs(y: int) -> list[bytes]:
    return [(y | sign << 255).to_bytes(32, "little") for sign in (0, 1)]


LOW_ORDER = [point for y in (0, 1, P - 1, P, P + 1, EIGHTH, P - EIGHTH) for point in _both_signs(y)]
NOT_CANONICAL = [point for y in range(P, 2**255) for point in _both_signs(y)]


def test_the_points_of_order_eight_are_such() -> None:
    """The constant above is a root of the equation, hence not a slip of the hand."""
    d = -121665 * pow(121666, -1, P) % P
    assert (d * pow(EIGHTH, 4, P) + 2 * pow(EIGHTH, 2, P) - 1) % P == 0
    assert len(set(LOW_ORDER)) == 14


@pytest.mark.parametrize("point", [*LOW_ORDER, *NOT_CANONICAL], ids=bytes.hex)
def test_no_point_of_low_order_and_none_that_is_not_canonical(point: bytes) -> None:
    """As a key never enrolled nor verified under; as the first half of a signature never taken.

    The zero scalar makes the equation hold under a key of low order if its part of the message's hash vanishes: with
    eight messages it does for one at least, wherever such keys are taken.
    """
    assert is_weak_key(point)
    for number in range(32):
        message = b"message %d" % number
        assert not verify_bytes(message, point + bytes(32), point)
        assert not verify_bytes(message, LOW_ORDER[2] + bytes(32), point)
    assert not verify_bytes(b"message", point + SIGNATURE[32:], KEY.public)


def test_the_order_of_the_group_is_not_added() -> None:
    """S and S + L are the same number to whoever does not look; only the smaller is taken (RFC 8032 §5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    larger = (int.from_bytes(SIGNATURE[32:], "little") + order).to_bytes(32, "little")
    assert verify_bytes(b"message", SIGNATURE, KEY.public)
    assert not verify_bytes(b"message", SIGNATURE[:32] + larger, KEY.public)


def _raw(name: str) -> bytes:
    found = PARSING[name]
    if isinstance(found, str):
        return base64.b64decode(found)
    return bytes(found["repeat"].encode() * found["times"] + found["end"].encode())


def _taken(name: str) -> bool:
    try:
        loads(_raw(name))
    except BadJson:
        return False
    return True


@pytest.mark.parametrize("name", [name for name in PARSING if name.startswith("n_")])
def test_what_is_not_json_is_refused(name: str) -> None:
    """Each with a code, none with a crash, a hundred thousand brackets included."""
    assert not _taken(name)


# Stricter than JSON, on purpose: a repeated name, U+0000.
STRICTER = {
    "y_object_duplicated_key",
    "y_object_duplicated_key_and_value",
    "y_object_escaped_null_in_key",
    "y_string_null_escape",
}


@pytest.mark.parametrize("name", [name for name in PARSING if name.startswith("y_")])
def test_what_is_json_is_taken(name: str) -> None:
    """All of it, but for what two parsers could read differently."""
    assert _taken(name) is (name not in STRICTER)


def test_where_parsers_may_choose_ours_is_pinned() -> None:
    """Only numbers that a double rounds to zero are taken; bad UTF-8, half characters, a mark, depth are refused."""
    taken = {name for name in PARSING if name.startswith("i_") and _taken(name)}
    assert taken == {"i_number_double_huge_neg_exp", "i_number_real_underflow"}


def test_the_suite_is_whole() -> None:
    """As many files as the suite has."""
    assert [sum(name.startswith(kind) for name in PARSING) for kind in ("n_", "y_", "i_")] == [188, 95, 35]
    assert _raw("n_structure_100000_opening_arrays") == b"[" * 100_000
