"""Which column of a file is which: the row of headings, in French or in English, under a stamp or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.desk.imports.columns import SKIP, Column, plain
from tamani.desk.imports.grid import Line

# A stamp, a title, the name of a body: headings come after a few rows at most.
DEEPEST = 10
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Heading:
    """The columns that were known, by their place; those that were not, by their name; the first row below."""

    columns: dict[int, Column]
    strange: tuple[str, ...]
    skip: int | None
    rows: tuple[Line, ...]
    texts: tuple[str, ...]


def find_heading(lines: Sequence[Line], columns: Sequence[Column]) -> Heading:
    """The headings and what stands below them.

    Raises:
        RefusedError: `refused.import.heading`: no row names two of the columns.
    """
    found = [named_in(line, columns) for line in lines[:DEEPEST]]
    best = max(range(len(found)), key=lambda n: (len(found[n]), -n), default=-1)
    if best < 0 or len(found[best]) < FEWEST:
        raise RefusedError("refused.import.heading", ", ".join(column.fr for column in columns[:6]))
    texts, known = lines[best].texts, found[best]
    skips = {plain(word) for word in SKIP}
    skip = next((place for place, text in enumerate(texts) if plain(text) in skips), None)
    # The template says its headings in both languages.
    below = best + 1
    if below < len(found) and len(found[below]) >= FEWEST and set(found[below]) <= set(known):
        below += 1
    strange = tuple(text for place, text in enumerate(texts) if text and place not in known and place != skip)
    return Heading(known, strange, skip, tuple(lines[below:]), texts)


def named_in(line: Line, columns: Sequence[Column]) -> dict[int, Column]:
    """Which columns a row names, by place; a heading that stands twice counts the first time."""
    names = {plain(word): column for column in reversed(columns) for word in (column.path, column.en, column.fr)}
    found: dict[int, Column] = {}
    for place, text in enumerate(line.texts):
        column = names.get(plain(text))
        if column is not None and column not in found.values():
            found[place] = column
    return found
