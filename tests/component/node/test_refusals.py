"""Whatever a node refuses, it says with a code and a sentence in both languages, and keeps nothing."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tamani.core.codes import code, codes
from tamani.core.envelope import MAX_EVENT, MAX_VALUE
from tamani.core.sealed_package import MEDIA_TYPE, Package
from tamani.core.sealing import SealedNotice
from tamani.core.signing import SigningKey
from tests.support.notices import (
    BUREAU,
    COMMISSION_ML,
    COMMISSION_NE,
    OBSERVATORY_ML,
    Speaker,
    api_body,
    event,
    id_of,
    registry,
    registry_document,
    seal,
)
from tests.support.posting import Posting
from tests.support.sealed import sealed_event, with_data

# Within what a model and a request may hold, but more than an event may.
LONG_HEAD = {
    "title": "Trop long",
    "body": "é" * 20_000,
    "translations": [{"lang": "en", "status": "draft", "title": "Too long", "body": "é" * 20_000}],
}


@dataclass(frozen=True)
class Case:
    """A post that is refused: what is sent, by whom, and the code."""

    code: str
    body: bytes | Callable[[], bytes]
    source: str | None = COMMISSION_ML
    role: str = "poster"
    kind: str | None = "application/json"
    path: str = "/v1/messages"
    method: str = "POST"
    known: dict[str, Any] | None = None


def draft(kind: str = "agenda.meeting", **changes: Any) -> bytes:
    """A post as bytes; a change to None leaves the member out."""
    body = api_body(kind) | changes
    return json.dumps({name: value for name, value in body.items() if value is not None}, ensure_ascii=False).encode()


def data(kind: str = "agenda.meeting", **changes: Any) -> dict[str, Any]:
    """Valid data with changes."""
    found: dict[str, Any] = api_body(kind)["data"]
    return found | changes


def keys(**changes: Any) -> dict[str, Any]:
    """A registry in which the commission's key is different."""
    document = registry_document(version=2)
    document["keys"] = [row | (changes if row["body"] == COMMISSION_ML else {}) for row in document["keys"]]
    return document


def packed(notice: SealedNotice, other: SealedNotice) -> bytes:
    """The envelope of one, with the capsules of another."""
    return Package(seal(notice.event), other.capsules).encode()


def junk() -> bytes:
    """What is named is there, and wraps nothing."""
    notice = sealed_event()
    files = {country: b"junk for " + country.value.encode() for country in notice.capsules}
    named = [{"origin": cc.value, "sha256": hashlib.sha256(value).hexdigest()} for cc, value in sorted(files.items())]
    return Package(seal(with_data(notice.event, capsules=named)), files).encode()


def bodies(**changes: Any) -> dict[str, Any]:
    """A registry in which the commission is different."""
    document = registry_document(version=2)
    document["bodies"] = [row | (changes if row["source"] == COMMISSION_ML else {}) for row in document["bodies"]]
    return document


def secret(**changes: Any) -> bytes:
    """A post that the node must seal."""
    return draft(**{"tlp": "RED", "audience": [OBSERVATORY_ML]} | changes)


PROTECTED = data(head=data()["head"] | {"caveats": ["witness"]})
KEYLESS = registry_document(version=2)
KEYLESS["recipients"] = [row for row in KEYLESS["recipients"] if row["body"] != OBSERVATORY_ML]


def strangers_envelope() -> bytes:
    """Signed by nobody we know."""
    return seal(event(), SigningKey.generate())


