"""The envelope: DSSE around the bytes of an event, Ed25519 over its pre-authentication encoding (protocol §1)."""

import base64
import hashlib
import json
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

KIND = "application/cloudevents+json"


def signed(event: dict[str, Any], seed: bytes) -> bytes:
    """A Kafka value: the event as it will be read for ever, and who vouches for it."""
    payload = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    key = SigningKey(seed)
    signature = {
        "keyid": hashlib.sha256(bytes(key.verify_key)).hexdigest(),
        "sig": _text(key.sign(_encoded(payload)).signature),
    }
    return json.dumps({"payloadType": KIND, "payload": _text(payload), "signatures": [signature]}).encode()


def opened(value: bytes, keys: dict[str, bytes]) -> dict[str, Any] | None:
    """The event in an envelope, if one of these keys (by keyid) has signed it."""
    envelope = json.loads(value)
    payload, (one,) = base64.b64decode(envelope["payload"]), envelope["signatures"]
    if envelope["payloadType"] != KIND or one["keyid"] not in keys:
        return None
    try:
        VerifyKey(keys[one["keyid"]]).verify(_encoded(payload), base64.b64decode(one["sig"]))
    except BadSignatureError:
        return None
    event: dict[str, Any] = json.loads(payload)
    return event


def keys_in(bundle: bytes) -> dict[str, bytes]:
    """The keys of the registry that a site hands out (§3), by keyid, of whichever body."""
    rows = json.loads(json.loads(bundle)["documents"]["registry.json"])["keys"]
    return {row["keyid"]: bytes.fromhex(row["public"]) for row in rows}


def _encoded(payload: bytes) -> bytes:
    return b" ".join((b"DSSEv1", str(len(KIND)).encode(), KIND.encode(), str(len(payload)).encode(), payload))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
