"""Ed25519 by libsodium's rules: no weak key, no second spelling of a signature, no key in sight."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OracleEnvelope
from securesystemslib.signer import SSlibKey

from tamani.core.envelope import Envelope, encode_envelope, pae
from tamani.core.signing import SigningKey, is_weak_key, keyid_of, verify
from tamani.core.strict_json import loads
from tests.support.mutations import LOW_ORDER

KEY = SigningKey.from_seed(bytes(range(32)))
# RFC 8032 §5.1: the order of the group, and the field's prime.
L = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19


@given(st.binary(max_size=200))
def test_what_we_sign_verifies_here_and_with_another_library(payload: bytes) -> None:
    envelope = KEY.sign(payload)
    assert verify(envelope, KEY.public)
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(envelope.sig, pae(payload))


def test_securesystemslib_verifies_our_envelope() -> None:
    """The DSSE oracle: its own envelope class, its own key, its own encoding of what is signed."""
    envelope = OracleEnvelope.from_dict(loads(encode_envelope(KEY.sign("é\n".encode()))))
    key = SSlibKey(KEY.keyid, "ed25519", "ed25519", {"public": KEY.public.hex()})
    assert list(envelope.verify([key], 1)) == [KEY.keyid]


@given(st.binary(min_size=1, max_size=64), st.integers(0, 511))
def test_one_bit_breaks_it(payload: bytes, bit: int) -> None:
    good = KEY.sign(payload)
    sig = bytearray(good.sig)
    sig[bit // 8] ^= 1 << bit % 8
    assert not verify(Envelope(payload, good.keyid, bytes(sig)), KEY.public)
    assert not verify(Envelope(payload + b"\0", good.keyid, good.sig), KEY.public)
    assert not verify(Envelope(payload, good.keyid, good.sig, "application/json"), KEY.public)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_has_64_bytes(length: int) -> None:
    """A cut signature with the missing bytes before the payload would else be the same signed message."""
    good = KEY.sign(b"x")
    assert not verify(Envelope(b"x", good.keyid, (good.sig * 2)[:length]), KEY.public)


def test_s_is_below_the_order() -> None:
    """Adding L to S gives another spelling of the same signature (RFC 8032 §8.4): refused."""
    good = KEY.sign(b"x")
    s = int.from_bytes(good.sig[32:], "little")
    other = good.sig[:32] + (s + L).to_bytes(32, "little")
    assert verify(good, KEY.public)
    assert not verify(Envelope(b"x", good.keyid, other), KEY.public)


@pytest.mark.parametrize("public", LOW_ORDER, ids=lambda public: public.hex()[:12])
def test_under_a_key_of_low_order_nothing_verifies(public: bytes) -> None:
    """One fixed signature, R the identity and S = 0, would else hold for any message."""
    for number in range(100):
        assert not verify(Envelope(b"%d" % number, keyid_of(public), bytes([1]) + bytes(63)), public)


@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:12])
def test_r_of_low_order_is_refused(point: bytes) -> None:
    good = KEY.sign(b"x")
    assert not verify(Envelope(b"x", good.keyid, point + good.sig[32:]), KEY.public)
    assert not verify(Envelope(b"x", good.keyid, point + bytes(32)), KEY.public)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_has_32_bytes(length: int) -> None:
    assert is_weak_key(bytes(length))
    assert not verify(KEY.sign(b"x"), (KEY.public * 2)[:length])


def test_a_second_spelling_of_a_good_key_is_weak() -> None:
    """y + p is the same point while it fits into 255 bits: only y below 19 has such a spelling."""
    spellings = [(y + P).to_bytes(32, "little") for y in range(19)]
    assert all(is_weak_key(spelling) for spelling in spellings)
    assert all(is_weak_key(s[:31] + bytes([s[31] | 0x80])) for s in spellings)


@given(st.binary(min_size=32, max_size=32))
def test_any_bytes_for_a_key_or_signature_are_only_wrong(noise: bytes) -> None:
    assert verify(Envelope(b"x", "k", noise * 2), noise) is False
    assert isinstance(is_weak_key(noise), bool)


@given(st.binary(min_size=32, max_size=32))
def test_no_key_of_ours_is_weak_and_the_name_is_its_digest(seed: bytes) -> None:
    key = SigningKey.from_seed(seed)
    assert not is_weak_key(key.public)
    assert key.keyid == keyid_of(key.public) == hashlib.sha256(key.public).hexdigest()


def test_each_new_key_is_another() -> None:
    assert len({SigningKey.generate().keyid for _ in range(50)}) == 50


def test_the_text_of_a_key_shows_no_secret() -> None:
    """A log line or a traceback may print it."""
    for secret in (KEY.seed, KEY._secret):
        assert secret.hex() not in repr(KEY)
        assert repr(secret) not in repr(KEY)
