"""Hostile and broken values, class by class, each with the code that it must get: the table of *Mutations*.

Every mutation stands between two valid notices of its own thread, hence of its own partition: a hostile value must
never harm its neighbours. The same table runs against the judge alone and through Kafka.
"""

import base64
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tamani.core.envelope import decode_envelope, encode_envelope
from tamani.core.event import Event, encode_event
from tamani.core.names import Lane, partition_key
from tamani.core.registry import Registry
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    Speaker,
    as_json,
    event,
    key_of,
    registry_document,
    seal,
    seal_bytes,
    seal_json,
)
from tests.support.registries import value_of

EACH = 64

# Every encoding of a point of low order (RFC 8032 §5.1.3): the eight points, and their non-canonical spellings.
LOW_ORDER = tuple(
    bytes.fromhex(text)
    for text in (
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 31,
        "ee" + "ff" * 30 + "7f",
        "ee" + "ff" * 31,
        "ed" + "ff" * 30 + "7f",
        "ed" + "ff" * 31,
    )
)
# `S = 0` with `R` the identity: under such a key a lenient verifier takes this for any message.
_FIXED_SIGNATURE = bytes([1]) + bytes(63)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A value with the code it must get, and two valid notices of the same partition around it."""

    family: str
    code: str
    value: bytes
    before: bytes
    after: bytes
    key: bytes
    lane: Lane = Lane.NORMAL

    @property
    def digest(self) -> str:
        """How a receipt names it."""
        return hashlib.sha256(self.value).hexdigest()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a class of mutations works from: chance, a number, and a valid notice of a body of Mali."""

    rng: random.Random
    number: int
    said: Event

    @property
    def sealed(self) -> bytes:
        """The notice as it would travel untouched."""
        return seal(self.said)


Broken = tuple[str, bytes]


def mutations(seed: int = 1, each: int = EACH) -> Iterator[Mutation]:
    """All classes, `each` times; the same for the same seed but for ids, which are always fresh."""
    for family, break_ in FAMILIES.items():
        rng = random.Random(f"{seed} {family}")
        for number in range(each):
            yield _one(family, break_, rng, number)


def _one(family: str, break_: Callable[[Scene], Broken], rng: random.Random, number: int) -> Mutation:
    kind, source = rng.choice([("agenda.meeting", COMMISSION_ML), ("monitor.alert", OBSERVATORY_ML)])
    speaker = Speaker(source)
    first = speaker.says(kind, full=rng.random() < 0.5)
    before, after = seal(first), speaker.seals(kind, subject=first.subject)
    said = first if family == "old id with new content" else speaker.says(kind, subject=first.subject)
    code, value = break_(Scene(rng, number, said))
    return Mutation(family, code, value, before, after, partition_key(source, first.subject), first.lane)


