"""The attacks on a notice on its way: forged, spelt again, stripped, played elsewhere, too large. All pure."""

import base64
import json
from dataclasses import replace

from tamani.core import judge as judging
from tamani.core.envelope import Envelope, decode_envelope, encode_envelope, pae
from tamani.core.event import encode_event
from tamani.core.names import Country, Lane
from tamani.core.registry import Registry
from tamani.core.signing import keyid_of
from tamani.core.verdict import Refuse
from tests.component.evidence.table import Attack, Caught
from tests.support.edwards import LOW_ORDER, ZERO, L, challenge, encode, scalar_of, spellings
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    event,
    key_of,
    key_row,
    registry,
    seal,
    seal_bytes,
)

ROUTER, DESKS = "router", "router, every desk"
POSSESSION = "application/vnd.tamani.registry.possession+json"


def _routed(
    value: bytes, origin: Country = Country.ML, lane: Lane = Lane.NORMAL, known: Registry | None = None
) -> Caught | None:
    """What the router makes of a value, and desks if it did not; nothing if it lets it through."""
    known = known or registry()
    verdict, again = judging.judge(value, origin, lane, known), judging.verify_again(value, known)
    if not isinstance(verdict, Refuse):
        return None
    assert not isinstance(again, Refuse) or again.name == verdict.name
    return Caught(DESKS if isinstance(again, Refuse) else ROUTER, verdict.name)


def _resealed(value: bytes, **changes: object) -> bytes:
    """The envelope with parts of it changed, under the signature that it had."""
    return encode_envelope(replace(decode_envelope(value), **changes))  # type: ignore[arg-type]


def _reworded(value: bytes, old: str, new: str) -> bytes:
    payload = decode_envelope(value).payload
    assert old.encode() in payload
    return _resealed(value, payload=payload.replace(old.encode(), new.encode()))


# Keys and signatures.


def fixed_signature(_: None) -> Caught | None:
    """Should a key of low order have been enrolled: R the neutral point, S zero, for a message nobody signed."""
    weak = encode(LOW_ORDER[0])
    row = key_row(COMMISSION_ML) | {"public": weak.hex(), "keyid": keyid_of(weak)}
    forged = Envelope(encode_event(event()), keyid_of(weak), encode(ZERO) + bytes(32))
    return _routed(encode_envelope(forged), known=registry(keys=[row]))


def larger_s(_: None) -> Caught | None:
    """S and S + L are one number to whoever does not look: a second signature without the key."""
    value = seal(event())
    sig = decode_envelope(value).sig
    larger = int.from_bytes(sig[32:], "little") + L
    return _routed(_resealed(value, sig=sig[:32] + larger.to_bytes(32, "little")))


def other_r(_: None) -> Caught | None:
    """The key's own holder spells R in a way that some verifiers take and others refuse."""
    key, payload = key_of(COMMISSION_ML), encode_event(event())
    first = spellings(ZERO)[-1]
    scalar = challenge(first, key.public, pae(payload)) * scalar_of(key.seed) % L
    return _routed(encode_envelope(Envelope(payload, key.keyid, first + scalar.to_bytes(32, "little"))))


def under_another_s_key(_: None) -> Caught | None:
    """Burkina Faso's body signs what Mali's would say, and names Mali's key."""
    value = seal(event(source=COMMISSION_ML), key_of(COMMISSION_BF))
    return _routed(_resealed(value, keyid=key_of(COMMISSION_ML).keyid))


def for_another(_: None) -> Caught | None:
    """Burkina Faso's body signs in Mali's name with its own key."""
    return _routed(seal(event(source=COMMISSION_ML), key_of(COMMISSION_BF)))


def unsigned(_: None) -> Caught | None:
    """The signature is stripped: a bare CloudEvent."""
    return _routed(encode_event(event()))


def for_another_purpose(_: None) -> Caught | None:
    """What a body signed for the registry's office is sent as a notice of its."""
    payload = encode_event(event())
    return _routed(_resealed(seal_bytes(payload, key_of(COMMISSION_ML)), sig=_signed_as(POSSESSION, payload)))


def _signed_as(payload_type: str, payload: bytes) -> bytes:
    return key_of(COMMISSION_ML).sign(payload, payload_type).sig


# Spellings.


def two_labels(_: None) -> Caught | None:
    """A label twice: who reads the first hides it, who reads the last shows it to the world."""
    text = encode_event(event(tlp="GREEN")).replace(b'"tlp":"GREEN"', b'"tlp":"GREEN","tlp":"CLEAR"')
    return _routed(seal_bytes(text, key_of(COMMISSION_ML)))


