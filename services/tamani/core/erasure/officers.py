"""Who may order an erasure: officers of two countries, one of them the body's own. For regional bodies any two.

The archive asks for officers who hold their office now. A mirror, a node or an auditor reads the order later, perhaps
years later, and takes whoever held it in any root of the line; the log says when the archive took it.
"""

from datetime import UTC, datetime

from tamani.core.erasure.order import SignedOrder
from tamani.core.errors import RefusedError
from tamani.core.names import Country, country_of
from tamani.core.registry import Registry
from tamani.core.trust.standing import Holder

OFFICES = frozenset({"officer", "deputy"})
NEEDED = 2


def check_officers(signed: SignedOrder, registry: Registry, at: datetime, *, in_office: bool) -> tuple[Holder, ...]:
    """The officers whose signatures hold, if they are enough. `at`: a key suspended by then counts for nothing.

    Raises:
        RefusedError: `refused.erasure.officers` (too few, or of one country), `refused.erasure.country` (none of the
            body's own), `refused.erasure.signer` (too few hold: one is unknown, suspended or false).
    """
    holding = _holding(signed, _holders(registry, at, in_office=in_office))
    countries = {held.country for held in holding}
    own = country_of(signed.order.source)
    if len(countries) >= NEEDED and (own is Country.RG or own in countries):
        return holding
    known = {held.keyid for held in holding}
    false = [one.keyid[:16] for one in signed.approvals if one.keyid not in known]
    if false and len(countries) < NEEDED:
        raise RefusedError("refused.erasure.signer", ", ".join(false))
    listed = ", ".join(sorted(countries)) or "0"
    if len(countries) < NEEDED:
        raise RefusedError("refused.erasure.officers", listed)
    raise RefusedError("refused.erasure.country", f"{own}: {listed}")


def signers(signed: SignedOrder, registry: Registry) -> tuple[Holder, ...]:
    """Whose signatures hold, of all who ever held the office: to be named on a page."""
    return _holding(signed, _holders(registry, datetime.min.replace(tzinfo=UTC), in_office=False))


def _holding(signed: SignedOrder, holders: dict[str, Holder]) -> tuple[Holder, ...]:
    return tuple(
        holders[one.keyid]
        for one in signed.approvals
        if one.keyid in holders and signed.statement.holds(one, bytes.fromhex(holders[one.keyid].public))
    )


def _holders(registry: Registry, at: datetime, *, in_office: bool) -> dict[str, Holder]:
    standing = registry.standing
    if standing is None:
        return {}
    silenced = {entry.keyid for entry in standing.suspended if entry.at <= at}
    held = standing.holders if in_office else (*standing.past, *standing.holders)
    return {one.keyid: one for one in held if one.office in OFFICES and one.keyid not in silenced}
