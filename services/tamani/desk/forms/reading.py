"""From what a browser sends to the data of a notice.

Nothing is judged here: what is wrong goes on as it was written, and the model names the fault.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tamani.core.event import format_time
from tamani.core.names import Country, country_of
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout

PREFIX = "d."
# The box of a row that takes it out again.
TAKEN_OUT = "retirer"
# How long an addressee is given where nothing else is said (domain: 21 days for an opinion).
THREE_WEEKS = timedelta(days=21)
_ROW = re.compile(r"[0-9]{1,3}")
_ARTICLE = re.compile(r"^\s*art(icle|\.)?(?=[\s0-9])")
_SIGNS = re.compile(r"[^0-9a-z.]+")
# What no field of ours holds is left as it was written: Python refuses to read numbers of thousands of digits.
_WHOLE = re.compile(r"-?[0-9]{1,18}")
Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand fills the form in: what the layout fills in by itself, and by which clock hours are meant."""

    body: str
    tz: str
    today: date | None = None

    def value(self, told: str) -> str:
        """A value that the layout gives; nothing where it stands for what this hand does not have."""
        if not told.startswith("$"):
            return told
        country = country_of(self.body)
        known = {"$body": self.body, "$tz": self.tz, "$country": "" if country is Country.RG else country.value}
        if self.today is not None:
            known["$in_three_weeks"] = (self.today + THREE_WEEKS).isoformat()
        return known.get(told, "")

    def suggested(self, layout: Layout) -> Layout:
        """The layout with what it suggests said for this hand."""
        return replace(layout, suggested={path: self.value(told) for path, told in layout.suggested.items()})


def data_of(layout: Layout, given: Given, hand: Hand) -> dict[str, Any]:
    """The data; what was left empty is left out."""
    # `head` is there even if nothing was typed: the fault is then that its title lacks, beside the title.
    data: dict[str, Any] = {"head": {}}
    for path, told in layout.filled.items():
        _put(data, path, hand.value(told))
    for one in layout.asked:
        value = _rows(one, given, hand) if one.table else _value(one, given.get(PREFIX + one.path, ()), hand)
        if value not in (None, "", []):
            _put(data, one.path, value)
    for path, (column, source) in layout.derived.items():
        _derive(data.get(path, ()), column, source)
    return data


def _derive(rows: Sequence[dict[str, Any]], column: str, source: str) -> None:
    """Give each row that lacks it its place, from the number that it bears."""
    for row in rows:
        if column not in row and (place := place_of(str(row.get(source, "")))):
            row[column] = place


def place_of(number: str) -> str:
    """The Akoma Ntoso `eId` of an article with this number: `12 bis` and `Article 12 bis` are both `art_12-bis`."""
    plain = unicodedata.normalize("NFKD", _ARTICLE.sub("", number.casefold())).encode("ascii", "ignore").decode()
    found = _SIGNS.sub("-", plain).strip("-.")[:20]
    return f"art_{found}" if found else ""


def compacted(layout: Layout, given: Given) -> dict[str, list[str]]:
    """The same with the rows that hold something moved up, so that a fault's row is the row that is shown."""
    kept = {name: list(values) for name, values in given.items()}
    for one in layout.asked:
        if not one.table:
            continue
        start = f"{PREFIX}{one.path}."
        rows: dict[int, dict[str, list[str]]] = {}
        for name in [name for name in kept if _is_row(name, start)]:
            number, _, column = name[len(start) :].partition(".")
            rows.setdefault(int(number), {})[column] = kept.pop(name)
        full = [row for _, row in sorted(rows.items()) if _written(one, row) and not row.pop(TAKEN_OUT, None)]
        kept |= {f"{start}{n}.{column}": values for n, row in enumerate(full) for column, values in row.items()}
    return kept


def _written(one: Input, row: Given) -> bool:
    """Whether a row says more than what every row says by itself."""
    usual = {column.path: column.usual for column in one.columns}
    return any(text.strip() not in ("", usual.get(path, "")) for path, texts in row.items() for text in texts)


def rows_in(one: Input, given: Given, least: int) -> int:
    """How many rows a form shows: as many as it was sent with, and at least so many."""
    start = f"{PREFIX}{one.path}."
    numbers = [int(name[len(start) :].partition(".")[0]) for name in given if _is_row(name, start)]
    return max(least, max(numbers, default=-1) + 1)


def _is_row(name: str, start: str) -> bool:
    return name.startswith(start) and bool(_ROW.fullmatch(name[len(start) :].partition(".")[0]))


def _rows(one: Input, given: Given, hand: Hand) -> list[dict[str, Any]]:
    """Rows in which something was written; a rank is their place among them."""
    found: list[dict[str, Any]] = []
    for number in range(min(rows_in(one, given, 0), one.most or 60)):
        sent = {column.path: given.get(f"{PREFIX}{one.path}.{number}.{column.path}", ()) for column in one.columns}
        if not _written(one, sent):
            continue
        row: dict[str, Any] = {}
        for column in one.columns:
            if (value := _value(column, sent[column.path], hand)) not in (None, "", []):
                _put(row, column.path, value)
        found.append(row | {"rank": len(found) + 1} if _ranked(one) else row)
    return found


def _ranked(one: Input) -> bool:
    return any(column.path == "rank" for column in one.columns)


def _value(one: Input, given: Sequence[str], hand: Hand) -> Any:
    texts = [text.strip() for text in given if text.strip()]
    if one.kind in {"many", "bodies"}:
        return texts
    if one.kind == "lines":
        return [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    if not texts:
        return None
    # What a program wrote may have a blank at its end: chosen here, it goes back as it was.
    chosen = next((choice for choice in one.choices if choice.strip() == texts[0]), texts[0])
    match one.kind:
        case "number":
            return _number(texts[0])
        case "yes":
            return True
        case "instant":
            return instant(texts[0], hand.tz)
        case "notice":
            source, _, id_ = texts[0].rpartition("/")
            return {"source": source, "id": id_}
        case "text":
            return texts[0].replace("\r\n", "\n")
    whole = bool(one.choices) and all(choice.isdecimal() for choice in one.choices)
    return int(chosen) if whole and _WHOLE.fullmatch(chosen) else chosen


def _number(text: str) -> Any:
    """A number as people here write it (`12,5`), or the text itself, which the node then refuses by name."""
    plain = text.replace("\u202f", "").replace(" ", "").replace(",", ".")
    if _WHOLE.fullmatch(plain):
        return int(plain)
    try:
        found = float(plain)
    except ValueError:
        return text
    return found if math.isfinite(found) else text


def instant(text: str, tz: str) -> str:
    """The instant of a `datetime-local` value by the form's clock, in UTC; what is none stays as it was written."""
    try:
        local = datetime.fromisoformat(text)
        return format_time(local.replace(tzinfo=ZoneInfo(tz), second=0, microsecond=0))
    except (ValueError, OverflowError):
        return text


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *before, last = path.split(".")
    for step in before:
        data = data.setdefault(step, {})
    data[last] = value
