"""The judge's recipe: each refusal by its own code, the first fault by the order of the steps, nothing told early."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest
from nacl import bindings

from tamani.core.envelope import EVENT_TYPE, pae
from tamani.core.event import Event
from tamani.core.judge import judge, judge_payload, verify_again
from tamani.core.names import Country, Lane
from tamani.core.registry import Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.legacy import REGISTRY_TYPE
from tamani.core.verdict import Forward, Refuse, Verdict
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    KINDS,
    as_json,
    event,
    id_of,
    key_of,
    key_row,
    registry,
    seal,
)


@dataclass
class Draft:
    """A notice on its way to the judge, to be spoilt at any step of it."""

    body: dict[str, Any] = field(default_factory=lambda: as_json(event(source=COMMISSION_ML, full=True)))
    key: SigningKey = field(default_factory=lambda: key_of(COMMISSION_ML))
    keyid: str | None = None
    payload_type: str = EVENT_TYPE
    surplus: dict[str, Any] = field(default_factory=dict)
    text: Callable[[str], str] = str
    sig: Callable[[bytes], bytes] = bytes
    ending: bytes = b""
    origin: Country = Country.ML
    lane: Lane = Lane.NORMAL
    known: Registry = field(default_factory=registry)

    def value(self) -> bytes:
        """The Kafka value."""
        payload = self.text(json.dumps(self.body, ensure_ascii=False)).encode("utf-8", "surrogatepass")
        sig = self.sig(self.key.sign(payload, self.payload_type).sig)
        signature = {"keyid": self.keyid or self.key.keyid, "sig": base64.b64encode(sig).decode()}
        members = {"payloadType": self.payload_type, "payload": base64.b64encode(payload).decode()}
        return json.dumps(members | {"signatures": [signature]} | self.surplus).encode() + self.ending

    def judged(self) -> Verdict:
        """What the judge says."""
        return judge(self.value(), self.origin, self.lane, self.known)


Spoil = Callable[[Draft], object]


def _set(**changes: object) -> Spoil:
    return lambda draft: draft.body.update(changes)


def _put(**changes: object) -> Spoil:
    def spoil(draft: Draft) -> None:
        for name, value in changes.items():
            setattr(draft, name, value)

    return spoil


def _without_rights(draft: Draft) -> None:
    draft.known = registry(keys=[key_row(COMMISSION_ML, rights=[])])


# In the order of the recipe: of two faults the earlier is told.
LADDER: dict[str, Spoil] = {
    "refused.size": _put(ending=b" " * 90_000),
    "refused.json": _put(ending=b"}"),
    "refused.envelope": lambda draft: draft.surplus.update(alg="none"),
    "refused.envelope.type": _put(payload_type=REGISTRY_TYPE),
    "refused.envelope.base64": lambda draft: draft.surplus.update(payload="AA=="[:3]),
    "refused.key.unknown": _put(keyid="0" * 64),
    "refused.signature.invalid": _put(sig=lambda sig: sig[:-1] + bytes([sig[-1] ^ 1])),
    "refused.json.duplicate": _put(text=lambda text: text.replace('"tlp"', '"tlp": "CLEAR", "tlp"', 1)),
    "refused.event": lambda draft: draft.body.pop("specversion"),
    "refused.event.id": _set(id="1"),
    "refused.profile": _set(profile="-"),
    "refused.event.subject": _set(subject="agenda/" + "x" * 3000),
    "refused.tlp": _set(tlp="WHITE"),
    "refused.event.time": _set(time="2026-02-30T00:00:00Z"),
    "refused.source": _set(source=COMMISSION_BF),
    "refused.type.unknown": _set(type="tamani.agenda.fete.v1", dataschema="urn:tamani:agenda.fete:0"),
    "refused.data": lambda draft: draft.body["data"].pop("head"),
    "refused.origin": _put(origin=Country.NE),
    "refused.lane": _put(lane=Lane.URGENT),
    "refused.policy.type": _without_rights,
    "refused.policy.audience": _set(audience="/ml/inconnu"),
}
# The others, alone.
MORE: dict[str, tuple[str, Spoil]] = {
    "depth": ("refused.json.depth", lambda draft: draft.body["data"].update(x=json.loads("[" * 40 + "]" * 40))),
    "number": ("refused.json.number", _put(text=lambda text: text.replace('"data": {', '"data": {"x": 1e400, ', 1))),
    "text": ("refused.json.text", _put(text=lambda text: text.replace('"title": "', '"title": "\\ud800', 1))),
    "version": ("refused.type.version", _set(type="tamani.agenda.meeting.v2")),
    "profile of another type": ("refused.profile", _set(profile="alerte")),
    "family": ("refused.event.subject", _set(subject="law/x")),
    "tlp of the key": (
        "refused.policy.tlp",
        lambda draft: setattr(draft, "known", registry(keys=[key_row(COMMISSION_ML, tlp_max="CLEAR")])),
    ),
    "sealed": ("refused.tlp.unsealed", _set(tlp="RED", audience=COMMISSION_ML)),
    "strict": ("refused.tlp.unsealed", _set(tlp="AMBER+STRICT", audience=COMMISSION_ML)),
    "no audience": ("refused.policy.audience", _set(tlp="AMBER")),
    "audience out of order": ("refused.policy.audience", _set(audience=f"{COMMISSION_ML} {COMMISSION_BF}")),
    "an expiry that is no date": ("refused.event.time", _set(expirytime="demain")),
}
BEFORE_THE_SIGNATURE = list(LADDER)[: list(LADDER).index("refused.signature.invalid") + 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_notice_goes_forward(kind: str) -> None:
    said = event(kind, full=True)
    verdict = judge(seal(said), said.country, said.lane, registry())
    assert isinstance(verdict, Forward)
    assert verdict.event == said
    assert verdict.digest == hashlib.sha256(verdict.envelope.payload).digest()
    assert (verdict.row.body, verdict.registry_version, verdict.marks) == (said.source, 1, ())


@pytest.mark.parametrize("code", LADDER)
def test_each_fault_has_its_code(code: str) -> None:
    draft = Draft()
    LADDER[code](draft)
    verdict = draft.judged()
    assert isinstance(verdict, Refuse)
    assert verdict.name == code
    assert verdict.code.fr != verdict.code.en


@pytest.mark.parametrize(("code", "spoil"), MORE.values(), ids=MORE)
def test_and_so_have_these(code: str, spoil: Spoil) -> None:
    draft = Draft()
    spoil(draft)
    verdict = draft.judged()
    assert isinstance(verdict, Refuse)
    assert verdict.name == code


@pytest.mark.parametrize(("first", "second"), list(combinations(LADDER, 2)))
def test_of_two_faults_the_earlier_step_is_told(first: str, second: str) -> None:
    """Each pair of faults in one notice; so a forgery is never told what else is wrong with it."""
    draft = Draft()
    LADDER[second](draft)
    LADDER[first](draft)
    verdict = draft.judged()
    assert isinstance(verdict, Refuse)
    assert verdict.name == first


@pytest.mark.parametrize("code", BEFORE_THE_SIGNATURE)
def test_before_the_signature_held_nothing_of_the_notice_is_told(code: str) -> None:
    """Neither event nor key: else a forger could have answers written in another's name."""
    draft = Draft()
    draft.body["id"] = id_of(77)
    LADDER[code](draft)
    verdict = draft.judged()
    assert isinstance(verdict, Refuse)
    assert (verdict.event, verdict.keyid) == (None, None)
    assert id_of(77) not in verdict.detail
    assert COMMISSION_ML not in verdict.detail


