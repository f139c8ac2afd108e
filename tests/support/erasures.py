"""Orders of erasure for tests: drawn up for a sealed value, signed by officers of the tests' registry."""

from datetime import datetime
from functools import cache
from typing import Any

from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder, draw_up, facts_of
from tamani.core.event import decode_event, format_time
from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tests.support.notices import TRUSTED, registry_value
from tests.support.region import NOW
from tests.support.registries import office_key

REASON = "La personne citée a retiré son consentement."
BF, ML, NE = Country.BF, Country.ML, Country.NE


@cache
def standing_registry() -> Registry:
    """The tests' registry as a site opens it: it knows its officers."""
    return open_registry(registry_value(), TRUSTED)


def drawn_up(
    value: bytes, recorded: datetime = NOW, basis: str = "consentement-retire", reason: str = REASON, **changes: str
) -> SignedOrder:
    """An order for the notice of this envelope, unsigned; facts can be given by name."""
    envelope = decode_envelope(value)
    facts = facts_of(envelope, decode_event(envelope.payload), format_time(recorded))
    return draw_up(facts | changes, basis, reason, NOW)


def signed_by(order: SignedOrder, *countries: Country) -> SignedOrder:
    """With the signatures of the officers of these countries."""
    for country in countries:
        order = order.signed(office_key("officer", country))
    return order


def ordered(value: bytes, *countries: Country, **changes: Any) -> SignedOrder:
    """An order for this envelope, signed by these countries' officers (Mali and Niger, if none is named)."""
    return signed_by(drawn_up(value, **changes), *(countries or (ML, NE)))
