"""A capsule: the key of one sealed notice, wrapped to its readers of one origin as an age v1 file (C2SP `age.md`).

It travels apart from the notice, on a channel that forgets, and can be erased when the notice cannot. The notice's
signature covers its SHA-256, so nobody else's file stands for it.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence

import pyrage  # type: ignore[import-untyped]  # 1.4 ships no types
from pyrage import DecryptError, x25519

from tamani.core.errors import RefusedError
from tamani.core.recipients import Identity
from tamani.core.strict_json import BadJson, loads

MAX_CAPSULE = 16 * 1024
KEY_BYTES = 32
_MAGIC = b"age-encryption.org/v1\n"


def wrap(key: bytes, source: str, id_: str, recipients: Iterable[str]) -> bytes:
    """The capsule of a notice for these recipients.

    Raises:
        RefusedError: `refused.size`: more readers of one origin than a capsule holds.
    """
    said = {"v": 1, "source": source, "id": id_, "key": base64.b64encode(key).decode()}
    text = json.dumps(said, separators=(",", ":")).encode()
    capsule: bytes = pyrage.encrypt(text, [x25519.Recipient.from_str(recipient) for recipient in recipients])
    if len(capsule) > MAX_CAPSULE:
        raise RefusedError("refused.size", f"capsule: {len(capsule)} > {MAX_CAPSULE}")
    return capsule


def unwrap(capsule: bytes, source: str, id_: str, identities: Sequence[Identity]) -> bytes:
    """The key in a capsule that was made for this notice.

    Raises:
        RefusedError: `refused.sealed.reader` (none of these identities opens it), `refused.sealed.capsule`.
    """
    if not is_for_recipients(capsule):
        raise RefusedError("refused.sealed.capsule", "not an age file with recipients")
    if not identities:
        raise RefusedError("refused.sealed.reader", "no identity")
    try:
        text = pyrage.decrypt(capsule, [x25519.Identity.from_str(identity.secret) for identity in identities])
    except DecryptError as error:
        raise RefusedError("refused.sealed.reader", str(error)[:80]) from error
    return _key_in(text, source, id_)


def is_for_recipients(capsule: bytes, least: int = 0) -> bool:
    """Whether this is an age file (binary, not too large) for so many recipients at least, and for no passphrase.

    A passphrase would be guessed at the author's choice of our effort.
    """
    header = capsule.partition(b"\n---")[0]
    shaped = len(capsule) <= MAX_CAPSULE and capsule.startswith(_MAGIC) and b"\n-> scrypt" not in header
    return shaped and header.count(b"\n-> X25519 ") >= least


def _key_in(text: bytes, source: str, id_: str) -> bytes:
    try:
        said = loads(text)
        if (said["v"], said["source"], said["id"]) != (1, source, id_):
            raise RefusedError("refused.sealed.capsule", "made for another notice")
        key = binascii.a2b_base64(said["key"], strict_mode=True)
    except (BadJson, KeyError, TypeError, ValueError) as error:
        raise RefusedError("refused.sealed.capsule", "its content") from error
    if len(key) != KEY_BYTES:
        raise RefusedError("refused.sealed.capsule", "length of the key")
    return key
