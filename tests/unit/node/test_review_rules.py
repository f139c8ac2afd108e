"""The steps of what waits for a second person: each cell of step × state × who, allowed or refused with its code."""

from itertools import product

import pytest

from tamani.core.errors import RefusedError
from tamani.node.review_rules import STEPS, ReviewState, check_step

ALLOWED = {
    ("approve", "to-validate", "another"),
    ("send-back", "to-validate", "another"),
    ("refuse", "to-validate", "another"),
    ("take-back", "to-validate", "author"),
    ("drop", "to-validate", "author"),
    ("drop", "sent-back", "author"),
}
AFTER = {"approve": "released", "send-back": "sent-back", "take-back": "sent-back", "refuse": "refused"}


@pytest.mark.parametrize(("name", "state", "who"), list(product(STEPS, ReviewState, ("author", "another"))))
def test_each_cell(name: str, state: ReviewState, who: str) -> None:
    officer = "a" if who == "author" else "b"
    if (name, state, who) in ALLOWED:
        assert check_step(name, state, "a", officer).after == AFTER.get(name, "refused")
        return
    with pytest.raises(RefusedError) as told:
        check_step(name, state, "a", officer)
    own = {"approve", "send-back", "refuse"}
    eyes = "refused.review.self" if name in own else "refused.review.author"
    wrong = (name in own) == (who == "author")
    assert told.value.code.name == (eyes if wrong else "refused.review.state")


def test_any_officer_releases_what_a_program_said() -> None:
    """A program is no person; nobody is its author."""
    assert check_step("approve", "to-validate", "", "a").after is ReviewState.RELEASED
