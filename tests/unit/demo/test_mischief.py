"""Each trick is answered with the code it is made for, and the tricks leave no refusal of the judge untried."""

from datetime import timedelta

import pytest

from tamani.core.codes import codes
from tamani.core.envelope import decode_envelope
from tamani.core.judge import judge, rejudge
from tamani.core.verdict import Forward, Refuse
from tamani.embedded.demo.mischief import HONEST, TRICKS, Trick
from tests.unit.demo.world import START, world

# Codes of the judge's family that no record on the bus can be given.
ELSEWHERE = {
    "refused": "a code that this software does not know",
    "refused.key.expired": "the archive's, for a window that is over: the same rule as retired",
    "refused.key.weak": "at enrolment",
    "refused.key.reused": "at enrolment",
    "refused.policy.body": "a body that left: none of the demo did",
    "refused.id.reused": "a node's door",
    "refused.policy.inherited": "a node's door",
    "refused.originator": "a node's door",
    "refused.thread": "a node's door",
    "refused.transition": "a node's door",
    "refused.thread.changed": "a node's door",
    "refused.transition.role": "a node's door",
    "refused.transition.stage": "a node's door",
    "refused.transition.action": "a node's door",
    "refused.cursor": "a desk's door",
}


@pytest.mark.parametrize("trick", TRICKS, ids=lambda t: t.name)
def test_a_trick_gets_the_code_it_is_made_for(trick: Trick) -> None:
    """Router and archive together; duplicates and the second word are sound notices, so the judge forwards them."""
    value = trick.make(world().material, trick.name)
    verdict = judge(value, trick.country, trick.lane, world().registry)
    if isinstance(verdict, Forward):
        verdict = rejudge(value, world().registry, START + timedelta(minutes=3))
    if isinstance(verdict, Forward):
        assert trick.code in {"duplicate", "equivocation"}
    else:
        assert verdict.name == trick.code, verdict.detail


def test_duplicates_are_the_very_bytes_and_the_second_word_is_not() -> None:
    """Which of the two it is depends on the bytes alone."""
    material = world().material
    by_code = {code: [t for t in TRICKS if t.code == code] for code in ("duplicate", "equivocation")}
    assert len(by_code["duplicate"]) >= 3
    for trick in by_code["duplicate"]:
        assert trick.make(material, trick.name) in material.envelopes.values()
    (second,) = by_code["equivocation"]
    value = second.make(material, second.name)
    said, first = judge(value, second.country, second.lane, world().registry), material.event("veille-contestee")
    assert isinstance(said, Forward)
    assert (said.event.source, said.event.id) == (first.source, first.id)
    assert said.event.data != first.data


def test_a_forgery_tells_nothing_of_whom_it_names() -> None:
    """Where the signature does not hold, neither source nor id may reach a receipt."""
    for trick in TRICKS:
        verdict = judge(trick.make(world().material, trick.name), trick.country, trick.lane, world().registry)
        if isinstance(verdict, Refuse) and trick.code in {"refused.signature.invalid", "refused.key.unknown"}:
            assert verdict.event is None


def test_every_code_of_the_judge_happens() -> None:
    """A new refusal needs a new trick."""
    parts = (
        "auth",
        "backup",
        "calendar",
        "draft",
        "erased",
        "erasure",
        "import",
        "log",
        "mail",
        "officer",
        "piece",
        "proof",
        "rebuild",
        "registry",
        "request",
        "review",
        "sealed.",
        "search",
        "witness",
    )
    doors = tuple(f"refused.{part}" for part in parts)
    judged = {name for name in codes() if name.startswith("refused") and not name.startswith(doors)}
    assert judged - {trick.code for trick in TRICKS} == ELSEWHERE.keys()


def test_names_and_material_are_sound() -> None:
    """Names are unique, honest bytes decode, and forging takes only keys that the demo keeps."""
    assert len({trick.name for trick in TRICKS}) == len(TRICKS)
    assert world().material.envelopes.keys() == set(HONEST)
    for value in world().material.envelopes.values():
        decode_envelope(value)
