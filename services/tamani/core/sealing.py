"""Sealing: from a notice to one that hides it, with a capsule for each origin of its readers; and back.

    inner ──pack, pad──► plaintext ──XChaCha20-Poly1305 under a fresh key──► ciphertext ─► event `sealed`, signed
                                                                    key ──age──► capsules, whose SHA-256 it names

Inside stand `source` and `id` once more, so that a stolen ciphertext cannot be said again as another's. Outside stands
a commitment to the key, for the cipher alone would open under two keys to two texts (docs/design/sealing.md).
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.utils import random

from tamani.core.capsule import KEY_BYTES, unwrap, wrap
from tamani.core.catalogue import find_type
from tamani.core.catalogue.sealed import LANG, PROFILE, SIZES, TYPE
from tamani.core.errors import RefusedError
from tamani.core.event import Event, decode_event, encode_event
from tamani.core.names import Country
from tamani.core.recipients import Identity
from tamani.core.strict_json import BadJson, loads

NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_LENGTH = 4
_WITHIN = ("source", "id", "type", "profile", "dataschema", "lang", "data")


@dataclass(frozen=True, slots=True)
class SealedNotice:
    """What travels: the event that says nothing, and a capsule for each origin."""

    event: Event
    capsules: dict[Country, bytes]


def seal(inner: Event, readers: Mapping[Country, Sequence[str]]) -> SealedNotice:
    """Seal a notice for the age recipients of its readers, by origin. Its subject must be one of a sealed thread.

    Raises:
        RefusedError: `refused.size`: larger than the largest size.
    """
    key, nonce = random(KEY_BYTES), random(NONCE_BYTES)
    outer = replace(
        inner, type=TYPE.type, profile=PROFILE, dataschema=TYPE.dataschema, lang=LANG, expirytime=None, data={}
    )
    capsules = {country: wrap(key, inner.source, inner.id, readers[country]) for country in sorted(readers)}
    plain = pack(inner)
    cipher = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound_to(outer), nonce, key)
    data = {
        "size": len(plain),
        "nonce": base64.b64encode(nonce).decode(),
        "commitment": commitment(key).hex(),
        "capsules": [{"origin": str(cc), "sha256": hashlib.sha256(made).hexdigest()} for cc, made in capsules.items()],
        "ciphertext": base64.b64encode(cipher).decode(),
    }
    return SealedNotice(replace(outer, data=data), capsules)


def open_sealed(outer: Event, capsule: bytes, identities: Sequence[Identity]) -> Event:
    """The notice within a sealed one that was verified, as if it had travelled open.

    Raises:
        RefusedError: `refused.sealed.…`: why it cannot be read, or must not be believed.
    """
    named = {str(one["sha256"]) for one in outer.data["capsules"]}
    if hashlib.sha256(capsule).hexdigest() not in named:
        raise RefusedError("refused.sealed.capsule", "not named by the notice")
    return open_body(outer, unwrap(capsule, outer.source, outer.id, identities))


def open_body(outer: Event, key: bytes) -> Event:
    """The notice within, under this key.

    Raises:
        RefusedError: `refused.sealed.commitment|body|author|content`.
    """
    data = outer.data
    if commitment(key).hex() != data["commitment"]:
        raise RefusedError("refused.sealed.commitment")
    cipher, nonce = base64.b64decode(data["ciphertext"]), base64.b64decode(data["nonce"])
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(cipher, bound_to(outer), nonce, key)
    except CryptoError as error:
        raise RefusedError("refused.sealed.body") from error
    return unpack(plain, outer)


def commitment(key: bytes) -> bytes:
    """What the signature says of the key: two keys for one ciphertext would need a collision of SHA-256."""
    return hashlib.sha256(b"tamani commit" + key).digest()


def bound_to(outer: Event) -> bytes:
    """The attributes with which alone the ciphertext opens."""
    return "\0".join((outer.source, outer.id, outer.type, outer.tlp, outer.audience or "")).encode()


def pack(inner: Event) -> bytes:
    """Length, JSON, and zeros up to the next of the four sizes.

    Raises:
        RefusedError: `refused.size`.
    """
    said: dict[str, Any] = {"v": 1} | {name: getattr(inner, name) for name in _WITHIN}
    if inner.expirytime is not None:
        said["expirytime"] = inner.expirytime
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    size = next((size for size in SIZES if size >= _LENGTH + len(text)), None)
    if size is None:
        raise RefusedError("refused.size", f"{len(text)} > {SIZES[-1] - _LENGTH}")
    return (len(text).to_bytes(_LENGTH) + text).ljust(size, b"\0")


def unpack(plain: bytes, outer: Event) -> Event:
    """The notice in a plaintext, with the attributes that stand outside.

    Raises:
        RefusedError: `refused.sealed.author` (said first by another, or under another id), `refused.sealed.content`.
    """
    length = int.from_bytes(plain[:_LENGTH])
    text, rest = plain[_LENGTH : _LENGTH + length], plain[_LENGTH + length :]
    if len(text) != length or rest.strip(b"\0"):
        raise RefusedError("refused.sealed.content", "padding")
    said = _members(text)
    if (said["source"], said["id"]) != (outer.source, outer.id):
        raise RefusedError("refused.sealed.author")
    return _judged(replace(outer, **{"expirytime": None} | said))


def _members(text: bytes) -> dict[str, Any]:
    try:
        said = loads(text)
    except BadJson as error:
        raise RefusedError("refused.sealed.content", error.code) from error
    if not isinstance(said, dict) or said.pop("v", None) != 1:
        raise RefusedError("refused.sealed.content", "version")
    if said.keys() - {"expirytime"} != set(_WITHIN):
        raise RefusedError("refused.sealed.content", "members")
    return said


def _judged(inner: Event) -> Event:
    """Shapes, type, profile and data, as the region would have judged them."""
    try:
        found = decode_event(encode_event(inner))
    except BadJson as error:
        raise RefusedError("refused.sealed.content", error.code) from error
    kind = find_type(found.kind, found.major)
    refusal = kind if isinstance(kind, tuple) else kind.refusal_within(found)
    if refusal is None and not isinstance(kind, tuple) and kind.opaque:
        refusal = "refused.type.unknown", found.kind
    if refusal is not None:
        # The code alone: a detail could quote what must stay inside.
        raise RefusedError("refused.sealed.content", refusal[0])
    return found
