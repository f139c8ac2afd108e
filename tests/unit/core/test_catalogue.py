"""The catalogue: each type from its smallest to its fullest, each constraint broken once, a new type by one file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tamani.core.catalogue import catalogue, find_type, words
from tamani.core.catalogue.base import Label, MessageType
from tamani.core.event import PROFILE, SCHEMA, TYPE
from tamani.core.judge import judge
from tamani.core.names import Country, Lane
from tamani.core.verdict import Forward, Refuse, Verdict
from tests.support.breaches import breaches, unreached
from tests.support.dropped_type import more_types, session_type
from tests.support.notices import (
    COMMISSION_ML,
    KINDS,
    MODELS,
    NOTICE_KINDS,
    PROFILES,
    RESERVED_KINDS,
    SYSTEM_KINDS,
    data_of,
    event,
    key_row,
    registry,
    seal,
)

KNOWN = registry()
# What only a rule across fields can refuse: type, change of the fullest data.
ACROSS: list[tuple[str, dict[str, Any]]] = [
    ("agenda.meeting", {"end": "2026-04-14T08:59:59Z"}),
    ("agenda.meeting", {"points": [{"rank": 2, "kind": "divers", "title": "Deux avant un"}]}),
    ("agenda.meeting", {"points": [{"rank": 1, "kind": "divers", "title": "Un"}] * 2}),
    ("agenda.meeting", {"start": "2026-02-30T09:00:00Z"}),
    ("agenda.meeting", {"start": "٢٠٢٦-04-14T09:00:00Z"}),
    ("agenda.meeting", {"start": "2026-04-14T25:00:00Z"}),
    ("law.item", {"due": "2026-02-30"}),
    ("law.item", {"steps": [{"country": "ml", "stage": "etude"}, {"country": "ml", "stage": "adopte"}]}),
    ("law.item", {"due": "٢٠٢٦-02-03"}),
    ("monitor.report", {"period": "٢٠٢٦"}),
    ("monitor.report", {"period": "2026-13"}),
    ("monitor.report", {"indicators": [{"key": "x", "value": "48", "unit": "y"}]}),
    ("monitor.alert", {"head": {"title": "Sans région", "areas": []}}),
    ("monitor.alert", {"severity": "Extreme", "source_reliability": "D"}),
    ("monitor.alert", {"severity": "Extreme", "credibility": 4}),
    ("monitor.alert", {"credibility": 2.0}),
    ("roadmap.progress", {"recommendation": "BKO-٢٠٢٤-12"}),
    ("ack:participation", {"proposed": "2026-02-30T09:00:00Z"}),
    ("ack:participation", {"proposed": None}),
    ("ack:participation", {"level": "will-attend"}),
    ("ack", {"level": "will-attend"}),
    ("ack:suite", {"level": "abandonne", "note": None}),
    ("agenda.record:releve", {"decisions": [{"no": 2, "text": "Deux avant un"}]}),
    ("agenda.record:compte-rendu", {"head": {"title": "Des propos sans accord"}}),
    ("agenda.record:compte-rendu", {"participants": {"total": 3, "women": 4}}),
    ("agenda.record:dialogue", {"head": {"title": "Sans consentement", "areas": ["ml-gao"]}}),
    ("agenda.record:dialogue", {"head": {"title": "Presse", "areas": ["ml-gao"], "consent_basis": "public source"}}),
    ("agenda.record:dialogue", {"head": {"title": "Sans région", "consent_basis": "informed"}}),
    ("agenda.record:dialogue", {"place": "14.2105 N"}),
    ("agenda.record:dialogue", {"place": "puits ٣"}),
    ("monitor.alert", {"place": "13,51 / 2,11"}),
    ("law.provision", {"conformity": "absent"}),
    ("law.provision", {"conformity": "non-evalue"}),
    ("law.provision", {"topic": "temoins"}),
    ("law.provision", {"topic": "sorcellerie/preuve"}),
    ("law.text:en-vigueur", {"country": None}),
    ("law.text:en-vigueur", {"organisation": "Nations unies"}),
    ("law.text:projet", {"articles": [{"eid": "art_1", "number": "1", "text": "x"}] * 2}),
    ("law.text:amendement", {"articles": []}),
    ("exchange.request:avis", {"status": "asked"}),
    ("exchange.request:mise-en-relation", {"head": {"title": "Un cas", "summary": "Les faits."}}),
    ("exchange.request:mise-en-relation", {"addressed_to": ["/ml/a", "/ml/b"]}),
    ("exchange.request:contribution", {"opens": "2026-07-01"}),
    ("exchange.answer:question", {"answer": "declined", "text": None}),
    ("exchange.answer:besoin", {"answer": "declined", "text": None}),
    ("exchange.answer:avis", {"opinion": None}),
    ("exchange.answer:avis", {"answer": "partial"}),
    ("exchange.answer:mise-en-relation", {"contact": "impossible"}),
    ("reference.sheet:organisme", {"verified_on": None}),
    ("reference.sheet:organisme", {"verify_by": "2025-01-01"}),
    ("reference.sheet:offre", {"valid_to": "2024-01-01"}),
    ("reference.sheet:mandat", {"body": None, "corps": None}),
]

# A text in force is of a country or of an organisation: no data has both.
EITHER = {".organisation"}


def judged(kind: str, **changes: Any) -> Verdict:
    said = event(kind, **changes)
    return judge(seal(said), said.country, said.lane, KNOWN)


def code_of(verdict: Verdict) -> str | None:
    return verdict.name if isinstance(verdict, Refuse) else None


def test_the_types_of_the_plan_are_here_and_no_other() -> None:
    assert set(catalogue()) - {"sealed"} == set(NOTICE_KINDS) | set(SYSTEM_KINDS) == set(KINDS)
    assert {name for name, kind in catalogue().items() if kind.opaque} == {"sealed"}
    assert {name for name, kind in catalogue().items() if kind.system} == set(SYSTEM_KINDS)
    assert {name for name, kind in catalogue().items() if kind.reserved} == set(RESERVED_KINDS)
    assert {name for name, kind in catalogue().items() if not kind.archived} == {"heartbeat"}


@pytest.mark.parametrize(("kind", "profile"), PROFILES)
@pytest.mark.parametrize("full", [False, True], ids=["smallest", "fullest"])
def test_good_data_is_taken(kind: str, profile: str, full: bool) -> None:
    verdict = judged(kind, full=full, profile=profile)
    # What is sound but travels sealed only is refused for that, and for nothing else.
    wanted = "refused.tlp.unsealed" if profile in catalogue()[kind].sealed_profiles else None
    assert code_of(verdict) == wanted, verdict


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_profile_is_not(kind: str) -> None:
    assert code_of(judged(kind, profile="inconnu")) == "refused.profile"


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_that_the_type_may_not_bear_is_refused(kind: str) -> None:
    """What is for the public is public; everything else may be."""
    codes = {tlp: code_of(judged(kind, tlp=tlp)) for tlp in ("CLEAR", "GREEN")}
    assert codes == {"CLEAR": None, "GREEN": "refused.tlp.type" if kind == "public.notice" else None}


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_the_fullest_data_has_every_field(kind: str, profile: str) -> None:
    """So that the breaches below leave nothing untried."""
    schema = catalogue()[kind].model_of(profile).model_json_schema()
    lacking = unreached(schema, data_of(kind, full=True, profile=profile)) - EITHER
    # Whoever is to be protected is spoken of in sealed notices alone (test_sealing.py).
    assert {where for where in lacking if "caveats" not in where} == set()


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_each_constraint_broken_once_is_refused(kind: str, profile: str) -> None:
    """Types, limits, patterns, lists, required and surplus members: the whole schema, one breach at a time."""
    schema = catalogue()[kind].model_of(profile).model_json_schema()
    tried = list(breaches(schema, data_of(kind, full=True, profile=profile)))
    codes = [(b.where, b.what, code_of(judged(kind, data=b.data, profile=profile))) for b in tried]
    assert [found for found in codes if found[2] != "refused.data"] == []
    assert len(tried) > 10


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_nothing_beyond_the_smallest_data_is_needed_and_nothing_of_it_spared(kind: str, profile: str) -> None:
    small = data_of(kind, profile=profile)
    for name in small:
        rest = {other: value for other, value in small.items() if other != name}
        assert code_of(judged(kind, data=rest, profile=profile)) == "refused.data"


@pytest.mark.parametrize(("kind", "change"), ACROSS)
def test_rules_across_fields_and_real_dates(kind: str, change: dict[str, Any]) -> None:
    name, _, profile = kind.partition(":")
    data = data_of(name, full=True, profile=profile or None) | change
    assert code_of(judged(name, data=data, **({"profile": profile} if profile else {}))) == "refused.data"


def test_a_refusal_says_where() -> None:
    verdict = judged("law.item", data=data_of("law.item") | {"steps": [{"country": "ml", "stage": "fini"}]})
    assert isinstance(verdict, Refuse)
    assert verdict.detail.startswith("steps.0.stage: ")


def test_text_is_kept_as_it_was_said() -> None:
    """No trimming, no coercion: what is shown is what was signed."""
    data = data_of("agenda.item") | {"head": {"title": "  Séance à 9 h 30  "}}
    verdict = judged("agenda.item", data=data)
    assert isinstance(verdict, Forward)
    assert verdict.event.data == data


@pytest.mark.parametrize("title", ["a\nb c", "ab\u2028c", "abc\x1b[2J", "   ", "\x85abc"])
def test_a_title_is_one_line_with_something_on_it(title: str) -> None:
    assert code_of(judged("agenda.item", data=data_of("agenda.item") | {"head": {"title": title}})) == "refused.data"


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_minor_version_is_carried_with_fields_that_we_do_not_know(kind: str) -> None:
    """At any depth; the bytes go on untouched. What we do know must still be right."""
    data = data_of(kind, full=True) | {"later": {"x": [1, "y"]}}
    if "head" in data:
        data["head"] = data["head"] | {"later": True}
        data["head"]["attachments"] = [data["head"]["attachments"][0] | {"later": 1}]
    now = catalogue()[kind].minor
    assert code_of(judged(kind, dataschema=f"urn:tamani:{kind}:{now + 1}", data=data)) is None
    assert code_of(judged(kind, dataschema=f"urn:tamani:{kind}:{now}", data=data)) == "refused.data"
    first = next(iter(data_of(kind)))
    later = judged(kind, dataschema=f"urn:tamani:{kind}:{now + 1}", data=data | {first: []})
    assert code_of(later) == "refused.data"


@pytest.mark.parametrize("kind", KINDS)
def test_another_major_version_is_refused(kind: str) -> None:
    for major in (2, 9999):
        assert code_of(judged(kind, type=f"tamani.{kind}.v{major}")) == "refused.type.version"
    assert find_type(kind, 2) == ("refused.type.version", f"{kind} v2")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if catalogue()[kind].family])
def test_a_subject_is_of_the_family_of_its_type(kind: str) -> None:
    found = catalogue()[kind]
    assert code_of(judged(kind, subject=f"{found.family}s/x")) == "refused.event.subject"
    assert code_of(judged(kind, subject=f"{found.family}/x")) is None


def test_an_alert_cannot_leave_the_urgent_lane_and_nothing_else_can_enter_it() -> None:
    families = {kind.name: kind.family for kind in catalogue().values() if not kind.system}
    assert [name for name, family in families.items() if family == "alert"] == ["monitor.alert"]
    assert "" not in families.values()


@pytest.mark.parametrize("kind", catalogue().values(), ids=catalogue())
def test_each_type_is_well_formed(kind: MessageType) -> None:
    """Names in the grammar of the attributes, labels in both languages, closing states that the model knows."""
    assert TYPE.fullmatch(kind.type)
    assert SCHEMA.fullmatch(kind.dataschema)
    assert kind.profiles
    for profile, label in kind.profiles.items():
        assert PROFILE.fullmatch(profile)
        assert label.fr
        assert label.en
        assert label.said("fr") == label.fr
        assert label.said("en") == label.en
    assert kind.variants.keys() <= kind.profiles.keys()
    assert kind.lifecycles.keys() <= kind.profiles.keys()
    assert kind.sealed_profiles <= kind.profiles.keys()
    assert bool(kind.says) == (kind.joins and kind.name not in {"correction", "withdrawal", "system.contest"})
    for profile in kind.profiles:
        if kind.archived and not kind.opaque:
            assert next(iter(kind.model_of(profile).model_fields)) == "head"


def test_what_must_travel_sealed() -> None:
    """To be put in contact is to say who looks for whom."""
    sealed = {(name, profile) for name, kind in catalogue().items() for profile in kind.sealed_profiles}
    assert sealed == {("exchange.request", "mise-en-relation"), ("exchange.answer", "mise-en-relation")}


@pytest.mark.parametrize(("kind", "profile"), MODELS)
def test_every_field_is_labelled_in_both_languages(kind: str, profile: str) -> None:
    """Forms and pages are made from them. `head` has its own labels inside."""
    schema = catalogue()[kind].model_of(profile).model_json_schema()
    for model in (schema, *schema.get("$defs", {}).values()):
        for name, field in model.get("properties", {}).items():
            if name != "head":
                assert field.get("title"), name
                assert field.get("description"), name
                assert not re.search(r"[a-z]_[a-z]", field["title"]), name


@pytest.fixture
def dropped(tmp_path: Path) -> Iterator[Path]:
    """A folder that counts as part of the catalogue while the test runs."""
    with more_types(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("system", [False, True])
def test_a_new_type_is_one_file_and_nothing_else(dropped: Path, system: bool) -> None:
    """Judge, policy and discovery know it without a line elsewhere; a system type needs no right."""
    name = f"training_session_{system}".lower()
    (dropped / f"{name}.py").write_text(session_type(", system=True" if system else ""))
    body = {"head": {"title": "Formation des greffiers"}, "seats": 12}
    said = event("agenda.item", COMMISSION_ML)
    changes = {"type": "tamani.training.session.v1", "dataschema": "urn:tamani:training.session:0"}
    changes |= {"profile": "atelier", "subject": "training/x"}
    value = seal(type(said)(**{f: getattr(said, f) for f in said.__slots__} | changes | {"data": body}))
    known = registry(keys=[key_row(COMMISSION_ML, rights=[] if system else ["training.session:*"])])
    assert "training.session" in catalogue()
    assert words()["seats:12"] == Label("Douze", "Twelve")
    assert isinstance(judge(value, Country.ML, Lane.NORMAL, known), Forward)
    without = registry(keys=[key_row(COMMISSION_ML, rights=[])])
    assert isinstance(judge(value, Country.ML, Lane.NORMAL, without), Forward) is system


def test_two_files_cannot_claim_one_name(dropped: Path) -> None:
    """Silently the last would win, and which is last depends on a file name."""
    (dropped / "zz_item.py").write_text(session_type().replace("training.session", "agenda.item"))
    with pytest.raises(ValueError, match=r"agenda\.item"):
        catalogue()
