"""The ciphers under a sealed notice against Wycheproof: XChaCha20-Poly1305, and the X25519 within age.

Age hands X25519 out to nobody, so a file is made by hand (C2SP `age.md`) for each published pair of keys: it opens only
if the library finds the published secret.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import bindings
from nacl.exceptions import CryptoError
from pyrage import DecryptError, x25519

from tamani.core.errors import RefusedError
from tamani.core.recipients import Identity
from tests.support.reading_keys import bech32

FOLDER = Path(__file__).parent / "vectors"
AEAD: list[dict[str, Any]] = json.loads((FOLDER / "xchacha20_poly1305_wycheproof.json").read_text())
AGREED: list[dict[str, Any]] = json.loads((FOLDER / "x25519_wycheproof.json").read_text())
FILE_KEY, PLAIN = b"sixteen bytes!!!", b"what was sealed"


def _opened(case: dict[str, Any]) -> bytes | None:
    cipher, aad, nonce, key = (bytes.fromhex(case[name]) for name in ("ct", "aad", "iv", "key"))
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(cipher, aad, nonce, key)
    except (CryptoError, ValueError, TypeError):
        return None


def test_the_cipher_opens_what_it_must_and_nothing_else() -> None:
    """Changed tags, nonces of other lengths, and arithmetic at its edges."""
    opened = {case["id"]: _opened(case) for case in AEAD}
    assert opened == {case["id"]: bytes.fromhex(case["msg"]) if case["valid"] else None for case in AEAD}
    assert (len(AEAD), sum(case["valid"] for case in AEAD)) == (208, 139)


def test_the_cipher_makes_what_is_published() -> None:
    for case in (case for case in AEAD if case["valid"]):
        plain, aad, nonce, key = (bytes.fromhex(case[name]) for name in ("msg", "aad", "iv", "key"))
        assert bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, aad, nonce, key).hex() == case["ct"]


def _derived(secret: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt, info.encode()).derive(secret)


def _unpadded(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def age_file(share: bytes, private: bytes, shared: bytes) -> bytes:
    """A file for the holder of `private`, as if `share` were the sender's and `shared` what both agree on."""
    recipient = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    wrap = _derived(shared, share + recipient, "age-encryption.org/v1/X25519")
    body = ChaCha20Poly1305(wrap).encrypt(bytes(12), FILE_KEY, None)
    head = b"age-encryption.org/v1\n-> X25519 %s\n%s\n---" % (_unpadded(share), _unpadded(body))
    mac = hmac.digest(_derived(FILE_KEY, b"", "header"), head, hashlib.sha256)
    nonce = bytes(16)
    last = bytes(11) + b"\1"
    payload = ChaCha20Poly1305(_derived(FILE_KEY, nonce, "payload")).encrypt(last, PLAIN, None)
    return b"%s %s\n%s%s" % (head, _unpadded(mac), nonce, payload)


def _read(case: dict[str, Any]) -> bytes | None:
    share, private, shared = (bytes.fromhex(case[name]) for name in ("public", "private", "shared"))
    identity = x25519.Identity.from_str(bech32("age-secret-key-", private).upper())
    try:
        found: bytes = pyrage.decrypt(age_file(share, private, shared), [identity])
    except DecryptError:
        return None
    return found


@pytest.mark.parametrize("case", AGREED, ids=lambda case: str(case["id"]))
def test_two_keys_agree_on_what_is_published_and_never_on_nothing(case: dict[str, Any]) -> None:
    """Where the secret is zero the other side has chosen a point of low order: refused (RFC 7748 §6.1)."""
    assert _read(case) == (None if case["zero"] else PLAIN)


def test_a_wrong_secret_does_not_open_the_file() -> None:
    """So that the test above could fail."""
    case = next(case for case in AGREED if not case["zero"])
    assert _read(case | {"shared": bytes(32).hex()}) is None
    assert (len(AGREED), sum(case["zero"] for case in AGREED)) == (69, 31)


def test_an_identity_of_another_kind_is_none_of_ours() -> None:
    """The hybrid ones of age 1.3 are longer, and named so."""
    refused = json.loads((FOLDER / "age_refused.json").read_text())["hybrid"]["identity"][0]
    with pytest.raises((ValueError, RefusedError)):
        Identity.from_secret(refused)
