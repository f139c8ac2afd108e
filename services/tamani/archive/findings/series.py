"""Where a series of numbers has holes, and which of them have been there long enough. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Hole:
    """Numbers `first` to `last`, both included, of which none came though a later one did."""

    first: int
    last: int


def holes(whole: int, numbers: Iterable[int]) -> list[Hole]:
    """The holes among rising `numbers`, all of which are above `whole`, up to which nothing lacks."""
    found, last = [], whole
    for number in numbers:
        if number > last + 1:
            found.append(Hole(last + 1, number - 1))
        last = number
    return found


def ripe(found: Iterable[Hole], seen: Mapping[Hole, float], now: float, delay: float) -> list[Hole]:
    """Those that were first seen `delay` seconds ago or longer, before the first that was not.

    Lanes and threads overtake each other, and a node sends again what got no answer: a hole is nothing yet.
    """
    old = []
    for hole in found:
        if now - seen.get(hole, now) < delay:
            break
        old.append(hole)
    return old
