"""Ed25519 with libsodium's strict rules (PyNaCl): canonical points, canonical scalars, no low-order keys (RFC 8032).

`cryptography` was measured to accept one fixed signature under a low-order key for every message; it is not used here.
"""

import hashlib
from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import BadSignatureError, CryptoError

from tamani.core.envelope import EVENT_TYPE, Envelope, pae


def keyid_of(public: bytes) -> str:
    """The name of a key: lower-case hex SHA-256 of its 32 bytes. A hint for look-up, never an authority."""
    return hashlib.sha256(public).hexdigest()


def is_weak_key(public: bytes) -> bool:
    """Whether these bytes must never be enrolled: wrong length, not canonical, low order or outside the main group."""
    return len(public) != 32 or not bindings.crypto_core_ed25519_is_valid_point(public)


def verify(envelope: Envelope, public: bytes) -> bool:
    """Whether the signature over the received bytes holds under this key."""
    return verify_bytes(pae(envelope.payload, envelope.payload_type), envelope.sig, public)


def verify_bytes(message: bytes, sig: bytes, public: bytes) -> bool:
    """Whether this is the key's signature over exactly these bytes."""
    # The binding checks neither: it reads past a short key and takes what a short signature lacks from the message.
    if len(sig) != bindings.crypto_sign_BYTES or len(public) != bindings.crypto_sign_PUBLICKEYBYTES:
        return False
    try:
        bindings.crypto_sign_open(sig + message, public)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A body's secret key (32-byte seed). Its text form shows the public part only."""

    seed: bytes = field(repr=False)
    public: bytes
    keyid: str
    _secret: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed."""
        public, secret = bindings.crypto_sign_seed_keypair(seed)
        return cls(seed, public, keyid_of(public), secret)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the system's randomness."""
        return cls.from_seed(bindings.randombytes(32))

    def sign(self, payload: bytes, payload_type: str = EVENT_TYPE) -> Envelope:
        """Seal these exact bytes."""
        return Envelope(payload, self.keyid, sign_bytes(pae(payload, payload_type), self), payload_type)


def sign_bytes(message: bytes, key: SigningKey) -> bytes:
    """The signature (64 bytes) over bare bytes. A body's key signs envelopes only: their type is bound by DSSE."""
    return bindings.crypto_sign(message, key._secret)[:64]
