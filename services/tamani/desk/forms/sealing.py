"""What a form says of a notice that its node will seal: why, who will be able to open it, and who could not.

Only the node seals; the page must say so beforehand, and stop where the node would (docs/design/sealing.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError
from tamani.core.faults import Fault, InvalidError
from tamani.core.policy import NAMED, why_sealed
from tamani.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Sealing:
    """Why it is sealed: `RED`, `AMBER+STRICT`, `caveats`, or the name of its profile."""

    why: str

    def check(self, registry: Registry, tlp: str, readers: Iterable[str], at: datetime) -> None:
        """Stop what the node would refuse.

        Raises:
            RefusedError: `refused.sealed.label` below TLP:AMBER; InvalidError `refused.sealed.recipient`, naming each
                body for which nothing can be sealed.
        """
        if tlp not in NAMED:
            raise RefusedError("refused.sealed.label", f"TLP:{tlp}")
        keyless = [body for body in readers if not registry.recipients_of(body, at)]
        if keyless:
            raise InvalidError("refused.sealed.recipient", [_keyless(registry, body) for body in keyless])


def _keyless(registry: Registry, body: str) -> Fault:
    names = registry.name(body, "fr"), registry.name(body, "en")
    return Fault("audience", *names, "aucune clé de lecture au registre.", "no reading key in the registry.")


def sealing_of(kind: str, profile: str, tlp: str, data: Mapping[str, Any]) -> Sealing | None:
    """Nothing if the notice may travel open."""
    head = data.get("head")
    why = why_sealed(kind, profile, tlp, head if isinstance(head, Mapping) else {})
    return Sealing(why) if why else None


def marks_for(kind: str, profile: str, marks: Iterable[str]) -> tuple[str, ...]:
    """The labels that one may choose: those of the type, and for a profile that is always sealed those with readers."""
    found = catalogue()[kind]
    wanted = NAMED if profile in found.sealed_profiles else found.tlps
    return tuple(mark for mark in marks if mark in wanted and mark in found.tlps)


def usual_mark(kind: str, profile: str, marks: tuple[str, ...]) -> str:
    """Never GREEN by itself for what was observed: the accused may be among the bodies that read GREEN."""
    if profile in catalogue()[kind].sealed_profiles:
        wanted = "RED"
    else:
        wanted = "AMBER" if kind.startswith("monitor.") else "GREEN"
    return wanted if wanted in marks else next(iter(marks), "")
