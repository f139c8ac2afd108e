"""What a country may have of the past: by the rights of today, not by those of when the notice was told."""

from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event
from tamani.core.names import Country
from tamani.core.policy import origins_entitled
from tamani.core.registry import Registry


def may_have(registry: Registry, country: Country, tlp: str, value: bytes) -> bool:
    """Whether some body of this origin may read the notice of these exact bytes (none: it was erased)."""
    if not value:
        return False
    if tlp in {"CLEAR", "GREEN"}:
        return True
    return country in origins_entitled(registry, decode_event(decode_envelope(value).payload))
