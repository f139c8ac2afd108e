"""Rounds of one measurement: the middle one stands for all, the others tell how far to trust it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def middle(rounds: Sequence[T], by: Callable[[T], float]) -> T:
    """The round whose figure is the median (the lower one of two)."""
    return sorted(rounds, key=by)[(len(rounds) - 1) // 2]


def span(rounds: Sequence[T], by: Callable[[T], float], form: str = ",.0f") -> str:
    """The lowest and the highest figure of all rounds."""
    low, high = min(map(by, rounds)), max(map(by, rounds))
    return f"{low:{form}}–{high:{form}}"
