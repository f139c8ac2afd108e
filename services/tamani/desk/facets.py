"""How many threads each choice of a filter would leave, for one reader: the numbers beside the boxes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from tamani.core.policy import Reader
from tamani.desk.access import may_see
from tamani.desk.database import Database
from tamani.desk.filters import COLUMN, Filters
from tamani.desk.queries import is_latest
from tamani.desk.tables import record

SHOWN = ("type", "severity", "origin", "area", "body", "lang")


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per filter and value, most frequent first; and how many threads all filters together leave."""

    counts: dict[str, dict[str, int]]
    total: int


async def count_facets(database: Database, reader: Reader, filters: Filters) -> Facets:
    """Count; a filter's own choice does not narrow its own counts, so that one can choose another value."""
    base = (
        select(record)
        .where(may_see(reader), ~record.c.system, is_latest(reader))
        .where(*Filters(since=filters.since, until=filters.until, q=filters.q).conditions())
        .cte("base")
    )
    parts: list[Any] = [_count(base, name, filters) for name in SHOWN]
    parts.append(select(literal("total"), literal(""), func.count()).select_from(base).where(*_narrowed(base, filters)))
    async with database.reading() as connection:
        rows = (await connection.execute(union_all(*parts))).all()
    counts: dict[str, dict[str, int]] = {name: {} for name in SHOWN}
    total = 0
    for name, value, number in sorted(rows, key=lambda row: (-row[2], row[1] or "")):
        if name == "total":
            total = number
        elif value:
            counts[name][value] = number
    return Facets(counts, total)


def _count(base: Any, name: str, filters: Filters) -> Select[Any]:
    value = func.unnest(base.c.areas) if name == "area" else base.c[COLUMN[name]]
    chosen = value.label("value")
    query = select(literal(name).label("name"), chosen, func.count().label("number"))
    return query.select_from(base).where(*_narrowed(base, filters.without(name))).group_by(chosen)


def _narrowed(base: Any, filters: Filters) -> list[Any]:
    found = [base.c[COLUMN[name]].in_(chosen) for name in COLUMN if (chosen := getattr(filters, name))]
    if filters.area:
        found.append(base.c.areas.overlap(list(filters.area)))
    return found
