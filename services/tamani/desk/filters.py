"""What a reader asks for: the same filters in an address, in SQL, and on the live stream.

Within one filter any value will do; between filters all must hold. `since` and `until` speak of `recordedtime`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time
from typing import Any, Self

from sqlalchemy import BigInteger, ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from tamani.core.errors import RefusedError
from tamani.desk.rows import Row
from tamani.desk.search import LONGEST, found_by
from tamani.desk.tables import area_set, combination, head, record, theme_set

Values = tuple[str, ...]
Columns = Mapping[str, Any]
SAID: Columns = dict(record.c.items())
# What the lines of a list are found by.
LINES = (
    head.join(combination, combination.c.number == head.c.combination)
    .join(area_set, area_set.c.number == head.c.area_set)
    .join(theme_set, theme_set.c.number == head.c.theme_set)
)
LISTED: Columns = {
    **dict(combination.c.items()),
    **dict(head.c.items()),
    "areas": area_set.c.areas,
    "themes": theme_set.c.themes,
}
# More values than any page offers would only cost the database.
MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class Filters:
    """No value in a filter means that it does not filter."""

    type: Values = ()
    profile: Values = ()
    origin: Values = ()
    area: Values = ()
    theme: Values = ()
    body: Values = ()
    severity: Values = ()
    lang: Values = ()
    thread: Values = ()
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""

    @classmethod
    def read(cls, address: Sequence[tuple[str, str]]) -> Self:
        """The filters of an address' query.

        Raises:
            RefusedError: `refused.request` (a period that is none, too many values).
        """
        found: dict[str, Any] = {}
        for name in CHOICES:
            values = tuple(dict.fromkeys(value for key, value in address if key == name and value))
            if len(values) > MOST_VALUES or any("\0" in value for value in values):
                raise RefusedError("refused.request", name)
            found[name] = values
        given = dict(address)
        found["q"] = _asked(given.get("q", ""))
        return cls(**found, since=_instant(given, "since", time.min), until=_instant(given, "until", time.max))

    def query(self) -> list[tuple[str, str]]:
        """As pairs for an address."""
        pairs = [(name, value) for name in CHOICES for value in getattr(self, name)]
        pairs += [(name, _said(when)) for name in ("since", "until") if (when := getattr(self, name)) is not None]
        return [("q", self.q), *pairs] if self.q else pairs

    def without(self, name: str, value: str | None = None) -> Self:
        """The same, one value (or a whole filter) less."""
        changed: dict[str, Any] = {name: () if name in CHOICES else "" if name == "q" else None}
        if name in CHOICES and value is not None:
            changed[name] = tuple(kept for kept in getattr(self, name) if kept != value)
        return replace(self, **changed)

    def conditions(self, row: Columns = SAID, few: Sequence[int] | None = None) -> list[ColumnElement[bool]]:
        """In SQL, on columns of `record` or others of these names; `few`: where the words stand, if it is known."""
        found = [row[COLUMN[name]].in_(chosen) for name in COLUMN if (chosen := getattr(self, name))]
        found += [row[SEVERAL[name]].overlap(list(chosen)) for name in SEVERAL if (chosen := getattr(self, name))]
        if self.since is not None:
            found.append(row["recordedtime"] >= self.since)
        if self.until is not None:
            found.append(row["recordedtime"] <= self.until)
        if few is not None:
            found.append(row["feed_index"] == any_(literal(few, ARRAY(BigInteger))))
        elif self.q:
            found.append(found_by(self.q, row["feed_index"]))
        return found

    def match(self, row: Row) -> bool:
        """The same in Python, for one row; words are for the database alone to find."""
        if any(
            chosen and getattr(row, COLUMN[name]) not in chosen for name in COLUMN for chosen in [getattr(self, name)]
        ):
            return False
        several = ((getattr(self, name), getattr(row, SEVERAL[name])) for name in SEVERAL)
        if any(chosen and set(chosen).isdisjoint(named) for chosen, named in several):
            return False
        return (self.since is None or row.recordedtime >= self.since) and (
            self.until is None or row.recordedtime <= self.until
        )

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()


CHOICES = tuple(field.name for field in fields(Filters) if field.name not in {"since", "until", "q"})
COLUMN = {"type": "type", "profile": "profile", "origin": "origin", "body": "source"} | {
    name: name for name in ("severity", "lang", "thread")
}
# Of these a notice may have several values.
SEVERAL = {"area": "areas", "theme": "themes"}


def _instant(given: Mapping[str, str], name: str, edge: time) -> datetime | None:
    """A day stands for its beginning (`since`) or its end (`until`), in UTC."""
    text = given.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError("refused.request", f"{name}: {text[:40]}") from error
    if len(text) == len("2026-12-02"):
        return datetime.combine(found.date(), edge, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _asked(text: str) -> str:
    """Words to search for.

    Raises:
        RefusedError: `refused.request`: too many.
    """
    if len(text) > LONGEST or "\0" in text:
        raise RefusedError("refused.request", f"q > {LONGEST}")
    return " ".join(text.split())


def _said(when: datetime) -> str:
    """A day if it is one edge of it, else the instant."""
    on_edge = when.timetz() in {time.min.replace(tzinfo=UTC), time.max.replace(tzinfo=UTC)}
    return when.date().isoformat() if on_edge else when.isoformat()