def another_spelling(_: None) -> Caught | None:
    """The same envelope in other base64: another value to whoever counts values."""
    value = json.loads(seal(event()))
    sig = value["signatures"][0]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    value["signatures"][0]["sig"] = sig[:-3] + alphabet[alphabet.index(sig[-3]) | 1] + "=="
    assert base64.b64decode(value["signatures"][0]["sig"]) == base64.b64decode(sig)
    return _routed(json.dumps(value).encode())


def too_large(_: None) -> Caught | None:
    """Three mebibytes of blanks in a notice that is sound otherwise, before a link of 64 kbit/s."""
    return _routed(seal_bytes(encode_event(event()) + b" " * (3 << 20), key_of(COMMISSION_ML)))


def too_deep(_: None) -> Caught | None:
    """Ten thousand brackets: a decoder that follows them ends with its worker."""
    text = encode_event(event()).replace(b'"data":{', b'"data":{"x":' + b"[" * 10_000 + b"]" * 10_000 + b",", 1)
    try:
        return _routed(seal_bytes(text, key_of(COMMISSION_ML)))
    except RecursionError:
        return None


# Replays and relays.


def in_another_origin(_: None) -> Caught | None:
    """A good notice of Mali is played into Niger's topic."""
    return _routed(seal(event()), Country.NE)


def in_another_lane(_: None) -> Caught | None:
    """A good notice of a meeting is played into the lane of alerts."""
    return _routed(seal(event()), lane=Lane.URGENT)


def to_another_audience(_: None) -> Caught | None:
    """A relay addresses a notice to somebody else, too."""
    return _routed(_reworded(seal(event(tlp="AMBER", audience=BUREAU)), BUREAU, f"{COMMISSION_BF} {BUREAU}"))


def lowered_label(_: None) -> Caught | None:
    """A relay lowers the label."""
    return _routed(_reworded(seal(event(tlp="GREEN")), '"tlp":"GREEN"', '"tlp":"CLEAR"'))


def lowered_label_signed_again(_: None) -> Caught | None:
    """A relay lowers the label and signs with a key of its own."""
    lowered = decode_envelope(_reworded(seal(event(tlp="GREEN")), '"tlp":"GREEN"', '"tlp":"CLEAR"'))
    return _routed(seal_bytes(lowered.payload, key_of(COMMISSION_BF)))


FORGED, WRONG_OWNER = Caught(DESKS, "refused.signature.invalid"), Caught(DESKS, "refused.source")
ANYBODY, OWNER, RELAY, OTHER = "anybody", "the key's holder", "a relay", "another body"
SIGNATURE, EVENT = "the signature", "the signed event"
NOTICE_ATTACKS: tuple[Attack[None], ...] = (
    Attack("one signature for all messages", ANYBODY, SIGNATURE, FORGED, fixed_signature, (("strict",),)),
    Attack("a signature is spelt again, S + L", RELAY, SIGNATURE, FORGED, larger_s, (("strict",),)),
    Attack("R is spelt in another way", OWNER, SIGNATURE, FORGED, other_r, (("strict",),)),
    Attack("the key of one, signed by another", OTHER, SIGNATURE, FORGED, under_another_s_key, (("verified",),)),
    Attack("in the name of another", OTHER, "the registry's row", WRONG_OWNER, for_another, (("owner",),)),
    Attack(
        "the signature is stripped",
        RELAY,
        "the value",
        Caught(DESKS, "refused.envelope"),
        unsigned,
        (("unsigned",),),
    ),
    Attack("signed for another purpose", RELAY, SIGNATURE, FORGED, for_another_purpose, (("type",),)),
    Attack(
        "a label stands there twice",
        OWNER,
        EVENT,
        Caught(DESKS, "refused.json.duplicate"),
        two_labels,
        (("names",),),
    ),
    Attack(
        "the same bytes, other base64",
        RELAY,
        "the value",
        Caught(DESKS, "refused.envelope.base64"),
        another_spelling,
        (("spelling",),),
    ),
    Attack("a notice is huge", OWNER, "the value", Caught(DESKS, "refused.size"), too_large, (("size",),)),
    Attack("a notice is deep", OWNER, EVENT, Caught(DESKS, "refused.json.depth"), too_deep, (("depth",),)),
    Attack(
        "replayed into another origin",
        RELAY,
        EVENT,
        Caught(ROUTER, "refused.origin"),
        in_another_origin,
        (("origin",),),
    ),
    Attack("replayed into another lane", RELAY, EVENT, Caught(ROUTER, "refused.lane"), in_another_lane, (("lane",),)),
    Attack("replayed to another audience", RELAY, SIGNATURE, FORGED, to_another_audience, (("verified",),)),
    Attack("a relay lowers the label", RELAY, SIGNATURE, FORGED, lowered_label, (("verified",),)),
    Attack("… and signs it anew", RELAY, "the registry's row", WRONG_OWNER, lowered_label_signed_again, (("owner",),)),
)
