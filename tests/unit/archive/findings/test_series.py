"""Holes in a series, and which have been there long enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.archive.findings.series import Hole, holes, ripe


@pytest.mark.parametrize(
    ("whole", "numbers", "found"),
    [
        (0, [], []),
        (0, [1, 2, 3], []),
        (0, [3], [Hole(1, 2)]),
        (7, [8, 10, 14], [Hole(9, 9), Hole(11, 13)]),
        (7, [10**17], [Hole(8, 10**17 - 1)]),
    ],
)
def test_holes(whole: int, numbers: list[int], found: list[Hole]) -> None:
    assert holes(whole, numbers) == found


@given(st.sets(st.integers(1, 60)))
def test_holes_and_numbers_make_up_the_series(numbers: set[int]) -> None:
    """Each number up to the last is there, or in exactly one hole."""
    lacking = [n for hole in holes(0, sorted(numbers)) for n in range(hole.first, hole.last + 1)]
    assert sorted([*lacking, *numbers]) == list(range(1, max(numbers, default=0) + 1))


def test_a_hole_ripens_and_one_that_has_not_holds_up_those_behind_it() -> None:
    """So that what is told of a series is told in its order."""
    old, young, late = Hole(1, 1), Hole(3, 3), Hole(5, 5)
    seen = {old: 0.0, young: 50.0, late: 0.0}
    assert ripe([old, young, late], seen, now=60.0, delay=60.0) == [old]
    assert ripe([old, young, late], seen, now=110.0, delay=60.0) == [old, young, late]
    assert ripe([Hole(9, 9)], {}, now=1e9, delay=1.0) == [], "never seen before"
