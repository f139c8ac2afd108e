"""`python -m tests.support.examples` writes `schemas/examples/`: valid events, and invalid ones with the code they get.

A valid event a profile; of a profile that travels sealed only, the sealed event with its key and what is within. Some
invalid ones a profile, and some of what all types share. Signed with any key that the reader of the file likes: the
examples are of what is inside the signature.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from tamani.core.catalogue import catalogue
from tests.support.example_faults import faults, good_data
from tests.support.examples_sealed import SEALED_FAULTS, inner_of, sealed_with
from tests.support.notices import PROFILES, as_json, event, id_of

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"
SEALED_ONLY = tuple((kind, profile) for kind, profile in PROFILES if profile in catalogue()[kind].sealed_profiles)
_NE, _BF = "/ne/commission-defense", "/bf/commission-defense"
_NOBODYS = {"type": "tamani.agenda.party.v1", "dataschema": "urn:tamani:agenda.party:1"}
# Faults of what all types share: code, why, change of a good event (nothing: the attribute is left out).
SHARED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("refused.event", "an attribute that nobody knows", {"priority": "high"}),
    ("refused.event", "no language", {"lang": None}),
    ("refused.event", "a language of another form", {"lang": "français"}),
    ("refused.event", "another version of CloudEvents", {"specversion": "0.3"}),
    ("refused.event", "a number among the attributes", {"sequence": 1}),
    ("refused.event", "numbers count from 1", {"sequence": "0"}),
    ("refused.event", "data that are no object", {"data": []}),
    ("refused.event", "the schema of another type", {"dataschema": "urn:tamani:law.item:1"}),
    ("refused.event", "a source that is no address of a body", {"source": "https://example.org"}),
    ("refused.event.time", "February has no thirtieth day", {"time": "2026-02-30T09:00:00Z"}),
    ("refused.event.time", "an instant of another form", {"expirytime": "2026-03-02T09:00:00+01:00"}),
    ("refused.event.subject", "a subject of two lines", {"subject": "agenda/un\ndeux"}),
    ("refused.event.subject", "a subject of 257 bytes, though of fewer characters", {"subject": "agenda/" + "é" * 125}),
    ("refused.type.unknown", "a type of somebody else", {"type": "org.example.meeting.v1"}),
    ("refused.type.unknown", "a type that nobody knows", _NOBODYS),
    ("refused.profile", "a profile of another form", {"profile": "Séance"}),
    ("refused.tlp", "WHITE is of TLP 1.0", {"tlp": "WHITE"}),
    ("refused.policy.audience", "from AMBER on, readers are named", {"tlp": "AMBER"}),
    ("refused.policy.audience", "readers are sorted", {"tlp": "AMBER", "audience": f"{_NE} {_BF}"}),
    ("refused.policy.audience", "readers stand once", {"audience": f"{_NE} {_NE}"}),
    ("refused.tlp.unsealed", "AMBER+STRICT travels sealed", {"tlp": "AMBER+STRICT", "audience": _NE}),
    ("refused.tlp.unsealed", "RED travels sealed", {"tlp": "RED", "audience": _NE}),
)  # fmt: skip


def files() -> dict[str, str]:
    """File name to text, for all examples."""
    found = {"sealed.v1.v1.json": _text(sealed_with(inner_of("monitor.report", "flash"))["event"])}
    found["invalid/sealed.v1.v1.json"] = _text(list(_invalid_sealed()))
    found["invalid/event.v1.json"] = _text(list(_invalid_event()))
    for kind, profile in PROFILES:
        name = f"{kind}.v{catalogue()[kind].major}.{profile}.json"
        if (kind, profile) in SEALED_ONLY:
            found[f"sealed/{name}"] = _text(sealed_with(inner_of(kind, profile)))
        else:
            found[name] = _text(_event(kind, profile))
        found[f"invalid/{name}"] = _text(list(_invalid(kind, profile)))
    return found


def _event(kind: str, profile: str, **changes: Any) -> dict[str, Any]:
    family = catalogue()[kind].family or "agenda"
    said = event(kind, full=True, profile=profile, id=id_of(1), subject=f"{family}/exemple")
    return as_json(said) | changes


def _invalid(kind: str, profile: str) -> Iterator[dict[str, Any]]:
    good = _event(kind, profile, data=good_data(kind, profile))
    for why, data in faults(kind, profile):
        yield _case(why, "refused.data", good, data=data)
    if (kind, profile) in SEALED_ONLY:
        yield _case("this profile travels sealed only", "refused.tlp.unsealed", good)
    if profile == next(iter(catalogue()[kind].profiles)):
        yield from _invalid_of_type(kind, good)


def _invalid_of_type(kind: str, good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is the same for each profile of a type."""
    found, data = catalogue()[kind], good["data"]
    yield _case("a member that nobody knows", "refused.data", good, data=data | {"latitude": 14.2105})
    if "head" in data:
        yield _case("null, where a value is left out", "refused.data", good, data=_without_summary(data))
    yield _case("an unknown profile", "refused.profile", good, profile="inconnu")
    yield _case("an unknown major version", "refused.type.version", good, type=f"tamani.{kind}.v9")
    yield _case("an id of another version of UUID", "refused.event.id", good, id="00000000-0000-4000-8000-000000000001")
    if found.family:
        yield _case("a thread of another family", "refused.event.subject", good, subject=f"autre{found.family}/x")
    if "GREEN" not in found.tlps:
        yield _case("what is for the public is public", "refused.tlp.type", good, tlp="GREEN")


def _without_summary(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"head": data["head"] | {"summary": None}}


def _invalid_event() -> Iterator[dict[str, Any]]:
    good = _event("agenda.meeting", "ordinaire", data=good_data("agenda.meeting", "ordinaire"))
    for code, why, change in SHARED:
        yield _case(why, code, good, **change)
    protected = good["data"]["head"] | {"caveats": ["witness"]}
    data = good["data"] | {"head": protected}
    yield _case("what names people to protect travels sealed", "refused.tlp.unsealed", good, data=data)


def _invalid_sealed() -> Iterator[dict[str, Any]]:
    good = sealed_with(inner_of("monitor.report", "flash"))["event"]
    for code, why, change in SEALED_FAULTS:
        yield _case(why, code, good, **(change | {"data": good["data"] | change.get("data", {})}))


def _case(why: str, code: str, good: dict[str, Any], **changes: Any) -> dict[str, Any]:
    said = {name: value for name, value in (deepcopy(good) | changes).items() if value is not None}
    return {"why": why, "code": code, "event": said}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, text in files().items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
