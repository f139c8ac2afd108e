"""The pipeline: where each file stands in each country, since when, and what shows it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tamani.core.codelists import terms
from tamani.core.names import Country
from tamani.desk.laws.gathering import Held


@dataclass(frozen=True, slots=True)
class Card:
    """One file in one country. `days`: how long at this stage; nothing where nobody has said since when."""

    held: Held
    country: Country
    stage: str
    evidence: str
    since: date | None
    days: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One of the seven columns; the last of a board, without a code, holds what left the way."""

    code: str
    cards: tuple[Card, ...]


def make_board(items: Iterable[Held], today: date) -> tuple[Column, ...]:
    """The columns in their order, and those that were rejected, withdrawn, repealed … if there are any."""
    cards = [card for held in items for card in cards_of(held, today)]
    places: dict[str, list[Card]] = {code: [] for code in terms("columns")}
    for card in sorted(cards, key=lambda card: (not card.overdue, -(card.days or 0))):
        places.setdefault(terms("stages")[card.stage].more["column"], []).append(card)
    return tuple(Column(code, tuple(found)) for code, found in places.items())


def cards_of(held: Held, today: date) -> list[Card]:
    """A card for each country of a file."""
    return [_card(held, step, today) for step in held.data["steps"]]


def _card(held: Held, step: dict[str, str], today: date) -> Card:
    since = date.fromisoformat(step["since"]) if step.get("since") else None
    due, column = held.data.get("due"), terms("stages")[step["stage"]].more["column"]
    return Card(
        held=held,
        country=Country(step["country"]),
        stage=step["stage"],
        evidence=step.get("evidence") or "",
        since=since,
        days=max(0, (today - since).days) if since else None,
        overdue=_runs(held, column) and bool(due) and date.fromisoformat(str(due)) < today,
    )


def _runs(held: Held, column: str) -> bool:
    """Whether there is still something to do by the day agreed."""
    return held.data.get("status", "open") == "open" and column not in {"", "en-vigueur"}
