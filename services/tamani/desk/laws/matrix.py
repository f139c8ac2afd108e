"""Points of a theme as rows; what is demanded, and what each country says, as columns; what lacks is visible. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tamani.core.codelists import Term, requirements_of, terms
from tamani.core.names import Country
from tamani.desk.laws.gathering import Held

STATES = (Country.BF, Country.ML, Country.NE)
NOT_ASSESSED = "non-evalue"
_RANK = {"verified": 0, "proposed": 1}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands for a country on a point: its own assessment first, then what others have assessed."""

    country: Country
    held: Held | None
    others: tuple[Held, ...] = ()

    @property
    def conformity(self) -> str:
        """The value; where nobody has said anything, it is not assessed."""
        return str(self.held.data["conformity"]) if self.held else NOT_ASSESSED


@dataclass(frozen=True, slots=True)
class Line:
    """One point: what the instruments of reference demand of it, each a term of `requirements`, and three countries."""

    topic: str
    requirements: tuple[Term, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One theme, with the instruments (and their articles) that its files name."""

    theme: str
    lines: tuple[Line, ...]
    references: tuple[tuple[str, str], ...]


def make_matrix(
    theme: str, provisions: Iterable[Held], items: Iterable[Held], officials: frozenset[str] = frozenset()
) -> Matrix:
    """The comparison of one theme: the points that are known, and any other that somebody has assessed.

    `officials` are the bodies (sources) that speak for a parliament: their word on their own country comes first.
    """
    mine = [held for held in provisions if _theme(held) == theme]
    known = [code for code, term in terms("topics").items() if term.more["theme"] == theme]
    topics = dict.fromkeys([*known, *sorted({str(held.data["topic"]) for held in mine})])
    lines = tuple(
        Line(topic, requirements_of(topic), tuple(_cell(topic, country, mine, officials) for country in STATES))
        for topic in topics
    )
    about = (held.data for held in items if held.data["theme"] == theme)
    named = ((data.get("reference_instrument"), data.get("article") or "") for data in about)
    return Matrix(theme, lines, tuple(dict.fromkeys((name, article) for name, article in named if name)))


def _theme(held: Held) -> str:
    return str(held.data["topic"]).partition("/")[0]


def _cell(topic: str, country: Country, provisions: Sequence[Held], officials: frozenset[str]) -> Cell:
    found = [held for held in provisions if (held.data["topic"], held.data["country"]) == (topic, country.value)]
    found.sort(key=lambda held: _weight(country, held, officials))
    return Cell(country, found[0], tuple(found[1:])) if found else Cell(country, None)


def _weight(country: Country, held: Held, officials: frozenset[str]) -> tuple[bool, bool, int, int]:
    """An assessment before none, the parliament's own before others', verified before proposed, new before old."""
    row = held.notice.row
    outside = row.origin != country.value or row.source not in officials
    empty = held.data["conformity"] == NOT_ASSESSED
    return empty, outside, _RANK.get(str(held.data["status"]), 2), -row.feed_index
