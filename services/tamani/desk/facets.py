"""How many threads each choice of a filter would leave, for one reader: the numbers beside the boxes.

The database counts the lines by combination of values, of which there are few; what each choice leaves follows from
that. Regions it counts by themselves, since a notice may name several.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Row, Select, Subquery, cast, func, literal, select, union_all

from tamani.core.policy import Reader
from tamani.desk.database import Database
from tamani.desk.filters import COLUMN, LISTED, Filters
from tamani.desk.heads import heads_for
from tamani.desk.search import few_with
from tamani.desk.tables import area_set, combination, head

SHOWN = ("type", "severity", "origin", "area", "body", "lang")
_COMBINED = ("type", "profile", "severity", "origin", "body", "lang")


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per filter and value, most frequent first; and how many threads all filters together leave."""

    counts: dict[str, dict[str, int]]
    total: int


async def count_facets(database: Database, reader: Reader, filters: Filters) -> Facets:
    """Count; a filter's own choice does not narrow its own counts, so that one can choose another value."""
    async with database.reading() as connection:
        lines = _lines(reader, filters, await few_with(connection, filters.q))
        rows = (await connection.execute(union_all(_by_combination(lines, filters), _by_area(lines, filters)))).all()
    counts, total = add_up((row for row in rows if not row.area), filters)
    counts["area"] = Counter({row.area: row.lines for row in rows if row.area})
    return Facets({name: dict(sorted(counts[name].items(), key=_first)) for name in SHOWN}, total)


def _lines(reader: Reader, filters: Filters, few: Sequence[int] | None) -> CTE:
    """The lines that are this reader's, as far as no choice narrows them: gone through once, whatever is counted."""
    asked = Filters(thread=filters.thread, since=filters.since, until=filters.until, q=filters.q)
    by = head.c.combination, head.c.area_set
    counted = select(*by, func.count().label("lines")).where(heads_for(reader), *asked.conditions(LISTED, few))
    return counted.group_by(*by).cte("lines")


def _by_combination(lines: CTE, filters: Filters) -> Select[Any]:
    """What is left of each combination in the regions chosen."""
    here = select(area_set.c.number).where(area_set.c.areas.overlap(list(filters.area)))
    counted = _sum(lines, lines.c.combination, [lines.c.area_set.in_(here)] if filters.area else [])
    values = [combination.c[COLUMN[name]].label(name) for name in _COMBINED]
    query = select(literal("").label("area"), *values, counted.c.lines)
    return query.join(counted, counted.c.combination == combination.c.number)


def _by_area(lines: CTE, filters: Filters) -> Select[Any]:
    """What all other choices leave of each region."""
    chosen = [combination.c[COLUMN[name]].in_(values) for name in _COMBINED if (values := getattr(filters, name))]
    kinds = select(combination.c.number).where(*chosen)
    counted = _sum(lines, lines.c.area_set, [lines.c.combination.in_(kinds)] if chosen else [])
    area = func.unnest(area_set.c.areas).label("area")
    named = select(area, counted.c.lines).join(counted, counted.c.area_set == area_set.c.number).subquery()
    blank = [literal("").label(name) for name in _COMBINED]
    return select(named.c.area, *blank, _total(named.c.lines)).group_by(named.c.area)


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
