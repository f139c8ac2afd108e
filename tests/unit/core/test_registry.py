"""The document of bodies, keys and nodes: sound or refused, whole, with a code, whoever signed it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.recipients import Identity
from tamani.core.registry import Body, Registry
from tamani.core.signing import keyid_of
from tamani.core.trust.opening import open_registry, read_document
from tests.support.mutations import LOW_ORDER
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    START,
    TRUSTED,
    body_row,
    key_of,
    key_row,
    registry,
    registry_document,
    registry_value,
)

Document = dict[str, Any]


def refusal(document: object) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(RefusedError) as caught:
        read_document(text)
    return caught.value.code.name


def test_signed_and_opened() -> None:
    found = open_registry(registry_value(version=7), TRUSTED)
    known = registry(version=7)
    assert (found.version, found.issued, found.nodes) == (7, datetime(2026, 1, 1, tzinfo=UTC), known.nodes)
    assert [row.keyid for row in found.keys] == [row.keyid for row in known.keys]
    assert found.key(key_of(COMMISSION_ML).keyid) == found.keys[0]
    assert found.body(COMMISSION_ML) == found.bodies[0]
    assert found.key("nobody") is None
    assert found.body("/ml/nobody") is None


def _key(document: Document, **changes: object) -> Document:
    document["keys"][0] |= changes
    return document


def _body(document: Document, **changes: object) -> Document:
    document["bodies"][0] |= changes
    return document


def _named(public: bytes) -> Document:
    """A key row for these bytes, with the name that belongs to them."""
    return {"public": public.hex(), "keyid": keyid_of(public)}


UNSOUND: dict[str, tuple[Callable[[Document], object], str]] = {
    "a weak key": (lambda d: _key(d, **_named(LOW_ORDER[0])), "refused.key.weak"),
    "a key of 31 bytes": (lambda d: _key(d, **_named(bytes(31))), "refused.key.weak"),
    "a key of no bytes": (lambda d: _key(d, **_named(b"")), "refused.key.weak"),
    "a key twice": (lambda d: d | {"keys": [*d["keys"], d["keys"][0]]}, "refused.key.reused"),
    "a key of two bodies": (
        lambda d: d | {"keys": [*d["keys"], d["keys"][0] | {"body": COMMISSION_BF}]},
        "refused.key.reused",
    ),
    "a body twice": (lambda d: d | {"bodies": [*d["bodies"], d["bodies"][0]]}, "refused.registry"),
    "a key of nobody": (lambda d: _key(d, body="/ml/inconnu"), "refused.policy.body"),
    "another name for a key": (lambda d: _key(d, keyid=key_of(COMMISSION_BF, 9).keyid), "refused.registry"),
    "a name in capitals": (lambda d: _key(d, keyid=d["keys"][0]["keyid"].upper()), "refused.registry"),
    "a key that is no hex": (lambda d: _key(d, public="xyz"), "refused.registry"),
    "a key that is a number": (lambda d: _key(d, public=7), "refused.registry"),
    "a version as text": (lambda d: d | {"version": "1"}, "refused.registry"),
    "a version as truth": (lambda d: d | {"version": True}, "refused.registry"),
    "a version below 0": (lambda d: d | {"version": -1}, "refused.registry"),
    "a version with a fraction": (lambda d: d | {"version": 1.0}, "refused.registry"),
    "no version": (lambda d: {n: v for n, v in d.items() if n != "version"}, "refused.registry"),
    "an unknown member": (lambda d: d | {"threshold": 2}, "refused.registry"),
    "an unknown member of a key": (lambda d: _key(d, algorithm="none"), "refused.registry"),
    "an unknown state": (lambda d: _key(d, state="paused"), "refused.registry"),
    "an unknown TLP": (lambda d: _key(d, tlp_max="WHITE"), "refused.registry"),
    "a right with a slip": (lambda d: _key(d, rights=["monitor.alert"]), "refused.registry"),
    "a right to everything": (lambda d: _key(d, rights=["*:*"]), "refused.registry"),
    "a time without zone": (lambda d: _key(d, not_before="2025-01-01T00:00:00"), "refused.registry"),
    "a time as a number": (lambda d: _key(d, not_before=1735689600), "refused.registry"),
    "no beginning": (lambda d: _key(d, not_before=None), "refused.registry"),
    "a body of no country": (lambda d: _body(d, source="/fr/assemblee"), "refused.registry"),
    "a body without a name in English": (lambda d: _body(d, names={"fr": "Commission"}), "refused.registry"),
    "a prefix of nothing": (lambda d: _body(d, enrols="/ml/"), "refused.registry"),
    "a prefix that is a body": (lambda d: _body(d, enrols="/ml/tribunal"), "refused.registry"),
    "a node of no country": (lambda d: d | {"nodes": [{"name": "x", "country": "fr"}]}, "refused.registry"),
    "its own standing": (lambda d: d | {"as_signed": registry_document()}, "refused.registry"),
    "a list": (lambda d: [d], "refused.registry"),
    "a name twice in the JSON": (lambda d: json.dumps(d).replace("{", '{"version":9,', 1), "refused.registry"),
}


@pytest.mark.parametrize(("break_", "code"), UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_document_is_refused_whole(break_: Callable[[Document], object], code: str) -> None:
    read_document(json.dumps(registry_document()))
    assert refusal(break_(registry_document())) == code


def test_bodies_of_an_origin() -> None:
    known = registry()
    assert {body.source for body in known.bodies_of(Country.ML)} == {
        s.source for s in known.bodies if s.source[1:3] == "ml"
    }
    assert sum(len(known.bodies_of(country)) for country in Country) == len(known.bodies)


def test_rights_are_a_type_with_one_profile_or_all() -> None:
    row = registry(keys=[key_row(COMMISSION_ML, rights=["monitor.alert:a-confirmer", "law.item:*"])]).keys[0]
    assert row.may("monitor.alert", "a-confirmer")
    assert not row.may("monitor.alert", "alerte")
    assert row.may("law.item", "dossier")
    assert not row.may("law", "item")
    assert not row.may("agenda.item", "divers")


def test_a_body_stands_from_its_first_instant_to_before_its_last() -> None:
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    end, second = begin + timedelta(days=9), timedelta(seconds=1)
    body = Body.model_validate(body_row(COMMISSION_ML, valid_to=end))
    assert [body.stands(at) for at in (begin - second, begin, end - second, end)] == [False, True, True, False]


def test_names_by_language_and_the_source_where_nobody_is_known() -> None:
    known = registry()
    assert known.name(COMMISSION_ML, "fr") == "Commission de défense (Mali)"
    assert known.name(COMMISSION_ML, "en-GB") == "Defence committee (Mali)"
    assert known.name("/ml/inconnu", "fr") == "/ml/inconnu"


def test_an_empty_registry_knows_nobody() -> None:
    empty = Registry.model_validate({"version": 0, "issued": START})
    assert (empty.keys, empty.bodies, empty.key(key_of("root").keyid)) == ((), (), None)
    assert (empty.expires, empty.fresh_until) == (None, None)


def test_a_registry_cannot_be_changed_in_place() -> None:
    known = registry()
    with pytest.raises(ValueError, match="frozen"):
        setattr(known, "version", 9)  # noqa: B010 - mypy knows already


READING = Identity.generate().recipient
# Public points of order 1, 4 and 8 on Curve25519 (RFC 7748 §6.1 names zero), written as age recipients.
LOW_RECIPIENTS = (
    "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
    "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
    "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9",
)


def reading(body: str = COMMISSION_ML, recipient: str = READING, **window: Any) -> Document:
    return {"body": body, "recipient": recipient, "not_before": START, **window}


def test_a_reading_key_counts_within_its_window() -> None:
    ends = datetime(2026, 1, 1, tzinfo=UTC)
    found = open_registry(registry_value(recipients=[reading(not_after=ends.isoformat())]), TRUSTED)
    begins = found.recipients[0].not_before
    assert found.recipients_of(COMMISSION_ML, begins) == (READING,)
    assert found.recipients_of(COMMISSION_ML, begins - timedelta(seconds=1)) == ()
    assert found.recipients_of(COMMISSION_ML, ends) == ()
    assert found.recipients_of(COMMISSION_BF, begins) == ()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([reading("/ml/nobody")], "refused.policy.body"),
        ([reading(recipient=READING.upper())], "refused.key.weak"),
        ([reading(recipient=READING[:-1])], "refused.key.weak"),
        ([reading(recipient="")], "refused.key.weak"),
        *(([reading(recipient=low)], "refused.key.weak") for low in LOW_RECIPIENTS),
        ([reading(), reading()], "refused.key.reused"),
        ([reading(), reading(COMMISSION_BF)], "refused.key.reused"),
    ],
)
def test_a_reading_key_is_sound_and_one_body_s(rows: list[Document], code: str) -> None:
    assert refusal(registry_document(recipients=rows)) == code