def _flip(rng: random.Random, raw: bytes) -> bytes:
    at = rng.randrange(len(raw) * 8)
    return raw[: at // 8] + bytes([raw[at // 8] ^ (1 << at % 8)]) + raw[at // 8 + 1 :]


def _members(value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value)
    return found


def _text(members: dict[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def payload_bit(scene: Scene) -> Broken:
    """One bit of the signed bytes."""
    members = _members(scene.sealed)
    members["payload"] = base64.b64encode(_flip(scene.rng, encode_event(scene.said))).decode()
    return "refused.signature.invalid", _text(members)


def signature_bit(scene: Scene) -> Broken:
    """One bit of the signature."""
    members = _members(scene.sealed)
    sig = base64.b64decode(members["signatures"][0]["sig"])
    members["signatures"][0]["sig"] = base64.b64encode(_flip(scene.rng, sig)).decode()
    return "refused.signature.invalid", _text(members)


def keyid_bit(scene: Scene) -> Broken:
    """One bit of the key's name."""
    members = _members(scene.sealed)
    keyid = bytes.fromhex(members["signatures"][0]["keyid"])
    members["signatures"][0]["keyid"] = _flip(scene.rng, keyid).hex()
    return "refused.key.unknown", _text(members)


def another_key(scene: Scene) -> Broken:
    """Signed by another enrolled body: under its own name, or under the name of the owner's key."""
    other = key_of(scene.rng.choice([COMMISSION_BF, COMMISSION_NE]))
    value = seal(scene.said, other)
    if scene.number % 2:
        return "refused.source", value
    members = _members(value)
    members["signatures"][0]["keyid"] = key_of(scene.said.source).keyid
    return "refused.signature.invalid", _text(members)


def wrong_topic(scene: Scene) -> Broken:
    """A good notice of another country, on Mali's topic."""
    source = scene.rng.choice([COMMISSION_BF, COMMISSION_NE])
    return "refused.origin", seal(event(scene.said.type[7:-3], source))


def wrong_lane(scene: Scene) -> Broken:
    """A good notice of this very body, on the lane that its thread does not take."""
    kind = "monitor.alert" if scene.said.lane is Lane.NORMAL else "agenda.meeting"
    return "refused.lane", seal(event(kind, scene.said.source))


def duplicate_names(scene: Scene) -> Broken:
    """A name twice in one object: two readers would see two labels. In the payload, its data, or the envelope."""
    text = encode_event(scene.said).decode()
    if scene.number % 3 == 0:
        return "refused.json.duplicate", _in_text(scene, text.replace('"tlp":', '"tlp":"CLEAR","tlp":', 1))
    if scene.number % 3 == 1:
        return "refused.json.duplicate", _in_text(scene, text.replace('"title":', r'"t\u0069tle":"autre","title":', 1))
    return "refused.json.duplicate", scene.sealed.replace(b'"signatures":', b'"signatures":[],"signatures":', 1)


def _in_text(scene: Scene, text: str) -> bytes:
    return seal_bytes(text.encode(), key_of(scene.said.source))


def _with(scene: Scene, json_text: str) -> bytes:
    """The notice with this JSON text as an extra member of its data, truly signed."""
    return _in_text(scene, encode_event(scene.said).decode().replace('"data":{', f'"data":{{"x":{json_text},', 1))


def depth(scene: Scene) -> Broken:
    """More than 32 levels: in the payload or the envelope, a few too many or thousands."""
    levels = scene.rng.choice([33, 40, 1_000, 12_000])
    opened, closed = scene.rng.choice([("[", "]"), ('{"a":', "}")])
    nested = opened * levels + "1" + closed * levels
    if scene.number % 2:
        return "refused.json.depth", f'{{"n":{scene.number},"x":{nested}}}'.encode()
    return "refused.json.depth", _with(scene, (opened * 40 + "1" + closed * 40))


def numbers(scene: Scene) -> Broken:
    """Numbers that are none, or that no double or 64-bit integer holds."""
    bad = ["NaN", "Infinity", "-Infinity", "1e200000", "-1e400", "9" * 5000, str(2**63), "1e309"]
    return "refused.json.number", _with(scene, bad[scene.number % len(bad)])


def null_character(scene: Scene) -> Broken:
    """U+0000, as an escape in a text or in a name; unescaped it is a control character, hence no JSON."""
    bad = [r'"a\u0000b"', r'["\u0000"]', r'{"\u0000":1}', r'{"\u0000":1,"\u0000":2}']
    codes = ["refused.json.text"] * 3 + ["refused.json.duplicate"]
    if scene.number % 5 == 4:
        return "refused.json", _with(scene, '"a\0b"')
    return codes[scene.number % 5], _with(scene, bad[scene.number % 5])


def surrogate(scene: Scene) -> Broken:
    """Half a character: as an escape, the halves in the wrong order, or as bytes that are not UTF-8."""
    bad = [r'"\ud800"', r'"x\udfff"', r'"\udc00\ud800"', r'{"\udead":1}', r'"\ud83d\u0041"']
    if scene.number % 6 == 5:
        text = encode_event(scene.said).replace(b'"title":"', b'"title":"\xed\xa0\x80', 1)
        return "refused.json.text", seal_bytes(text, key_of(scene.said.source))
    return "refused.json.text", _with(scene, bad[scene.number % 6])


def loose_base64(scene: Scene) -> Broken:
    """One envelope must have one spelling: no spare bits, no blanks, exact padding, one alphabet."""
    members = _members(scene.sealed)
    sig = str(members["signatures"][0]["sig"])
    index = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spare = index[index.index(sig[-3]) | scene.rng.randrange(1, 16)]
    forms = [sig[:-3] + spare + "==", sig[:-2], sig + "=", sig[:9] + "\n" + sig[9:], "+-" + sig[2:], "é" + sig[1:]]
    members["signatures"][0]["sig"] = forms[scene.number % len(forms)]
    return "refused.envelope.base64", _text(members)


def three_mebibytes(scene: Scene) -> Broken:
    """Far too large: blanks around a good envelope, a huge text, or chance bytes."""
    size = 3 * 1024 * 1024
    blanks = scene.sealed + b" " * size
    text = b'{"payloadType":"' + b"a" * size + b'","id":"%d"}' % scene.number
    return "refused.size", [blanks, text, scene.rng.randbytes(64) * (size // 64)][scene.number % 3]


def long_subject(scene: Scene) -> Broken:
    """A subject of 3 kB, in letters of one or of two bytes."""
    body = as_json(scene.said)
    letter = "aé"[scene.number % 2]
    body["subject"] = (body["subject"] + letter * 3000)[: 3000 // len(letter.encode())]
    return "refused.event.subject", seal_json(body, key_of(scene.said.source))


def bare_event(scene: Scene) -> Broken:
    """A CloudEvent without an envelope, or an envelope without exactly one signature."""
    members = _members(scene.sealed)
    if scene.number % 4 == 1:
        members["signatures"] = []
    elif scene.number % 4 == 2:
        members["signatures"] *= 2
    elif scene.number % 4 == 3:
        members["alg"] = "none"
    return "refused.envelope", encode_event(scene.said) if scene.number % 4 == 0 else _text(members)


def old_id(scene: Scene) -> Broken:
    """The id of the notice before, truly signed by the same body, with other words."""
    body = as_json(scene.said)
    body["data"]["head"]["title"] = f"Un autre titre, numéro {scene.number}"
    return "equivocation", seal_json(body, key_of(scene.said.source))


def low_order_key(scene: Scene) -> Broken:
    """The fixed signature under a key of low order, whose enrolment was asked for and must have been refused."""
    public = LOW_ORDER[scene.number % len(LOW_ORDER)]
    envelope = decode_envelope(scene.sealed)
    keyid = hashlib.sha256(public).hexdigest()
    return "refused.key.unknown", encode_envelope(type(envelope)(envelope.payload, keyid, _FIXED_SIGNATURE))


FAMILIES: dict[str, Callable[[Scene], Broken]] = {
    "a bit of the payload": payload_bit,
    "a bit of the signature": signature_bit,
    "a bit of the keyid": keyid_bit,
    "another body's key": another_key,
    "the topic of another origin": wrong_topic,
    "the other lane": wrong_lane,
    "a name twice": duplicate_names,
    "too deep": depth,
    "NaN and 1e200000": numbers,
    "U+0000": null_character,
    "a lone surrogate": surrogate,
    "non-canonical base64": loose_base64,
    "3 MiB": three_mebibytes,
    "a subject of 3 kB": long_subject,
    "a bare CloudEvent": bare_event,
    "old id with new content": old_id,
    "a key of low order": low_order_key,
}


def weak_registries(first_version: int = 2, each: int = EACH) -> Iterator[bytes]:
    """Registry documents, signed by all officers, that would enrol a key of low order: all must be refused."""
    for number in range(each):
        public = LOW_ORDER[number % len(LOW_ORDER)]
        document = registry_document(version=first_version + number)
        row = document["keys"][number % len(document["keys"])]
        row |= {"public": public.hex(), "keyid": hashlib.sha256(public).hexdigest()}
        yield value_of(Registry.model_validate(document))


def table(answers: list[tuple[str, str, str]]) -> str:
    """How often each class got which code, to be printed; an answer is (class, code expected, code got)."""
    counts = Counter(answers)
    lines = [f"{'class':28} {'code':28} {'got':>5} {'of':>5}"]
    for family, code in dict.fromkeys((family, code) for family, code, _ in answers):
        asked = sum(count for row, count in counts.items() if row[:2] == (family, code))
        lines.append(f"{family:28} {code:28} {counts[family, code, code]:5} {asked:5}")
    return "\n".join(lines)
