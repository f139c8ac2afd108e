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


# By keyid: the body, and its public key.
Keys = dict[str, tuple[str, bytes]]


def opened(value: bytes, keys: Keys) -> dict[str, Any] | None:
    """The event in an envelope, if its own body has signed it with one of these keys."""
    envelope = json.loads(value)
    payload, (one,) = base64.b64decode(envelope["payload"]), envelope["signatures"]
    if envelope["payloadType"] != KIND or one["keyid"] not in keys:
        return None
    body, public = keys[one["keyid"]]
    try:
        VerifyKey(public).verify(_encoded(payload), base64.b64decode(one["sig"]))
    except BadSignatureError:
        return None
    event: dict[str, Any] = json.loads(payload)
    return event if event["source"] == body else None


def keys_in(bundle: bytes) -> Keys:
    """The keys of the registry that a site hands out (§3)."""
    rows = json.loads(json.loads(bundle)["documents"]["registry.json"])["keys"]
    return {row["keyid"]: (row["body"], bytes.fromhex(row["public"])) for row in rows}


def _encoded(payload: bytes) -> bytes:
    return b" ".join((b"DSSEv1", str(len(KIND)).encode(), KIND.encode(), str(len(payload)).encode(), payload))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
