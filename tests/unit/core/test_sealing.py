"""Sealing and opening: what goes in comes out, for its readers alone, and nothing that was touched is believed."""

import base64
import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings
from pyrage import x25519

from tamani.core.capsule import MAX_CAPSULE, unwrap, wrap
from tamani.core.catalogue import catalogue
from tamani.core.catalogue.sealed import SIZES
from tamani.core.errors import RefusedError
from tamani.core.event import Event, encode_event
from tamani.core.judge import judge
from tamani.core.names import Country, Lane
from tamani.core.recipients import Identity
from tamani.core.sealing import SealedNotice, bound_to, commitment, open_body, open_sealed, pack, unpack
from tamani.core.sealing import seal as seal_body
from tamani.core.verdict import Forward, Refuse
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    NOTICE_KINDS,
    OBSERVATORY_ML,
    OBSERVATORY_NE,
    TOWN_NE,
    data_of,
    id_of,
    key_of,
    new_id,
    registry,
    seal,
)
from tests.support.reading_keys import bech32, identity_of
from tests.support.sealed import inner_event, sealed_event, with_data

KNOWN = registry()
READER = OBSERVATORY_NE
CANARY = "canari-b7f3"


def refusal(work: Callable[..., object], *given: Any) -> str:
    with pytest.raises(RefusedError) as told:
        work(*given)
    assert CANARY not in str(told.value)
    return told.value.code.name


def opened(notice: SealedNotice, reader: str = READER) -> Event:
    country = Country(reader[1:3])
    return open_sealed(notice.event, notice.capsules[country], [identity_of(reader)])


def verdict_of(event: Event) -> str | None:
    verdict = judge(seal(event), event.country, Lane.NORMAL, KNOWN)
    return verdict.name if isinstance(verdict, Refuse) else None


# What goes in comes out.


@pytest.mark.parametrize("kind", [kind for kind in NOTICE_KINDS if "RED" in catalogue()[kind].tlps])
@pytest.mark.parametrize("full", [False, True])
def test_every_type_comes_back_as_it_was_said(kind: str, full: bool) -> None:
    """For the reader abroad and for the body that said it; and the region takes what travels."""
    inner = inner_event(kind, full=full, lang="bm", expirytime="2026-04-01T00:00:00Z")
    notice = seal_body(inner, {Country.ML: [identity_of(COMMISSION_ML).recipient], Country.NE: [recipient(READER)]})
    assert opened(notice) == inner
    assert opened(notice, COMMISSION_ML) == inner
    assert verdict_of(notice.event) is None


def recipient(source: str) -> str:
    return identity_of(source).recipient


@settings(max_examples=80, deadline=None)
@given(
    body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5000),
    tlp=st.sampled_from(["AMBER", "AMBER+STRICT", "RED"]),
    readers=st.sets(st.sampled_from([READER, TOWN_NE, COMMISSION_BF, OBSERVATORY_ML, BUREAU]), min_size=1),
)
def test_any_text_comes_back_to_each_of_any_readers(body: str, tlp: str, readers: set[str]) -> None:
    """Whatever it says and however many read it: the same words for each, and none of them outside."""
    head = {"title": CANARY, "body": body}
    inner = inner_event(tlp=tlp, audience=" ".join(sorted(readers)), data=data_of("monitor.report") | {"head": head})
    notice = sealed_event(tlp=tlp, audience=inner.audience, id=inner.id, subject=inner.subject, data=inner.data)
    for reader in (*readers, COMMISSION_ML):
        assert opened(notice, reader).data == inner.data
    outside = encode_event(notice.event) + b"".join(notice.capsules.values())
    assert CANARY.encode() not in outside


def test_two_reading_keys_of_a_body_both_open() -> None:
    """So that a key can be changed with an overlap."""
    inner = inner_event()
    keys = [identity_of(READER, number) for number in (0, 1)]
    readers = {Country.ML: [recipient(COMMISSION_ML)], Country.NE: [key.recipient for key in keys]}
    notice = seal_body(inner, readers)
    for key in keys:
        assert open_sealed(notice.event, notice.capsules[Country.NE], [key]) == inner


# What the bus sees.