CASES = {
    # Who asks.
    "no token": Case("refused.auth.token", draft(), source=None),
    "wrong role": Case("refused.auth.role", draft(), role="reader"),
    "unknown body": Case("refused.request.body", draft(), source="/ml/inconnu"),
    "wrong origin": Case("refused.origin", draft(), source=COMMISSION_NE),
    "regional body at a country's node": Case("refused.origin", draft(), source=BUREAU),
    # What is asked, before its meaning.
    "unknown address": Case("refused.request.unknown", b"", path="/v1/nothing"),
    "wrong method": Case("refused.request.method", b"", method="DELETE"),
    "form instead of JSON": Case("refused.request.type", b"a=1", kind="application/x-www-form-urlencoded"),
    "text instead of JSON": Case("refused.request.type", draft(), kind="text/plain"),
    "oversize": Case("refused.size", b'{"a":"' + b"x" * 2 * MAX_EVENT + b'"}'),
    "oversize once sealed": Case("refused.size", draft(data=data(head=LONG_HEAD))),
    "oversize envelope": Case("refused.size", b"x" * (MAX_VALUE + 1), path="/v1/envelopes"),
    "malformed JSON": Case("refused.json", b'{"type": '),
    "not an object": Case("refused.request", b"[]"),
    "repeated name": Case("refused.json.duplicate", b'{"type":"a","type":"b"}'),
    "too deep": Case("refused.json.depth", b"[" * 40 + b"]" * 40),
    "not a number": Case("refused.json.number", b'{"a":NaN}'),
    "null character": Case("refused.json.text", b'{"a":"\\u0000"}'),
    "half a character": Case("refused.json.text", b'{"a":"\\ud800"}'),
    "bad UTF-8": Case("refused.json.text", b'{"a":"\xff"}'),
    "missing member": Case("refused.request", draft(tlp=None)),
    "unknown member": Case("refused.request", draft(source=COMMISSION_ML)),
    "member of a wrong kind": Case("refused.request", draft(audience="/ml/x")),
    # The notice.
    "unknown type": Case("refused.type.unknown", draft(type="agenda.picnic")),
    "a node's own type": Case("refused.type.unknown", draft("heartbeat")),
    "unknown profile": Case("refused.profile", draft(profile="pique-nique")),
    "invalid data": Case("refused.data", draft(data=data(status="peut-être"))),
    "id that is no UUIDv7": Case("refused.event.id", draft(id="7")),
    "upper-case id": Case("refused.event.id", draft(id=id_of(10).upper())),
    "long subject": Case("refused.event.subject", draft(subject="agenda/" + "x" * 300)),
    "subject of another family": Case("refused.event.subject", draft(subject="law/x")),
    "alert outside its lane": Case("refused.event.subject", draft("monitor.alert", subject="agenda/x")),
    "an answer to nothing we know": Case("refused.event.subject", draft("ack")),
    "expiry that is no time": Case("refused.event.time", draft(expirytime="demain")),
    "unknown marking": Case("refused.tlp", draft(tlp="ROUGE")),
    "public information that is not public": Case("refused.tlp.type", draft("public.notice", tlp="GREEN")),
    "a sealed thread that tells": Case("refused.event.subject", secret(subject="sealed/otages")),
    "sealed for everybody": Case("refused.sealed", draft(data=PROTECTED)),
    "sealed for somebody without a reading key": Case("refused.sealed.recipient", secret(), known=KEYLESS),
    "no such language": Case("refused.event", draft(lang="français")),
    # Policy.
    "restricted, to nobody": Case("refused.policy.audience", draft(tlp="AMBER")),
    "to somebody unknown": Case("refused.policy.audience", draft(tlp="AMBER", audience=["/ml/inconnu"])),
    "no right to the type": Case("refused.policy.type", draft(), known=keys(rights=["law.item:*"])),
    "marking above the key's": Case("refused.policy.tlp", draft(), known=keys(tlp_max="CLEAR")),
    "key suspended": Case("refused.key.suspended", draft(), known=keys(state="suspended")),
    "key retired": Case("refused.key.retired", draft(), known=keys(state="retired", retired_at="2026-01-01T00:00:00Z")),
    "key too young": Case("refused.key.expired", draft(), known=keys(not_before="2027-01-01T00:00:00Z")),
    "no key here": Case("refused.key.unknown", draft(), known=registry_document(version=2) | {"keys": []}),
    "body no longer enrolled": Case("refused.policy.body", draft(), known=bodies(valid_to="2026-01-01T00:00:00Z")),
    # Envelopes.
    "not an envelope": Case("refused.envelope", b'{"a":1}', path="/v1/envelopes"),
    "a stranger's envelope": Case("refused.key.unknown", strangers_envelope, path="/v1/envelopes"),
    "another body's envelope": Case("refused.source", lambda: Speaker(OBSERVATORY_ML).seals(), path="/v1/envelopes"),
    "another origin's envelope": Case("refused.origin", lambda: Speaker(COMMISSION_NE).seals(), path="/v1/envelopes"),
    "an envelope that must be sealed": Case(
        "refused.tlp.unsealed",
        lambda: Speaker(COMMISSION_ML).seals(tlp="RED", audience=OBSERVATORY_ML),
        path="/v1/envelopes",
    ),
    "a notice sealed elsewhere": Case(
        "refused.sealed.elsewhere", lambda: seal(sealed_event().event), path="/v1/envelopes"
    ),
    "a package that is none": Case("refused.sealed.elsewhere", b"[]", path="/v1/envelopes", kind=MEDIA_TYPE),
    "a package with more to it": Case(
        "refused.sealed.elsewhere", b'{"envelope":"","capsules":{},"x":1}', path="/v1/envelopes", kind=MEDIA_TYPE
    ),
    "a package of what is no base64": Case(
        "refused.sealed.elsewhere", b'{"envelope":"*","capsules":{}}', path="/v1/envelopes", kind=MEDIA_TYPE
    ),
    "a sealed notice with another's capsules": Case(
        "refused.sealed.capsule", lambda: packed(sealed_event(), sealed_event()), path="/v1/envelopes", kind=MEDIA_TYPE
    ),
    "capsules that are no age files": Case("refused.sealed.capsule", junk, path="/v1/envelopes", kind=MEDIA_TYPE),
    "capsules of a notice that is open": Case(
        "refused.sealed.capsule",
        lambda: Package(Speaker(COMMISSION_ML).seals(), sealed_event().capsules).encode(),
        path="/v1/envelopes",
        kind=MEDIA_TYPE,
    ),
    "sealed elsewhere for somebody without a reading key": Case(
        "refused.sealed.recipient",
        lambda: packed(*[sealed_event(audience=OBSERVATORY_ML)] * 2),
        path="/v1/envelopes",
        kind=MEDIA_TYPE,
        known=KEYLESS,
    ),
    "an altered envelope": Case(
        "refused.signature.invalid", lambda: _altered(Speaker(COMMISSION_ML).seals()), path="/v1/envelopes"
    ),
}


