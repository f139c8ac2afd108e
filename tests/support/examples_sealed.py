"""Sealed examples with everything that opens them: the event, its key, what is within. Key and nonce are fixed.

The capsules are named and not enclosed: age makes another file each time.
"""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

from nacl import bindings

from tamani.core.catalogue.sealed import LANG, PROFILE, TYPE
from tamani.core.event import Event
from tamani.core.sealing import NONCE_BYTES, bound_to, commitment, pack
from tests.support.notices import COMMISSION_NE, as_json, data_of, event, id_of

KEY = hashlib.sha256(b"key of the sealed examples").digest()
NONCE = hashlib.sha256(b"nonce of the sealed examples").digest()[:NONCE_BYTES]
SUBJECT = "sealed/01890000-0000-7000-8000-00000000005e"
_CAPSULES = [{"origin": cc, "sha256": hashlib.sha256(f"capsule {cc}".encode()).hexdigest()} for cc in ("ml", "ne")]
# Code, why, change of the sealed event (of its data, by member).
SEALED_FAULTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("refused.data", "a size that is none of the four", {"data": {"size": 1000}}),
    ("refused.data", "a size of which the content is not", {"data": {"size": 40960}}),
    ("refused.data", "content that is no base64", {"data": {"ciphertext": "§"}}),
    ("refused.data", "capsules are sorted", {"data": {"capsules": _CAPSULES[::-1]}}),
    ("refused.data", "one capsule an origin", {"data": {"capsules": [*_CAPSULES, _CAPSULES[1]]}}),
    ("refused.sealed", "an origin of a reader has no capsule", {"data": {"capsules": _CAPSULES[:1]}}),
    ("refused.sealed", "a capsule for an origin without a reader", {"audience": "/ml/observatoire-paix"}),
    ("refused.sealed", "what everybody may read needs no seal", {"tlp": "GREEN"}),
    ("refused.sealed", "its language tells who speaks", {"lang": "fr"}),
    ("refused.sealed", "its end tells what it is", {"expirytime": "2026-04-14T12:00:00Z"}),
    ("refused.sealed", "its subject tells what it is about", {"subject": "sealed/temoins"}),
    ("refused.event.subject", "its thread is that of sealed notices", {"subject": "agenda/exemple"}),
    ("refused.profile", "its profile is always the same", {"profile": "flash"}),
)


def inner_of(kind: str, profile: str) -> Event:
    """A notice to be sealed, for one reader abroad."""
    said = event(kind, profile=profile, id=id_of(1), data=data_of(kind, profile=profile))
    return replace(said, tlp="AMBER", audience=COMMISSION_NE, subject=SUBJECT)


def sealed_with(inner: Event) -> dict[str, Any]:
    """The event that hides it, the key in base64, and the JSON within."""
    outer = replace(inner, type=TYPE.type, profile=PROFILE, dataschema=TYPE.dataschema, lang=LANG, data={})
    plain = pack(inner)
    cipher = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound_to(outer), NONCE, KEY)
    data = {
        "size": len(plain),
        "nonce": base64.b64encode(NONCE).decode(),
        "commitment": commitment(KEY).hex(),
        "capsules": _CAPSULES,
        "ciphertext": base64.b64encode(cipher).decode(),
    }
    within = json.loads(plain[4:].rstrip(b"\0"))
    return {"event": as_json(replace(outer, data=data)), "key": base64.b64encode(KEY).decode(), "within": within}
