"""Signatures checked once more: with another library than ours and encodings made by hand (DSSE v1.0.2, RFC 8032)."""

import base64
import json
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.support.keys import key_of

KEYS = 2  # a body has one, and another after it


@cache
def _public(source: str) -> dict[str, Ed25519PublicKey]:
    keys = (key_of(source, number) for number in range(KEYS))
    return {key.keyid: Ed25519PublicKey.from_public_bytes(key.public) for key in keys}


def truly_signed(value: bytes) -> bool:
    """Whether a Kafka value bears one signature, over the bytes it carries, by a key of the body that these name."""
    envelope = json.loads(value)
    payload = base64.b64decode(envelope["payload"])
    said = b"DSSEv1 28 application/cloudevents+json %d %s" % (len(payload), payload)
    (signature,) = envelope["signatures"]
    public = _public(json.loads(payload)["source"]).get(signature["keyid"])
    if public is None:
        return False
    try:
        public.verify(base64.b64decode(signature["sig"]), said)
    except InvalidSignature:
        return False
    return True
