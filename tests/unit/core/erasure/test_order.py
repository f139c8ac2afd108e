"""An order as a document: one spelling, read back as it was signed; whatever is not one is refused."""

import base64
import json
from typing import Any

import pytest

from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import MAX_ORDER, SignedOrder, decode_order
from tamani.core.erasure.sheet import sheet
from tamani.core.errors import RefusedError
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.trust.words import spoken
from tests.support.erasures import ML, NE, REASON, drawn_up, ordered, signed_by, standing_registry
from tests.support.notices import Speaker

VALUE = Speaker().seals()
ORDER = ordered(VALUE)


def test_it_reads_back_as_it_was_written_and_has_one_name() -> None:
    """Signers may come in any order: the document, and its entry of the log, are the same."""
    again = decode_order(ORDER.encode())
    assert again == ORDER
    assert signed_by(drawn_up(VALUE), NE, ML, NE) == ORDER
    assert again.env != drawn_up(VALUE).env
    leaf = again.leaf(7, "2026-03-02T10:00:00Z")
    assert (leaf.kind, leaf.env, Leaf.parse(bytes(leaf))) == ("erase", again.env, leaf)


def test_it_names_the_envelope_and_what_its_page_said() -> None:
    order, envelope = ORDER.order, decode_envelope(VALUE)
    assert (order.env, order.keyid) == (env_of(envelope).hex(), envelope.keyid)
    assert (order.type, order.tlp, order.reason) == ("tamani.agenda.meeting.v1", "GREEN", REASON)


def body(signed: SignedOrder = ORDER) -> dict[str, Any]:
    """The document as JSON data."""
    found: dict[str, Any] = json.loads(signed.encode())
    return found


def payload(**changes: Any) -> dict[str, Any]:
    """The document around another payload."""
    said = json.loads(ORDER.payload) | changes
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return body() | {"payload": base64.b64encode(text.encode()).decode()}


BROKEN: dict[str, Any] = {
    "no JSON": b"{",
    "too long": b" " * (MAX_ORDER + 1),
    "another type": body() | {"payloadType": "application/cloudevents+json"},
    "no signatures": {name: value for name, value in body().items() if name != "signatures"},
    "a member more": body() | {"more": 1},
    "base64 of another alphabet": body() | {"payload": body()["payload"][:-4] + "____"},
    "a signature that is no base64": body() | {"signatures": [{"keyid": "a", "sig": "é"}]},
    "nine signatures": body() | {"signatures": [{"keyid": f"{n}", "sig": "AAAA"} for n in range(9)]},
    "one key twice": body() | {"signatures": body()["signatures"] * 2},
    "a short reason": payload(reason="court"),
    "an unknown ground": payload(basis="autre"),
    "an unknown member": payload(more="1"),
    "no id": payload(id="1"),
    "no source": payload(source="/xx/y"),
    "another version": payload(v=2),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_order_is_refused(name: str) -> None:
    broken = BROKEN[name]
    value = broken if isinstance(broken, bytes) else json.dumps(broken, separators=(",", ":")).encode()
    with pytest.raises(RefusedError) as caught:
        decode_order(value)
    assert caught.value.code.name == "refused.erasure"


def test_another_spelling_is_refused() -> None:
    """One order would have many names."""
    with pytest.raises(RefusedError):
        decode_order(json.dumps(body(), indent=1).encode())


@pytest.mark.parametrize(("basis", "reason"), [("autre", REASON), ("erreur", "trop peu"), ("erreur", "x" * 501)])
def test_an_order_says_ground_and_reason(basis: str, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        drawn_up(VALUE, basis=basis, reason=reason)
    assert caught.value.code.name == "refused.erasure.reason"


def test_facts_that_are_none_draw_up_nothing() -> None:
    with pytest.raises(RefusedError) as caught:
        drawn_up(VALUE, digest="x")
    assert caught.value.code.name == "refused.erasure"


@pytest.mark.parametrize(("lang", "words"), [("fr", "Ce qui disparaît"), ("en", "What goes")])
def test_the_sheet_says_it_in_words(lang: str, words: str) -> None:
    """What goes, what stays, why, who has signed, and the words to compare by telephone."""
    text = sheet(ORDER, standing_registry(), lang)
    assert words in text
    assert REASON in text
    assert spoken(ORDER.statement.digest) in text
    assert "officer ml" in text
    assert "officer ne" in text
    assert "–" in sheet(drawn_up(VALUE), None, lang).splitlines()[-1]
