"""Who may say what, and who may read it: the one place that decides, for every door in and every exit.

TLP 2.0 (FIRST) with the audience of the signed event. Anything not understood is closed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.event import TLP, Event
from tamani.core.names import Country, country_of
from tamani.core.registry import KeyRow, Registry

ALL_ORIGINS = frozenset(Country)
# Readers are the bodies that the audience names, and the one that says it.
NAMED = frozenset({"AMBER", "AMBER+STRICT", "RED"})
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
    if tlp in NAMED:
        return reader.body in (source, *(audience or "").split(" "))
    return False


def origins_entitled(registry: Registry, event: Event) -> frozenset[Country]:
    """The origins of which some body may read this notice: the feeds that carry it."""
    return origins_of(registry, event.tlp, (event.source, *event.readers))


def origins_of(registry: Registry, tlp: str, bodies: Iterable[str]) -> frozenset[Country]:
    """The same from the label and from the bodies that may read it: who says it, and its audience.

    The archive reads nowhere: what it says to one body is in no feed but that body's.
    """
    if tlp in {"CLEAR", "GREEN"}:
        return ALL_ORIGINS
    if tlp in NAMED:
        known = (registry.body(body) for body in bodies)
        return frozenset(country_of(body.source) for body in known if body is not None and body.reads)
    return frozenset()


def must_seal(event: Event) -> str | None:
    """Why this travels only sealed: its label, a caveat (people who could be harmed), its profile; or nothing."""
    return why_sealed(event.kind, event.profile, event.tlp, event.head)


def why_sealed(kind: str, profile: str, tlp: str, head: Mapping[str, Any]) -> str | None:
    """The same of a notice that is no event yet."""
    if tlp in SEALED_ONLY:
        return tlp
    if head.get("caveats"):
        return "caveats"
    found = catalogue().get(kind)
    return profile if found is not None and profile in found.sealed_profiles else None


def may_say(registry: Registry, row: KeyRow, event: Event) -> tuple[str, str] | None:
    """Nothing if the owner of this key may say this in the open; else the code of the refusal and a detail."""
    kind = catalogue().get(event.kind)
    if not (kind and kind.opaque) and (why := must_seal(event)) is not None:
        return "refused.tlp.unsealed", why
    return _may_say(registry, row, event)


def may_seal(registry: Registry, row: KeyRow, inner: Event, at: datetime) -> tuple[str, str] | None:
    """The same for a notice that is about to be sealed: the region will not see what it says, so we ask here.

    It has an audience, so it is TLP:AMBER at least; and each of its readers, its own body too, has a reading key.
    """
    if inner.tlp not in NAMED:
        return "refused.sealed", f"TLP:{inner.tlp}"
    return _may_say(registry, row, inner) or lacks_reader(registry, inner, at)


def lacks_reader(registry: Registry, event: Event, at: datetime) -> tuple[str, str] | None:
    """The first of those who may read a sealed notice, its own body too, for whom nothing can be sealed."""
    keyless = [body for body in (event.source, *event.readers) if not registry.recipients_of(body, at)]
    return ("refused.sealed.recipient", keyless[0]) if keyless else None


def readers_by_origin(registry: Registry, event: Event, at: datetime) -> dict[Country, list[str]]:
    """The age recipients of everybody who may read a sealed notice, the body that says it included."""
    found: dict[Country, list[str]] = {}
    for body in sorted({event.source, *event.readers}):
        found.setdefault(country_of(body), []).extend(registry.recipients_of(body, at))
    return found


def _may_say(registry: Registry, row: KeyRow, event: Event) -> tuple[str, str] | None:
    if TLP.index(event.tlp) > TLP.index(row.tlp_max):
        return "refused.policy.tlp", f"{event.tlp} > {row.tlp_max}"
    if not has_right(row, event):
        return "refused.policy.type", f"{event.kind}:{event.profile}"
    return _check_readers(registry, event)


def has_right(row: KeyRow, event: Event) -> bool:
    """Whether this key may sign this type and profile. Acts on notices need no right, sealed ones show none."""
    kind = catalogue().get(event.kind)
    free = kind is not None and (kind.system or kind.opaque) and not kind.reserved
    return free or row.may(event.kind, event.profile)


def _check_readers(registry: Registry, event: Event) -> tuple[str, str] | None:
    if event.tlp in NAMED and not event.readers:
        return "refused.policy.audience", f"TLP:{event.tlp}"
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