@pytest.mark.parametrize("code", [code for code in LADDER if code not in BEFORE_THE_SIGNATURE])
def test_after_it_held_the_key_is_told_and_the_event_once_it_is_the_owners(code: str) -> None:
    draft = Draft()
    LADDER[code](draft)
    verdict = draft.judged()
    assert isinstance(verdict, Refuse)
    assert verdict.keyid == draft.key.keyid
    later = list(LADDER).index(code) > list(LADDER).index("refused.source")
    assert isinstance(verdict.event, Event) is later


def test_the_name_of_a_key_decides_nothing() -> None:
    """Another's keyid beside one's own signature is a bad signature; another's source under one's own key, refused."""
    assert _judged(keyid=key_of(COMMISSION_BF).keyid) == "refused.signature.invalid"
    assert _judged(key=key_of(COMMISSION_BF)) == "refused.source"
    assert _judged(keyid=key_of(COMMISSION_ML).keyid.upper()) == "refused.key.unknown"
    assert _judged(keyid="é\u202e") == "refused.key.unknown"


def _judged(**changes: object) -> str:
    draft = Draft()
    _put(**changes)(draft)
    verdict = draft.judged()
    return verdict.name if isinstance(verdict, Refuse) else "forward"


def test_a_second_key_of_the_same_body_speaks_for_it() -> None:
    known = registry(keys=[key_row(COMMISSION_ML), key_row(COMMISSION_ML, 1)])
    assert _judged(known=known, key=key_of(COMMISSION_ML, 1)) == "forward"


def test_a_signature_over_the_payload_alone_is_none() -> None:
    """Without DSSE's encoding around it, a signature made for another purpose would pass."""
    draft = Draft()
    key = draft.key
    payload = json.dumps(draft.body, ensure_ascii=False).encode()
    bare = bindings.crypto_sign(payload, key.seed + key.public)[:64]
    assert pae(payload) != payload
    assert _judged(body=draft.body, sig=lambda _: bare) == "refused.signature.invalid"
    proper = bindings.crypto_sign(pae(payload), key.seed + key.public)[:64]
    assert _judged(body=draft.body, sig=lambda _: proper) == "forward"


def test_a_mirror_still_reads_what_its_author_may_no_longer_say() -> None:
    """Steps 0 to 6 only: rights, origin and lane were judged when it was archived."""
    value = seal(event(tlp="AMBER", audience=COMMISSION_BF))
    later = registry(keys=[key_row(COMMISSION_ML, rights=[], tlp_max="CLEAR", state="suspended")])
    assert isinstance(judge(value, Country.ML, Lane.NORMAL, later), Refuse)
    assert isinstance(verify_again(value, later), Forward)


def test_a_node_asks_the_same_judge_before_it_signs() -> None:
    known = registry()
    envelope = key_of(COMMISSION_ML).sign(json.dumps(as_json(event())).encode())
    row = known.key(envelope.keyid)
    assert row
    assert isinstance(judge_payload(envelope, row, known), Forward)
    red = key_of(COMMISSION_ML).sign(json.dumps(as_json(event(tlp="RED", audience=COMMISSION_ML))).encode())
    verdict = judge_payload(red, row, known)
    assert isinstance(verdict, Refuse)
    assert verdict.name == "refused.tlp.unsealed"
