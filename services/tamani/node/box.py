"""What waits for a second person, as it lies on the disk: under a key that only the body's own signing key gives.

An open notice will be in the clear once it is sealed and sent; until then, and for good if it is refused, nobody who
copies the file reads it. XSalsa20-Poly1305 (libsodium's secretbox) under BLAKE2b keyed with the seed.
"""

import hashlib

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from tamani.core.errors import DefectError
from tamani.core.signing import SigningKey


def close_box(key: SigningKey, owner: str, content: bytes) -> bytes:
    """The content, for the file; `owner` names the row that it belongs to."""
    return bytes(_box(key, owner).encrypt(content))


def open_box(key: SigningKey, owner: str, box: bytes) -> bytes:
    """The content of this row's box: one copied from another row does not open.

    Raises:
        DefectError: `failed.keystore`, altered or another's.
    """
    try:
        return bytes(_box(key, owner).decrypt(box))
    except CryptoError as error:
        raise DefectError("failed.keystore", "altered") from error


def _box(key: SigningKey, owner: str) -> SecretBox:
    secret = hashlib.blake2b(owner.encode(), digest_size=SecretBox.KEY_SIZE, key=key.seed, person=b"tamani review")
    return SecretBox(secret.digest())