def _altered(value: bytes) -> bytes:
    envelope = json.loads(value)
    other = json.loads(Speaker(COMMISSION_ML).seals())
    return json.dumps(envelope | {"payload": other["payload"]}).encode()


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", CASES)
async def test_a_refusal_has_its_code_and_its_sentence(node: Posting, name: str, lang: str) -> None:
    """The status, the code, the sentence asked for as title, both in the body; the outbox stays empty."""
    case = CASES[name]
    if case.known is not None:
        node.known.append(registry(**{n: v for n, v in case.known.items() if n != "issued"}))
    content = case.body if isinstance(case.body, bytes) else case.body()
    headers = {"accept-language": lang} | ({"content-type": case.kind} if case.kind else {})
    async with node.client(case.source, case.role) as client:
        answer = await client.request(case.method, case.path, content=content, headers=headers)
    said, expected = answer.json(), code(case.code)
    assert said["code"] == case.code, said
    assert answer.status_code == said["status"] == expected.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["title"] == (expected.fr if lang == "fr" else expected.en)
    assert (said["detail_fr"], said["detail_en"]) == (expected.fr, expected.en)
    assert said["detail_fr"] != said["detail_en"]
    assert await node.rows() == []


async def test_a_wrong_token_is_refused_and_nothing_is_said_of_it(node: Posting) -> None:
    """Not even part of it comes back."""
    async with node.client(Authorization="Bearer tmn_ceci-est-faux") as client:
        answer = await client.post("/v1/messages", content=draft())
    assert (answer.status_code, answer.json()["code"]) == (401, "refused.auth.token")
    assert "faux" not in answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_revoked_token_is_refused_within_seconds(node: Posting) -> None:
    """A look-up is remembered, but not for long."""
    token = node.tokens.issue(COMMISSION_ML, "poster")
    async with node.client(Authorization=f"Bearer {token}") as client:
        assert (await client.get("/v1/messages")).status_code == 200
        node.tokens.revoke(token)
        node.door_ticks.turn(6)
        assert (await client.get("/v1/messages")).status_code == 401


