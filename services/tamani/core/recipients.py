"""The reading keys of bodies: age v1 identities and recipients of the X25519 kind (age specification, C2SP `age.md`).

They are apart from signing keys: a body proves what it says with one, and reads what is sealed for it with the other.
"""

from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError
from pyrage import IdentityError, RecipientError, x25519  # type: ignore[import-untyped]  # 1.4 ships no types

# Bech32 (BIP 173): five bits a character, after the prefix and before six characters of checksum.
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PREFIX, _CHECKSUM = "age1", 6


def is_recipient(text: str) -> bool:
    """Whether this is an X25519 recipient in its one spelling (`age1…`, lower case), and not of low order.

    A point of low order would open what is wrapped to it to everybody; pyrage 1.4 does not refuse it but panics.
    """
    try:
        if str(x25519.Recipient.from_str(text)) != text:
            return False
    except RecipientError:
        return False
    return not _is_low_order(_point(text))


def _point(text: str) -> bytes:
    """The 32 bytes of a recipient whose spelling and checksum hold."""
    number = 0
    for character in text[len(_PREFIX) : -_CHECKSUM]:
        number = number << 5 | _ALPHABET.index(character)
    return (number >> 4).to_bytes(32)  # 52 characters are 260 bits


def _is_low_order(point: bytes) -> bool:
    """Whether every secret agrees with it on zero (RFC 7748 §6.1)."""
    try:
        bindings.crypto_scalarmult(bytes(32), point)
    except SodiumError:
        return True
    return False


@dataclass(frozen=True, slots=True)
class Identity:
    """The secret half of a reading key. Its text form shows the public part only."""

    secret: str = field(repr=False)
    recipient: str

    @classmethod
    def from_secret(cls, secret: str) -> "Identity":
        """The identity of an `AGE-SECRET-KEY-1…` line.

        Raises:
            ValueError: it is not one.
        """
        try:
            return cls(secret, str(x25519.Identity.from_str(secret).to_public()))
        except IdentityError as error:
            raise ValueError("not an age identity (X25519)") from error

    @classmethod
    def generate(cls) -> "Identity":
        """A new one from the system's randomness."""
        return cls.from_secret(str(x25519.Identity.generate()))
