"""How many threads each choice of a filter would leave, for one reader: the numbers beside the boxes.

The database counts the lines by combination of values, of which there are few; what each choice leaves follows from
that. Regions and themes it counts by themselves, since a notice may name several.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Row,
    Select,
    Subquery,
    Table,
    cast,
    func,
    literal,
    select,
    union_all,
)

from tamani.core.policy import Reader
from tamani.desk.database import Database
from tamani.desk.filters import COLUMN, LISTED, Filters
from tamani.desk.heads import heads_for
from tamani.desk.search import few_with
from tamani.desk.tables import area_set, combination, head, theme_set

SHOWN = ("type", "severity", "origin", "area", "theme", "body", "lang")
_COMBINED = ("type", "profile", "severity", "origin", "body", "lang")
# Of what a notice may name several of: the table of the sets that occur, and its column of values.
_SETS: dict[str, tuple[Table, Column[Any]]] = {
    "area": (area_set, area_set.c.areas),
    "theme": (theme_set, theme_set.c.themes),
}


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per filter and value, most frequent first; and how many threads all filters together leave."""

    counts: dict[str, dict[str, int]]
    total: int


async def count_facets(database: Database, reader: Reader, filters: Filters) -> Facets:
    """Count; a filter's own choice does not narrow its own counts, so that one can choose another value."""
    async with database.reading() as connection:
        lines = _lines(reader, filters, await few_with(connection, filters.q))
        parts = _by_combination(lines, filters), *(_by_value(lines, filters, name) for name in _SETS)
        rows = (await connection.execute(union_all(*parts))).all()
    counts, total = add_up((row for row in rows if not row.filter), filters)
    for name in _SETS:
        counts[name] = Counter({row.value: row.lines for row in rows if row.filter == name})
    return Facets({name: dict(sorted(counts[name].items(), key=_first)) for name in SHOWN}, total)


def _lines(reader: Reader, filters: Filters, few: Sequence[int] | None) -> CTE:
    """The lines that are this reader's, as far as no choice narrows them: gone through once, whatever is counted."""
    asked = Filters(thread=filters.thread, since=filters.since, until=filters.until, q=filters.q)
    by = head.c.combination, *(head.c[table.name] for table, _ in _SETS.values())
    counted = select(*by, func.count().label("lines")).where(heads_for(reader), *asked.conditions(LISTED, few))
    return counted.group_by(*by).cte("lines")


def _by_combination(lines: CTE, filters: Filters) -> Select[Any]:
    """What is left of each combination in the regions and themes chosen."""
    counted = _sum(lines, lines.c.combination, _named(lines, filters))
    values = [combination.c[COLUMN[name]].label(name) for name in _COMBINED]
    query = select(literal("").label("filter"), literal("").label("value"), *values, counted.c.lines)
    return query.join(counted, counted.c.combination == combination.c.number)


def _by_value(lines: CTE, filters: Filters, name: str) -> Select[Any]:
    """What all other choices leave of each region, or of each theme."""
    table, values = _SETS[name]
    chosen = [combination.c[COLUMN[one]].in_(wanted) for one in _COMBINED if (wanted := getattr(filters, one))]
    kinds = select(combination.c.number).where(*chosen)
    kept = [*_named(lines, filters, besides=name), *([lines.c.combination.in_(kinds)] if chosen else [])]
    counted = _sum(lines, lines.c[table.name], kept)
    value = func.unnest(values).label("value")
    named = select(value, counted.c.lines).join(counted, counted.c[table.name] == table.c.number).subquery()
    blank = [literal("").label(one) for one in _COMBINED]
    return select(literal(name), named.c.value, *blank, _total(named.c.lines)).group_by(named.c.value)


def _named(lines: CTE, filters: Filters, besides: str = "") -> list[ColumnElement[bool]]:
    """Which lines name a region and a theme that are chosen; one filter does not narrow its own counts."""
    return [
        lines.c[table.name].in_(select(table.c.number).where(values.overlap(list(chosen))))
        for name, (table, values) in _SETS.items()
        if name != besides and (chosen := getattr(filters, name))
    ]


def _sum(lines: CTE, by: ColumnElement[int], kept: Sequence[ColumnElement[bool]]) -> Subquery:
    return select(by, _total(lines.c.lines)).where(*kept).group_by(by).subquery()


def _total(lines: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(lines), BigInteger).label("lines")


def add_up(lines: Iterable[Row[Any]], filters: Filters) -> tuple[dict[str, Counter[str]], int]:
    """From lines by combination: by filter and value, and all."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _COMBINED}
    chosen = {name: frozenset(values) for name in _COMBINED if (values := getattr(filters, name))}
    total = 0
    for line in lines:
        values = {name: getattr(line, name) for name in _COMBINED}
        against = [name for name, wanted in chosen.items() if values[name] not in wanted]
        total += 0 if against else line.lines
        # What one filter alone keeps out is what another choice of that filter would let in.
        for name in against or _COMBINED:
            if len(against) <= 1 and values[name]:
                counts[name][values[name]] += line.lines
    return counts, total


def _first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