async def test_an_endless_body_is_cut_off(node: Posting) -> None:
    """A body that does not announce its size is refused as soon as it is too large, not when it ends."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    async with node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "refused.size")
    assert sent < 10 * MAX_EVENT


async def test_an_id_stands_for_one_content(node: Posting) -> None:
    """Other content under a used id is refused with 409, and the first stays as it was."""
    async with node.client(COMMISSION_ML) as client:
        first = await client.post("/v1/messages", json=api_body(id=id_of(1)))
        other = await client.post("/v1/messages", json=api_body(id=id_of(1), tlp="CLEAR"))
        sealed = await client.post("/v1/envelopes", content=Speaker(COMMISSION_ML).seals(id=id_of(1), lang="en"))
        again = await client.post("/v1/messages", json=api_body(id=id_of(1)))
    for answer in (other, sealed):
        assert (answer.status_code, answer.json()["code"]) == (409, "refused.id.reused")
    assert again.json() == first.json()
    assert len(await node.rows()) == 1


async def test_every_fault_is_told_with_its_field_in_both_languages(node: Posting) -> None:
    """One answer lists them all; a person mends the form once."""
    wrong = data(status="peut-être", start=None, seats=0, points=[{"rank": 1, "kind": "divers"}], inconnu=1)
    wrong["head"] = {"title": "x"}
    async with node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", json=api_body(data=wrong))
    faults = {fault["at"]: fault for fault in answer.json()["faults"]}
    assert set(faults) == {"head.title", "status", "start", "seats", "points.0.title", "inconnu"}
    assert faults["head.title"] == {
        "at": "head.title",
        "label_fr": "Titre",
        "label_en": "Title",
        "fr": "Trop court : 3 caractères au moins.",
        "en": "Too short: at least 3 characters.",
    }
    assert faults["points.0.title"]["label_fr"] == "Intitulé"
    assert faults["inconnu"]["fr"] == "Champ inconnu."
    assert all(fault["fr"] != fault["en"] for fault in faults.values())


async def test_a_rule_between_fields_is_told_too(node: Posting) -> None:
    """The catalogue's own sentences, in both languages."""
    wrong = data(start="2026-04-14T12:00:00Z", end="2026-04-14T09:00:00Z")
    async with node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", json=api_body(data=wrong))
    (fault,) = answer.json()["faults"]
    assert (fault["fr"], fault["en"]) == ("la fin précède le début", "the end is before the start")


async def test_without_a_registry_a_node_asks_to_wait(node: Posting) -> None:
    """It is our outage, not the poster's fault: 503, retriable."""
    node.known.append(registry(version=0, sources=()))
    async with node.client(COMMISSION_ML) as client:
        answer = await client.post("/v1/messages", json=api_body())
    assert (answer.status_code, answer.json()["code"]) == (503, "failed.registry")
    assert answer.json()["retriable"]