def test_outside_stands_nothing_but_who_says_it_to_whom_and_when() -> None:
    """Type, profile, language, validity and content are the same for all sealed notices, or inside."""
    said = json.loads(encode_event(sealed_event(lang="ha", expirytime="2026-04-01T00:00:00Z").event))
    kept = {"specversion", "id", "source", "subject", "time", "datacontenttype", "tlp", "audience", "sequence", "data"}
    assert said.keys() - kept == {"type", "profile", "dataschema", "lang"}
    assert [said[name] for name in ("type", "profile", "lang")] == ["tamani.sealed.v1", "v1", "und"]
    assert set(said["data"]) == {"size", "nonce", "commitment", "capsules", "ciphertext"}


@pytest.mark.parametrize(("length", "size"), [(0, 1024), (300, 1024), (1100, 4096), (4000, 16_384), (16_000, 40_960)])
def test_sizes_on_the_bus_tell_the_class_alone(length: int, size: int) -> None:
    """Every length within a class makes an event of exactly the same length."""
    head = {"title": "Un titre", "body": "x" * length}
    notice = sealed_event(data=data_of("monitor.report") | {"head": head})
    other = sealed_event(data=data_of("monitor.report") | {"head": head | {"body": "x" * (length // 2 * 2 + 1)}})
    assert notice.event.data["size"] == other.event.data["size"] == size
    assert len(base64.b64decode(notice.event.data["ciphertext"])) == size + 16
    assert len(encode_event(notice.event)) == len(encode_event(other.event)) < 64 * 1024


def test_the_edges_of_the_classes() -> None:
    """The last byte of a class is used; one byte more goes to the next; beyond the last it is too large."""
    inner = inner_event(data={"x": ""})
    base = len(json.dumps(json.loads(pack(inner)[4:].rstrip(b"\0")), separators=(",", ":")))
    for size, following in zip(SIZES, (*SIZES[1:], None), strict=True):
        fits = dataclasses.replace(inner, data={"x": "y" * (size - 4 - base)})
        assert len(pack(fits)) == size
        more = dataclasses.replace(inner, data={"x": "y" * (size - 3 - base)})
        assert (len(pack(more)) if following else refusal(pack, more)) == (following or "refused.size")


# Who cannot read.


@pytest.mark.parametrize("stranger", [TOWN_NE, COMMISSION_BF])
def test_who_is_not_named_cannot_open(stranger: str) -> None:
    """Neither another body of the same country nor one of a third."""
    notice = sealed_event()
    capsule = notice.capsules[Country.NE]
    assert refusal(open_sealed, notice.event, capsule, [identity_of(stranger)]) == "refused.sealed.reader"
    assert refusal(open_sealed, notice.event, capsule, []) == "refused.sealed.reader"


def test_a_capsule_of_another_notice_is_not_taken() -> None:
    """Not because it is named so, nor when its author names it in a notice of theirs."""
    one, other = sealed_event(), sealed_event()
    stolen = other.capsules[Country.NE]
    assert refusal(open_sealed, one.event, stolen, [identity_of(READER)]) == "refused.sealed.capsule"
    refs = [{"origin": "ne", "sha256": hashlib.sha256(stolen).hexdigest()}]
    forged = with_data(one.event, capsules=refs)
    assert refusal(open_sealed, forged, stolen, [identity_of(READER)]) == "refused.sealed.capsule"


# What was touched.


def test_every_byte_of_a_sealed_event_counts() -> None:
    """The signature already refuses each of these; here also the seal itself does, wherever it is asked."""
    notice = sealed_event(data=data_of("monitor.report") | {"head": {"title": CANARY}})
    value = seal(notice.event)
    taken = [at for at in range(len(value)) if not _refused(_flipped(value, at))]
    assert taken == []


def _flipped(value: bytes, at: int) -> bytes:
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def _refused(value: bytes) -> bool:
    return isinstance(judge(value, Country.ML, Lane.NORMAL, KNOWN), Refuse)


def test_every_byte_of_a_capsule_counts() -> None:
    """By its SHA-256 in the notice, and by age's own authentication where somebody names the changed one."""
    notice = sealed_event()
    capsule = notice.capsules[Country.NE]
    for at in range(len(capsule)):
        changed = _flipped(capsule, at)
        assert refusal(open_sealed, notice.event, changed, [identity_of(READER)]) in {"refused.sealed.capsule"}
        with pytest.raises(RefusedError):
            unwrap(changed, notice.event.source, notice.event.id, [identity_of(READER)])


def test_every_byte_of_the_ciphertext_counts() -> None:
    notice = sealed_event(data=data_of("monitor.report") | {"head": {"title": CANARY}})
    key = _key_of(notice)
    cipher = base64.b64decode(notice.event.data["ciphertext"])
    for at in range(len(cipher)):
        forged = with_data(notice.event, ciphertext=base64.b64encode(_flipped(cipher, at)).decode())
        assert refusal(open_body, forged, key) == "refused.sealed.body"


def _key_of(notice: SealedNotice) -> bytes:
    return unwrap(notice.capsules[Country.NE], notice.event.source, notice.event.id, [identity_of(READER)])


@pytest.mark.parametrize(
    "change",
    [
        {"source": OBSERVATORY_ML},
        {"id": new_id()},
        {"tlp": "AMBER"},
        {"audience": f"{OBSERVATORY_NE} {TOWN_NE}"},
        {"type": "tamani.sealed.v2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_ciphertext_opens_only_under_its_own_attributes(change: dict[str, Any]) -> None:
    """Also for somebody who has the key: label and audience cannot be changed around what was said."""
    notice = sealed_event()
    moved = dataclasses.replace(notice.event, **change)
    assert refusal(open_body, moved, _key_of(notice)) == "refused.sealed.body"


def test_a_stolen_ciphertext_cannot_be_said_again_as_another_s() -> None:
    """A reader who has the key seals the very plaintext anew in their own name: its inside still names its author."""
    notice = sealed_event(data=data_of("monitor.report") | {"head": {"title": CANARY}})
    key = _key_of(notice)
    mine = dataclasses.replace(notice.event, source=OBSERVATORY_NE, audience=COMMISSION_BF)
    plain = pack(opened(notice))
    nonce = base64.b64decode(mine.data["nonce"])
    cipher = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound_to(mine), nonce, key)
    mine = with_data(mine, ciphertext=base64.b64encode(cipher).decode())
    assert refusal(open_body, mine, key) == "refused.sealed.author"


def test_nobody_is_given_two_keys_for_one_ciphertext() -> None:
    """One reader would read one text, another another: the key must be the one that the signature commits to."""
    notice = sealed_event(audience=f"{COMMISSION_BF} {OBSERVATORY_NE}")
    split = wrap(bytes(32), notice.event.source, notice.event.id, [recipient(READER)])
    refs = [dict(one) for one in notice.event.data["capsules"]]
    refs[-1]["sha256"] = hashlib.sha256(split).hexdigest()
    event = with_data(notice.event, capsules=refs)
    assert verdict_of(event) is None, "the region cannot see it"
    assert refusal(open_sealed, event, split, [identity_of(READER)]) == "refused.sealed.commitment"


def test_the_cipher_alone_would_not_commit() -> None:
    """Why the commitment is there: the tag says nothing of the key, only our digest of it does."""
    assert commitment(bytes(32)) != commitment(bytes(31) + b"\1")
    assert commitment(b"k" * 32) == hashlib.sha256(b"tamani commit" + b"k" * 32).digest()


# What is inside must be worth showing.


def packed(text: bytes, size: int = 1024) -> bytes:
    return (len(text).to_bytes(4) + text).ljust(size, b"\0")


def said(**changes: Any) -> bytes:
    """The inside of a notice with members changed; `None` takes one away."""
    inner = inner_event()
    body = json.loads(pack(inner)[4:].rstrip(b"\0")) | {"source": COMMISSION_ML, "id": OUTER.id} | changes
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


OUTER = sealed_event().event
GOOD = data_of("monitor.report")


@pytest.mark.parametrize(
    "plain",
    [
        packed(b"{}")[:-1] + b"\1",
        (2000).to_bytes(4) + bytes(1020),
        packed(b"\xff"),
        packed(b"{"),
        packed(b"[]"),
        packed(said(v=2)),
        packed(said(v=None)),
        packed(said(lang=None)),
        packed(said(more=1)),
        packed(said(lang=3)),
        packed(said(lang="\x00")),
        packed(said(type="tamani.inconnu.v1")),
        packed(said(type="tamani.monitor.report.v9")),
        packed(said(type="tamani.sealed.v1", profile="v1", dataschema="urn:tamani:sealed:0", data=OUTER.data), 4096),
        packed(said(profile="inconnu")),
        packed(said(data=[])),
        packed(said(data=GOOD | {"status": CANARY})),
        packed(said(expirytime="demain")),
    ],
    ids=lambda plain: plain[4:44].decode("ascii", "replace"),
)
def test_an_inside_that_is_not_sound_is_not_shown(plain: bytes) -> None:
    """Its author signed it, so this is their fault; no word of it stands in the refusal."""
    assert refusal(unpack, plain, OUTER) == "refused.sealed.content"


@pytest.mark.parametrize("change", [{"source": OBSERVATORY_NE}, {"id": new_id()}], ids=["source", "id"])
def test_an_inside_of_another_is_not_shown(change: dict[str, str]) -> None:
    assert refusal(unpack, packed(said(**change)), OUTER) == "refused.sealed.author"


def test_a_sound_inside_is() -> None:
    """So that the refusals above are of what was changed."""
    assert unpack(packed(said()), OUTER).data == GOOD


# Capsules are age files, and no others.


def test_a_capsule_is_an_age_file_that_age_opens() -> None:
    """From its bytes alone, with the reader's identity: no software of ours is needed to get at the key."""
    notice = sealed_event()
    text = pyrage.decrypt(notice.capsules[Country.NE], [x25519.Identity.from_str(identity_of(READER).secret)])
    inside = json.loads(text)
    assert (inside["source"], inside["id"]) == (COMMISSION_ML, notice.event.id)
    assert commitment(base64.b64decode(inside["key"])).hex() == notice.event.data["commitment"]


def _age(text: bytes) -> bytes:
    made: bytes = pyrage.encrypt(text, [x25519.Recipient.from_str(recipient(READER))])
    return made


def inside(**changes: Any) -> bytes:
    key = base64.b64encode(bytes(32)).decode()
    return json.dumps({"v": 1, "source": COMMISSION_ML, "id": OUTER.id, "key": key} | changes).encode()


@pytest.mark.parametrize(
    "capsule",
    [
        b"",
        b"age-encryption.org/v1",
        b"age-encryption.org/v2\n" + _age(inside())[22:],
        pyrage.encrypt(inside(), [x25519.Recipient.from_str(recipient(READER))], armored=True),
        pyrage.passphrase.encrypt(inside(), "un mot de passe"),
        _age(b"rien"),
        _age(b"[1]"),
        _age(inside(v=2)),
        _age(inside(source=OBSERVATORY_ML)),
        _age(inside(id=new_id())),
        _age(inside(key="AAAA")),
        _age(inside(key="****")),
        _age(inside(key=7)),
        _age(b"{}"),
        _age(bytes(MAX_CAPSULE)),
    ],
    ids=[
        *("empty", "cut", "version", "armoured", "passphrase", "no JSON", "no object", "v", "source", "id"),
        *("short key", "base64", "number", "members", "too large"),
    ],
)
def test_what_is_no_capsule_of_this_notice_is_refused(capsule: bytes) -> None:
    code = refusal(unwrap, capsule, COMMISSION_ML, OUTER.id, [identity_of(READER)])
    assert code == "refused.sealed.capsule"


def test_a_capsule_has_room_for_many_readers_and_says_when_they_are_too_many() -> None:
    many = [Identity.generate().recipient for _ in range(180)]
    assert refusal(wrap, bytes(32), COMMISSION_ML, OUTER.id, many) == "refused.size"
    assert len(wrap(bytes(32), COMMISSION_ML, OUTER.id, many[:80])) < MAX_CAPSULE


def test_a_secret_is_not_in_the_text_form_of_an_identity() -> None:
    identity = Identity.generate()
    assert identity.secret not in repr(identity)
    with pytest.raises(ValueError, match="not an age identity"):
        Identity.from_secret(bech32("age-secret-key-", bytes(31)).upper())


# What the region asks of a sealed notice.


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tlp": "GREEN"}, "refused.sealed"),
        ({"tlp": "CLEAR"}, "refused.sealed"),
        ({"lang": "fr"}, "refused.sealed"),
        ({"expirytime": "2026-04-01T00:00:00Z"}, "refused.sealed"),
        ({"subject": "sealed/otages-de-gao"}, "refused.sealed"),
        ({"subject": f"monitor/{id_of(7)}"}, "refused.event.subject"),
        ({"profile": "alerte"}, "refused.profile"),
        ({"audience": None}, "refused.sealed"),
        ({"audience": COMMISSION_BF}, "refused.sealed"),
        ({"audience": f"{OBSERVATORY_NE} /ne/personne"}, "refused.policy.audience"),
    ],
    ids=lambda value: "-".join(map(str, value.items())) if isinstance(value, dict) else value,
)
def test_the_region_takes_no_sealed_notice_that_tells_too_much_or_too_little(change: dict[str, Any], code: str) -> None:
    """Its attributes tell nothing, its label is AMBER at least, each origin of its readers has a capsule."""
    assert verdict_of(dataclasses.replace(sealed_event().event, **change)) == code


@pytest.mark.parametrize("tlp", ["AMBER", "AMBER+STRICT", "RED"])
def test_the_region_takes_a_sealed_notice_of_each_label_from_amber_on(tlp: str) -> None:
    assert verdict_of(sealed_event(tlp=tlp).event) is None


def _longer(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"ciphertext": base64.b64encode(base64.b64decode(data["ciphertext"]) + b"\0").decode()}


@pytest.mark.parametrize(
    "change",
    [
        {"size": 1000},
        {"size": 4096},
        {"size": "1024"},
        {"nonce": "AAAA"},
        {"nonce": "_" * 32},
        {"commitment": "AB" * 32},
        {"ciphertext": ""},
        {"ciphertext": "****"},
        {"capsules": []},
        {"capsules": [{"origin": "ne", "sha256": "00"}]},
        {"more": 1},
        {"head": {"title": "Un titre"}},
    ],
    ids=str,
)
def test_the_region_takes_no_other_shape(change: dict[str, Any]) -> None:
    event = sealed_event().event
    assert verdict_of(with_data(event, **change)) == "refused.data"


def test_lengths_and_origins_are_exact() -> None:
    event = sealed_event().event
    assert verdict_of(dataclasses.replace(event, data=_longer(event.data))) == "refused.data"
    twice = [*event.data["capsules"], event.data["capsules"][0]]
    assert verdict_of(with_data(event, capsules=twice)) == "refused.data"
    assert verdict_of(with_data(event, capsules=event.data["capsules"][::-1])) == "refused.data"
    assert verdict_of(with_data(event, capsules=event.data["capsules"][:1])) == "refused.sealed"
    loose = event.data["ciphertext"][:-2] + chr(ord(event.data["ciphertext"][-2]) + 1) + "="
    assert verdict_of(with_data(event, ciphertext=loose)) == "refused.data"


@pytest.mark.parametrize(
    "change",
    [
        {"tlp": "RED"},
        {"tlp": "AMBER+STRICT"},
        {"data": GOOD | {"head": {"title": "Un titre", "caveats": ["witness"]}}},
        {"tlp": "AMBER", "data": GOOD | {"head": {"title": "Un titre", "caveats": ["gbv", "minor"]}}},
    ],
    ids=["RED", "AMBER+STRICT", "witness", "gbv"],
)
def test_what_must_be_sealed_does_not_travel_open(change: dict[str, Any]) -> None:
    event = inner_event(**({"tlp": "GREEN", "subject": "monitor/x"} | change))
    assert verdict_of(event) == "refused.tlp.unsealed"


def test_a_key_seals_no_higher_than_it_may_speak() -> None:
    """The label is outside, so the region holds the key to it."""
    row = {**registry().model_dump(mode="json")["keys"][0], "tlp_max": "AMBER"}
    known = registry(keys=[row])
    event = sealed_event().event
    verdict = judge(seal(event), Country.ML, Lane.NORMAL, known)
    assert isinstance(verdict, Refuse)
    assert verdict.name == "refused.policy.tlp"
    lower = judge(seal(sealed_event(tlp="AMBER").event), Country.ML, Lane.NORMAL, known)
    assert isinstance(lower, Forward)
    assert key_of(COMMISSION_ML).keyid == lower.row.keyid
