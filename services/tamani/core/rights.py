"""What a body may post today: the rights of its keys, as types and profiles of the catalogue."""

from datetime import datetime

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.base import MessageType
from tamani.core.event import TLP
from tamani.core.policy import key_state
from tamani.core.registry import KeyRow, Registry


def may_post(registry: Registry, source: str, at: datetime) -> dict[str, tuple[str, ...]]:
    """Type → its profiles that a key of this body which counts at that instant may sign; catalogue order."""
    keys = _counting(registry, source, at)
    found = {kind.name: _profiles(kind, keys) for kind in catalogue().values() if kind.archived and not kind.system}
    return {name: profiles for name, profiles in found.items() if profiles}


def may_mark(registry: Registry, source: str, at: datetime) -> tuple[str, ...]:
    """The TLP labels that a key of this body may put on a notice, the most open first."""
    highest = max((TLP.index(row.tlp_max) for row in _counting(registry, source, at)), default=-1)
    return TLP[: highest + 1]


def will_read(registry: Registry, source: str, tlp: str, audience: tuple[str, ...]) -> tuple[str, ...] | None:
    """The bodies that will read such a notice; nothing means everybody."""
    if tlp == "CLEAR":
        return None
    if tlp == "GREEN":
        return tuple(sorted(body.source for body in registry.bodies))
    return tuple(sorted({source, *audience}))


def _counting(registry: Registry, source: str, at: datetime) -> list[KeyRow]:
    return [row for row in registry.keys if row.body == source and key_state(row, at) is None]


def _profiles(kind: MessageType, keys: list[KeyRow]) -> tuple[str, ...]:
    return tuple(profile for profile in kind.profiles if any(row.may(kind.name, profile) for row in keys))
