"""The scoreboard: for each theme and country, how much conforms, what nobody has assessed, how long it takes. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import mean

from tamani.core.codelists import terms
from tamani.core.names import Country
from tamani.desk.laws.board import cards_of
from tamani.desk.laws.gathering import Held
from tamani.desk.laws.matrix import NOT_ASSESSED, STATES, Matrix


@dataclass(frozen=True, slots=True)
class Part:
    """The points of one value: how many, and where they stand on a bar of a hundred."""

    value: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Score:
    """One country in one theme: points by their value, days at the present stage (mean), files that are late."""

    theme: str
    country: Country
    points: dict[str, int]
    days: int | None
    overdue: int

    @property
    def total(self) -> int:
        """All points of the theme."""
        return sum(self.points.values())

    @property
    def conform(self) -> int:
        """Of a hundred points, how many conform: those that nobody has assessed do not."""
        return round(100 * self.points.get("conforme", 0) / self.total) if self.total else 0

    @property
    def unassessed(self) -> int:
        """Points that nobody has assessed."""
        return self.points.get(NOT_ASSESSED, 0)

    @property
    def parts(self) -> list[Part]:
        """The points by value, in the order of the list, as one bar."""
        found, start = [], 0.0
        for value in terms("conformity"):
            if count := self.points.get(value, 0):
                width = round(100 * count / self.total, 2)
                found.append(Part(value, count, round(start, 2), width))
                start += width
        return found


def make_scores(matrices: Iterable[Matrix], items: Iterable[Held], today: date) -> list[Score]:
    """A score for each theme and country."""
    files = tuple(items)
    return [_score(matrix, number, files, today) for matrix in matrices for number in range(len(STATES))]


def _score(matrix: Matrix, number: int, items: tuple[Held, ...], today: date) -> Score:
    country = STATES[number]
    mine = [held for held in items if held.data["theme"] == matrix.theme]
    cards = [card for held in mine for card in cards_of(held, today) if card.country is country]
    days = [card.days for card in cards if card.days is not None]
    points = Counter(line.cells[number].conformity for line in matrix.lines)
    late = sum(card.overdue for card in cards)
    return Score(matrix.theme, country, dict(points), round(mean(days)) if days else None, late)
