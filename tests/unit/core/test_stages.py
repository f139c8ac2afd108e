"""A bill goes along the stages: what may follow what, and that a move shows its proof, in whatever order it arrives."""

from itertools import permutations
from typing import Any

import pytest

from tamani.core.codelists import next_stages, terms
from tamani.core.stages import WRONG, wrong_move
from tamani.core.thread import Entry, fold
from tests.support.notices import COMMISSION_ML, data_of, event, id_of

PROOF = {"since": "2026-05-04", "evidence": "Journal officiel n° 12"}


def row(stage: str, country: str = "ml", **more: str) -> dict[str, Any]:
    return {"country": country, "stage": stage} | more


@pytest.mark.parametrize("stage", list(terms("stages")))
def test_a_country_goes_on_by_the_stages_that_may_follow_and_by_no_other(stage: str) -> None:
    for other in terms("stages"):
        allowed = other == stage or other in next_stages(stage)
        assert (wrong_move([row(stage)], [row(other, **PROOF)]) is None) is allowed, other


@pytest.mark.parametrize("lacking", list(PROOF))
def test_a_move_names_its_day_and_its_proof(lacking: str) -> None:
    proof = {name: value for name, value in PROOF.items() if name != lacking}
    assert wrong_move([row("depose")], [row("commission", **proof)]) == WRONG
    assert wrong_move([row("depose")], [row("depose")]) is None, "who stays proves nothing"


def test_a_country_may_join_and_none_may_leave() -> None:
    """Else it could leave, and come back wherever it likes."""
    assert wrong_move([row("depose")], [row("depose"), row("promulgue", "ne")]) is None
    assert wrong_move([row("depose"), row("etude", "bf")], [row("depose")]) == WRONG


def version(index: int, *steps: dict[str, Any]) -> Entry:
    data = data_of("law.item") | {"status": "open", "steps": list(steps)}
    given: dict[str, Any] = {"id": id_of(index), "subject": "law/fil", "sequence": str(index), "data": data}
    return Entry(index, event("law.item", COMMISSION_ML, **given))


def taken_back(index: int, target: int) -> Entry:
    data = data_of("withdrawal") | {"target": {"source": COMMISSION_ML, "id": id_of(target)}}
    given: dict[str, Any] = {"id": id_of(index), "subject": "law/fil", "sequence": str(index), "data": data}
    return Entry(index, event("withdrawal", COMMISSION_ML, **given))


LEAP = row("promulgue", **PROOF)
ON = row("commission", **PROOF)
STORIES = {
    "a leap has no effect": ([version(1, row("depose")), version(2, LEAP)], {2: WRONG}, 1),
    "what follows a leap goes on from before it": (
        [version(1, row("depose")), version(2, LEAP), version(3, ON)],
        {2: WRONG},
        3,
    ),
    "without proof it has no effect": ([version(1, row("depose")), version(2, row("commission"))], {2: WRONG}, 1),
    "a move taken back may or may not have been": (
        [version(1, row("depose")), version(2, ON), version(3, row("rapport", **PROOF)), taken_back(4, 2)],
        {},
        3,
    ),
    "after a move taken back one may move again": (
        [version(1, row("depose")), version(2, ON), taken_back(3, 2), version(4, row("rejete", **PROOF))],
        {},
        4,
    ),
    "the first version taken back binds nobody": (
        [version(1, row("depose")), taken_back(2, 1), version(3, row("promulgue"))],
        {},
        3,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_a_move_does_to_the_thread(name: str) -> None:
    """The same for every order of arrival."""
    story, no_effect, current = STORIES[name]
    for order in permutations(story):
        state = fold(order)
        assert state.no_effect == no_effect
        assert state.current is not None
        assert state.current.index == current
