"""What is wrong with the invalid examples: faults that only a rule between fields finds, by hand; others, by schema.

Each profile has faults of its own: where profiles share a model, each breaks other members of it.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from tamani.core.catalogue import catalogue
from tamani.core.schemas import data_schema, documents
from tests.support.breaches import Breach, breaches
from tests.support.notices import PROFILES, data_of

Fault = tuple[str, dict[str, Any]]
_HEAD = ("title", "areas", "consent_basis", "issuer_role")
_STEP = {"country": "ml", "stage": "etude"}
_ARTICLE = {"eid": "art_1", "number": "1", "text": "Le témoin est protégé."}
# type:profile → (why, change of the fullest data). Whoever adds a rule to a model adds its fault here.
ACROSS: dict[str, tuple[Fault, ...]] = {
    "agenda.meeting:ordinaire": (("it ends before it starts", {"end": "2026-04-14T08:59:59Z"}),),
    "agenda.meeting:conjointe": (
        ("its points are numbered from 1, one by one", {"points": [{"rank": 2, "kind": "divers", "title": "Suite"}]}),
    ),
    "agenda.meeting:forum": (("April has thirty days", {"reply_by": "2026-04-31"}),),
    "agenda.meeting:mission": (("February has no thirtieth day", {"start": "2026-02-30T09:00:00Z"}),),
    "agenda.item:divers": (("only the convener takes a point", {"status": "accepted"}),),
    "agenda.record:releve": (("decisions are numbered from 1", {"decisions": [{"no": 2, "text": "Adopté."}]}),),
    "agenda.record:compte-rendu": (
        ("more women than participations", {"participants": {"total": 5, "women": 6}}),
        ("words quoted need a consent", {"head": {"title": "Sans accord"}}),
    ),
    "agenda.record:dialogue": (
        ("a dialogue needs a consent", {"head": {"title": "Sans accord", "areas": ["ml-gao"]}}),
        (
            "what is public already is no consent",
            {"head": {"title": "Repris de la presse", "areas": ["ml-gao"], "consent_basis": "public source"}},
        ),
        ("a dialogue names its region", {"head": {"title": "Sans région", "consent_basis": "informed"}}),
    ),
    "law.item:dossier": (("a country stands at one stage", {"steps": [_STEP, _STEP]}),),
    "law.provision:disposition": (
        ("absent has no verbatim", {"conformity": "absent"}),
        ("not assessed has no date", {"conformity": "non-evalue", "gap": None}),
        ("not assessed has no gap", {"conformity": "non-evalue", "assessed_on": None}),
    ),
    "law.text:en-vigueur": (
        ("of a country or of an organisation, not of both", {"country": "bf", "organisation": "Union africaine"}),
        ("of a country or of an organisation", {"country": None, "organisation": None}),
    ),
    "law.text:projet": (("each article has a place of its own", {"articles": [_ARTICLE, _ARTICLE]}),),
    "law.text:amendement": (("an amendment changes something", {"articles": []}),),
    "exchange.request:avis": (("an opinion not yet given has no outcome", {"status": "asked"}),),
    "exchange.request:mise-en-relation": (
        ("nothing of a case", {"head": {"title": "Un cas", "summary": "Les faits."}}),
    ),
    "exchange.request:contribution": (("it opens after it closes", {"opens": "2026-12-31", "due": "2026-12-30"}),),
    "exchange.answer:besoin": (("who declines says why", {"answer": "declined", "text": None}),),
    "exchange.answer:avis": (
        ("an opinion given says which", {"opinion": None}),
        ("who declines gives no opinion", {"answer": "declined", "opinion": "favorable"}),
    ),
    "exchange.answer:mise-en-relation": (
        ("an answer has made a contact", {"answer": "answered", "contact": "impossible"}),
        ("who declines has made none", {"answer": "declined", "contact": "etabli"}),
    ),
    "monitor.report:mensuel": (("there is no thirteenth month", {"period": "2026-13"}),),
    "monitor.alert:alerte": (
        ("no position, not even as a place", {"place": "14.2105, 1.4531"}),
        ("a source of grade D is no ground for Extreme", {"source_reliability": "D", "severity": "Extreme"}),
    ),
    "monitor.alert:a-confirmer": (
        ("an alert names its region", {"head": {"title": "Sans région"}}),
        ("credibility 4 is no ground for Extreme", {"credibility": 4, "severity": "Extreme"}),
    ),
    "roadmap.progress:officiel": (("no more than all of it", {"percent": 101}),),
    "practice.note:bonne-pratique": (("human rights are checked", {"rights_check": ""}),),
    "reference.sheet:organisme": (("a verified sheet bears both dates", {"verify_by": None}),),
    "reference.sheet:mandat": (("a mandate is of a body or a corps", {"body": None, "corps": None}),),
    "reference.sheet:programme": (
        ("it ends before it begins", {"valid_from": "2026-02-01", "valid_to": "2026-01-31"}),
    ),
    "reference.sheet:accord": (
        ("the next check is before the last", {"verified_on": "2026-02-01", "verify_by": "2026-01-31"}),
    ),
    "ack:participation": (
        ("another date is named", {"proposed": None}),
        ("who comes proposes no other date", {"level": "will-attend"}),
    ),
    "ack:suite": (("an action dropped says why", {"level": "abandonne", "note": None}),),
    "correction:correction": (("it says why", {"reason": ""}),),
    "withdrawal:retrait": (("reasons are a list", {"reason": "parce que"}),),
    "translation:traduction": (("a language is a tag of BCP 47", {"into": "haoussa"}),),
    "endorsement:soutien": (("there are three kinds of support", {"support": "maybe"}),),
    "system.contest:double-contenu": (("an entry is named by 64 digits", {"second_entry": "abc"}),),
    "system.absence:numeros": (("the first comes before the last", {"first": 19}),),
    "system.absence:silence": (
        ("settled says when it was heard", {"heard": None}),
        ("while it lasts nothing was heard", {"status": "missing"}),
    ),
    "heartbeat:battement": (("one cannot wait for less than nothing", {"waiting": -1}),),
}
_WORDS = {
    "required": "lacks {}",
    "null": "{} is null",
    "enum": "{} is none of its values",
    "pattern": "{} is of another form",
    "minimum": "{} is too low",
    "maximum": "{} is too high",
    "minItems": "{} has too few",
}
EACH = 2


def good_data(kind: str, profile: str) -> dict[str, Any]:
    """The fullest data, under a short head."""
    data = data_of(kind, full=True, profile=profile)
    head = data.get("head", {})
    short = {name: head[name] for name in _HEAD if name in head}
    return data | ({"head": short} if head else {})


def faults(kind: str, profile: str) -> Iterator[Fault]:
    """Why, and the whole data, of each fault of a profile's data."""
    good = good_data(kind, profile)
    for why, change in ACROSS.get(f"{kind}:{profile}", ()):
        changed = good | change
        yield why, {name: value for name, value in changed.items() if name not in change or value is not None}
    for breach in _own(kind, profile):
        yield _WORDS[breach.what].format(breach.where), breach.data


def _own(kind: str, profile: str) -> list[Breach]:
    """Two breaches that no other profile of the model has; of a profile's own members, if it has any."""
    model = catalogue()[kind].model_of(profile)
    sharing = [other for of, other in PROFILES if of == kind and catalogue()[kind].model_of(other) is model]
    first = sharing.index(profile) * EACH
    return _candidates(kind, sharing[0])[first : first + EACH]


@cache
def _candidates(kind: str, profile: str) -> list[Breach]:
    """Breaches of a model in turn: one of each member, then the next of each; its own members before the type's."""
    found = catalogue()[kind]
    shared = set(found.model.model_fields) if profile in found.variants else set()
    by_member: dict[str, list[Breach]] = {}
    for breach in breaches(_schemas()[data_schema(found, profile)], good_data(kind, profile)):
        if breach.what in _WORDS and (member := breach.where.partition(".")[0]) != "head":
            by_member.setdefault(member, []).append(breach)
    rows = [by_member[member] for member in sorted(by_member, key=lambda member: member in shared)]
    return [row[turn] for turn in range(max(map(len, rows))) for row in rows if turn < len(row)]


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    return {name: json.loads(text) for name, text in documents().items()}
