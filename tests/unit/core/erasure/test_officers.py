"""Who may order: two officers of different countries, one of the body's own; each other case has its own code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tamani.core.envelope import encode_envelope
from tamani.core.erasure.officers import check_officers
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.metadata import fingerprint, to_text
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import Statement
from tamani.core.trust.suspensions import suspend
from tamani.core.trust.writing import make_root, sign
from tests.support.erasures import BF, ML, NE, drawn_up, ordered, signed_by, standing_registry
from tests.support.keys import key_of
from tests.support.notices import BUREAU, TRUSTED, Speaker, registry
from tests.support.region import NOW
from tests.support.registries import (
    CHARTER,
    COUNTRIES,
    SIGNED,
    bundle_of,
    decided,
    holder,
    office_key,
    seats,
)

VALUE, REGIONAL = Speaker().seals(), Speaker(BUREAU).seals()


def refusal(order: SignedOrder, known: Registry | None = None, *, in_office: bool = True) -> str:
    """The code, or nothing."""
    try:
        check_officers(order, known or standing_registry(), NOW, in_office=in_office)
    except RefusedError as error:
        return error.code.name
    return ""


@pytest.mark.parametrize(
    ("value", "countries", "code"),
    [
        (VALUE, (ML, NE), ""),
        (VALUE, (BF, ML, NE), ""),
        (VALUE, (ML,), "refused.erasure.officers"),
        (VALUE, (BF, NE), "refused.erasure.country"),
        (REGIONAL, (BF, NE), ""),
        (REGIONAL, (NE,), "refused.erasure.officers"),
    ],
)
def test_two_countries_one_of_them_the_body_s_own(value: bytes, countries: tuple[Country, ...], code: str) -> None:
    assert refusal(ordered(value, *countries)) == code


def test_nobody_has_signed() -> None:
    assert refusal(drawn_up(VALUE)) == "refused.erasure.officers"


def test_an_officer_and_the_deputy_are_one_voice() -> None:
    """Two keys, one country."""
    known = with_deputy()
    two = signed_by(drawn_up(VALUE), ML).signed(office_key("deputy", ML))
    assert refusal(two, known) == "refused.erasure.officers"
    assert refusal(two.signed(office_key("officer", BF)), known) == ""


def with_deputy() -> Registry:
    """A registry in which Mali's officer has a deputy."""
    held = seats(holder("deputy", ML))
    root = sign(make_root(held, CHARTER, 1, SIGNED), *(office_key("root", country) for country in COUNTRIES))
    bundle = bundle_of(decided(registry()), roots=(to_text(root),), held=held)
    return open_registry(bundle.encode(), (fingerprint(root),))


@pytest.mark.parametrize(
    "stranger",
    [SigningKey.from_seed(b"\7" * 32), office_key("root", NE), office_key("online"), key_of("/ne/commission-defense")],
    ids=["unknown", "root", "publisher", "body"],
)
def test_no_other_key_stands_for_an_officer(stranger: SigningKey) -> None:
    """Whoever holds it, for whatever else it counts."""
    assert refusal(ordered(VALUE, ML).signed(stranger)) == "refused.erasure.signer"


def test_a_false_signature_counts_for_nothing() -> None:
    """That of another order by the same officer."""
    mine, other = ordered(VALUE, ML), ordered(Speaker().seals(), NE)
    assert refusal(replace(mine, approvals=(*mine.approvals, *other.approvals))) == "refused.erasure.signer"


def test_a_suspended_officer_counts_from_then_on_for_nothing() -> None:
    """What was ordered before stands for whoever reads it later."""
    key = office_key("officer", NE)
    for at, code in ((NOW, "refused.erasure.signer"), (NOW + timedelta(days=1), "")):
        listed = [suspend(key.keyid, at, "clé perdue", office_key("officer", ML))]
        known = open_registry(bundle_of(decided(registry()), listed=listed).encode(), TRUSTED)
        assert refusal(ordered(VALUE), known) == code


def test_who_left_office_orders_nothing_new_but_what_they_ordered_is_believed() -> None:
    """The archive asks for officers in office; a mirror that reads the order later does not."""
    known = standing_registry()
    assert known.standing is not None
    left = tuple(held for held in known.standing.holders if held.keyid != office_key("officer", NE).keyid)
    later = known.model_copy(update={"standing": known.standing.model_copy(update={"holders": left})})
    assert refusal(ordered(VALUE), later) == "refused.erasure.signer"
    assert refusal(ordered(VALUE), later, in_office=False) == ""


def test_a_registry_that_was_not_opened_knows_no_officer() -> None:
    assert refusal(ordered(VALUE), registry()) == "refused.erasure.signer"


def test_nothing_else_that_they_sign_is_an_order_nor_the_other_way() -> None:
    """The payload type is inside the signature."""
    key, order = office_key("officer", NE), ordered(VALUE, ML)
    elsewhere = Statement("application/vnd.tamani.registry.suspension+json", order.payload).sign(key)
    assert refusal(replace(order, approvals=(*order.approvals, elsewhere))) == "refused.erasure.signer"
    with pytest.raises(RefusedError):
        decode_order(encode_envelope(key.sign(order.payload)))
