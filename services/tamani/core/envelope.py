"""What travels: a DSSE v1.0.2 envelope in JSON, one signature, around the exact bytes of one event.

Nobody re-serialises: the payload bytes that were verified are the bytes that are parsed, stored and handed on.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from tamani.core.strict_json import BadJson, loads

EVENT_TYPE = "application/cloudevents+json"
MAX_EVENT = 64 * 1024
# The payload grows by a third in base64; the rest is two short fields.
MAX_VALUE = MAX_EVENT * 4 // 3 + 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """Payload bytes, the key that is said to have signed them (a hint: the registry decides), and the signature."""

    payload: bytes
    keyid: str
    sig: bytes
    payload_type: str = EVENT_TYPE


def pae(payload: bytes, payload_type: str = EVENT_TYPE) -> bytes:
    """DSSE pre-authentication encoding: the bytes that are signed (DSSE protocol.md, "Signature Definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def encode_envelope(envelope: Envelope) -> bytes:
    """The Kafka value of an envelope; written once, when the notice is sealed."""
    body = {
        "payloadType": envelope.payload_type,
        "payload": base64.b64encode(envelope.payload).decode(),
        "signatures": [{"keyid": envelope.keyid, "sig": base64.b64encode(envelope.sig).decode()}],
    }
    return json.dumps(body, separators=(",", ":")).encode()


def decode_envelope(value: bytes, payload_type: str = EVENT_TYPE, max_value: int = MAX_VALUE) -> Envelope:
    """The envelope in a Kafka value.

    Raises:
        BadJson: `refused.size`, `refused.envelope[.base64|.type]` or one of `refused.json…`.
    """
    if len(value) > max_value:
        raise BadJson("refused.size", f"{len(value)} > {max_value}")
    kind, payload, signatures = _strict_members(loads(value), "payloadType", "payload", "signatures")
    if not (isinstance(signatures, list) and len(signatures) == 1):
        raise BadJson("refused.envelope", "signatures")
    keyid, sig = _strict_members(signatures[0], "keyid", "sig")
    if not all(isinstance(text, str) for text in (kind, payload, keyid, sig)):
        raise BadJson("refused.envelope", "not a string")
    if kind != payload_type:
        raise BadJson("refused.envelope.type", kind[:80])
    return Envelope(_unbase64(payload), keyid, _unbase64(sig), kind)


def _strict_members(found: Any, *names: str) -> list[Any]:
    """The values of exactly these members. (A `match` reads nicer and was measured to cost five times as much.)"""
    if not isinstance(found, dict) or len(found) != len(names) or not all(name in found for name in names):
        raise BadJson("refused.envelope", "members")
    return [found[name] for name in names]


def _unbase64(text: str) -> bytes:
    """DSSE takes both alphabets; the rest must be canonical, or one envelope would have many spellings."""
    if ("-" in text or "_" in text) and ("+" in text or "/" in text):
        raise BadJson("refused.envelope.base64", "two alphabets")
    plain = text.replace("-", "+").replace("_", "/")
    try:
        raw = binascii.a2b_base64(plain, strict_mode=True)
    except ValueError as error:
        raise BadJson("refused.envelope.base64", str(error)[:80]) from error
    # Python's strict mode lets spare bits and a surplus `=` pass; writing it again (3 µs) settles all of it.
    if base64.b64encode(raw).decode() != plain:
        raise BadJson("refused.envelope.base64", "padding or tail bits")
    return raw
