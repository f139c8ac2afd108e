"""Who may say what, and who may read it: the one place that decides, for every door in and every exit.

TLP 2.0 (FIRST) with the audience of the signed event. Anything not understood is closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tamani.core.catalogue import catalogue
from tamani.core.event import TLP, Event
from tamani.core.names import Country, country_of
from tamani.core.registry import KeyRow, Registry

ALL_ORIGINS = frozenset(Country)
SEALED_ONLY = frozenset({"AMBER+STRICT", "RED"})
# A retired key is taken this much longer: what it signed may still wait behind a dead link (DESIGN §7).
RETIRED_GRACE = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at an exit: the body they signed in for, or nobody."""

    body: str | None = None


PUBLIC = Reader()


def may_read(reader: Reader, source: str, tlp: str, audience: str | None) -> bool:
    """Whether this reader may see a notice with these signed attributes."""
    if tlp == "CLEAR":
        return True
    if not reader.body:
        return False
    if tlp == "GREEN":
        return True
    if tlp == "AMBER":
        return reader.body in (source, *(audience or "").split(" "))
    return False


def origins_entitled(registry: Registry, event: Event) -> frozenset[Country]:
    """The origins of which some body may read this notice: the feeds that carry it."""
    if event.tlp in {"CLEAR", "GREEN"}:
        return ALL_ORIGINS
    if event.tlp == "AMBER":
        named = {event.source, *event.readers}
        return frozenset(country_of(body) for body in named if registry.body(body) is not None)
    return frozenset()


def may_say(registry: Registry, row: KeyRow, event: Event) -> tuple[str, str] | None:
    """Nothing if the owner of this key may say this; else the code of the refusal and a detail."""
    if event.tlp in SEALED_ONLY:
        return "refused.tlp.unsealed", event.tlp
    if TLP.index(event.tlp) > TLP.index(row.tlp_max):
        return "refused.policy.tlp", f"{event.tlp} > {row.tlp_max}"
    kind = catalogue().get(event.kind)
    if not (kind and kind.system) and not row.may(event.kind, event.profile):
        return "refused.policy.type", f"{event.kind}:{event.profile}"
    return _check_readers(registry, event)


def _check_readers(registry: Registry, event: Event) -> tuple[str, str] | None:
    if event.tlp == "AMBER" and not event.readers:
        return "refused.policy.audience", "TLP:AMBER"
    unknown = [body for body in event.readers if registry.body(body) is None]
    return ("refused.policy.audience", unknown[0]) if unknown else None


def key_state(row: KeyRow, at: datetime) -> str | None:
    """Nothing if the key counts at that instant; else the code of the refusal (rights at `recordedtime`, DESIGN §4).

    A row that says *compromised* or *retired* without saying since when counts never.
    """
    if row.state == "suspended":
        return "refused.key.suspended"
    if _since(row.compromised_since, at, row.state == "compromised"):
        return "refused.key.compromised"
    if _since(row.retired_at and row.retired_at + RETIRED_GRACE, at, row.state == "retired"):
        return "refused.key.retired"
    if at < row.not_before or (row.not_after is not None and at >= row.not_after):
        return "refused.key.expired"
    return None


def _since(moment: datetime | None, at: datetime, always: bool) -> bool:
    return always if moment is None else at >= moment
