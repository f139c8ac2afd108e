"""`python -m tests.support.examples` writes `schemas/examples/`: a valid event a profile, several invalid ones a type.

Each invalid one names the code that the judge must give it. Signed with any key that the reader of the file likes: the
examples are of what is inside the signature.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from tamani.core.catalogue import catalogue
from tests.support.notices import KINDS, PROFILES, as_json, event, id_of

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"
# Faults that only a rule between fields finds: type:profile → (why, change of the fullest data).
ACROSS: dict[str, tuple[str, dict[str, Any]]] = {
    "agenda.meeting:ordinaire": ("it ends before it starts", {"end": "2026-04-14T08:59:59Z"}),
    "agenda.item:divers": ("only the convener takes a point", {"status": "accepted"}),
    "agenda.record:dialogue": ("a dialogue needs a consent", {"head": {"title": "Sans accord", "areas": ["ml-gao"]}}),
    "law.item:dossier": ("a country stands at one stage", {"steps": [{"country": "ml", "stage": "etude"}] * 2}),
    "law.provision:disposition": ("absent has no verbatim", {"conformity": "absent"}),
    "law.text:amendement": ("an amendment changes something", {"articles": []}),
    "exchange.request:mise-en-relation": ("nothing of a case", {"head": {"title": "Un cas", "summary": "Les faits."}}),
    "exchange.answer:avis": ("an opinion given says which", {"opinion": None}),
    "monitor.report:mensuel": ("there is no thirteenth month", {"period": "2026-13"}),
    "monitor.alert:alerte": ("no position, not even as a place", {"place": "14.2105, 1.4531"}),
    "roadmap.progress:officiel": ("no more than all of it", {"percent": 101}),
    "practice.note:bonne-pratique": ("human rights are checked", {"rights_check": ""}),
    "reference.sheet:organisme": ("a verified sheet bears both dates", {"verify_by": None}),
    "public.notice:version-publique": ("it names its original", {"original": None}),
    "ack:participation": ("another date is named", {"proposed": None}),
    "correction:correction": ("it says why", {"reason": ""}),
    "withdrawal:retrait": ("reasons are a list", {"reason": "parce que"}),
    "translation:traduction": ("a language is a tag of BCP 47", {"into": "haoussa"}),
    "endorsement:soutien": ("there are three kinds of support", {"support": "maybe"}),
    "system.contest:double-contenu": ("an entry is named by 64 digits", {"second_entry": "abc"}),
    "system.absence:numeros": ("the first comes before the last", {"first": 19}),
    "heartbeat:battement": ("one cannot wait for less than nothing", {"waiting": -1}),
}


def files() -> dict[str, str]:
    """File name to text, for all examples."""
    found = {}
    for kind, profile in PROFILES:
        name = f"{kind}.v{catalogue()[kind].major}.{profile}.json"
        found[name] = _text(as_json(_event(kind, profile)))
    for kind in KINDS:
        found[f"invalid/{kind}.v{catalogue()[kind].major}.json"] = _text(list(_invalid(kind)))
    return found


def _event(kind: str, profile: str) -> Any:
    family = catalogue()[kind].family or "agenda"
    return event(kind, full=True, profile=profile, id=id_of(1), subject=f"{family}/exemple")


def _invalid(kind: str) -> Iterator[dict[str, Any]]:
    found = catalogue()[kind]
    profile = next(name.partition(":")[2] for name in ACROSS if name.startswith(f"{kind}:"))
    good = as_json(_event(kind, profile))
    why, change = ACROSS[f"{kind}:{profile}"]
    yield _case(why, "refused.data", good, data=good["data"] | change)
    yield _case("a member that nobody knows", "refused.data", good, data=good["data"] | {"latitude": 14.2105})
    yield _case("an unknown profile", "refused.profile", good, profile="inconnu")
    yield _case("an unknown major version", "refused.type.version", good, type=f"tamani.{kind}.v9")
    yield _case("an id of another version of UUID", "refused.event.id", good, id="00000000-0000-4000-8000-000000000001")
    if found.family:
        yield _case("a thread of another family", "refused.event.subject", good, subject=f"autre{found.family}/x")
    if "GREEN" not in found.tlps:
        yield _case("what is for the public is public", "refused.tlp.type", good, tlp="GREEN")


def _case(why: str, code: str, good: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"why": why, "code": code, "event": deepcopy(good) | changes}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, text in files().items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