async def test_somebody_elses_notice_is_as_if_it_did_not_exist(node: Posting) -> None:
    """Reading needs a token; another body's id is unknown."""
    async with node.client(COMMISSION_ML) as one, node.client(OBSERVATORY_ML) as other, node.client() as nobody:
        await one.post("/v1/messages", json=api_body(id=id_of(1)))
        assert (await other.get(f"/v1/messages/{id_of(1)}")).json()["code"] == "refused.request.notice"
        assert (await nobody.get(f"/v1/messages/{id_of(1)}")).json()["code"] == "refused.auth.token"
        assert (await nobody.get("/v1/messages")).json()["code"] == "refused.auth.token"


async def test_only_its_body_may_withdraw_or_correct_a_notice(node: Posting) -> None:
    """Refused before it is sealed; the projection would give it no effect."""
    async with node.client(OBSERVATORY_ML) as client:
        wrong = data("withdrawal", target={"source": COMMISSION_ML, "id": id_of(1)})
        answer = await client.post("/v1/messages", json=api_body("withdrawal", subject="agenda/x", data=wrong))
    assert (answer.status_code, answer.json()["code"]) == (403, "refused.originator")


async def test_nothing_follows_a_cancellation(node: Posting) -> None:
    """A cancelled thread takes no new version; a new thread does."""
    async with node.client(COMMISSION_ML) as client:
        for status in ("confirmed", "cancelled"):
            said = await client.post("/v1/messages", json=api_body(subject="agenda/x", data=data(status=status)))
            assert said.status_code == 202
        after = await client.post("/v1/messages", json=api_body(subject="agenda/x"))
        fresh = await client.post("/v1/messages", json=api_body(subject="agenda/y"))
    assert (after.status_code, after.json()["code"]) == (409, "refused.thread")
    assert fresh.status_code == 202


async def test_an_answer_is_not_marked_below_its_target(node: Posting) -> None:
    """What corrects an AMBER notice is at least AMBER."""
    async with node.client(COMMISSION_ML) as client:
        restricted: dict[str, Any] = {"tlp": "AMBER", "audience": [OBSERVATORY_ML]}
        first = (await client.post("/v1/messages", json=api_body(**restricted))).json()
        about = data("correction", target={"source": COMMISSION_ML, "id": first["id"]})
        below = await client.post("/v1/messages", json=api_body("correction", data=about, tlp="CLEAR"))
        level = await client.post("/v1/messages", json=api_body("correction", data=about, **restricted))
    assert below.json()["code"] == "refused.policy.inherited"
    assert level.status_code == 202, level.text


def test_the_cases_cover_what_a_poster_may_meet() -> None:
    """Every refusal that the judge, the policy or the door may give a poster is in the table or has its own test."""
    own = {"refused.id.reused", "refused.originator", "refused.thread", "refused.policy.inherited"}
    own |= {"refused.transition", "refused.transition.role", "refused.transition.stage", "refused.thread.changed"}
    own |= {"refused.transition.action"}
    elsewhere = {  # only on the bus, at the registry, at a desk or on the command line
        *("refused", "refused.lane", "refused.type.version", "refused.key.weak", "refused.key.reused"),
        "refused.key.compromised",
        *("refused.request.notice", "refused.cursor"),
        *("refused.envelope.base64", "refused.envelope.type", "refused.backup.exists"),
        *(f"refused.sealed.{why}" for why in ("waiting", "expired", "erased", "reader")),
        *(f"refused.sealed.{why}" for why in ("commitment", "body", "author", "content")),
        *(f"refused.rebuild.{why}" for why in ("database", "mirror", "running")),
    }
    refusals = {name for name in codes() if name.startswith("refused")}
    others = (
        *("refused.registry", "refused.log", "refused.witness", "refused.officer", "refused.auth"),
        *("refused.calendar", "refused.mail", "refused.proof", "refused.draft", "refused.review"),
        *("refused.erased", "refused.erasure", "refused.import", "refused.piece", "refused.search"),
        "refused.sealed.label",
    )
    refusals = {name for name in refusals if not name.startswith(others)} | {"refused.auth.token", "refused.auth.role"}
    assert refusals - own - elsewhere == {case.code for case in CASES.values()}
