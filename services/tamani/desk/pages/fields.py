"""The fields of a notice as its type's model orders and names them: labels from the catalogue, values in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tamani.core.catalogue import catalogue
from tamani.core.catalogue.head import Head
from tamani.core.names import SOURCE
from tamani.desk.forms.inputs import NAME
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.labels import Labels
from tamani.desk.wire import page_path

# Shown elsewhere on the page, or of use to programs only.
HEAD_ELSEWHERE = frozenset({"title", "summary", "body", "reason", "translations", "attachments", "refs"})
ELSEWHERE = frozenset({"head", "ics_uid", "sequence", "keyid", "first_entry", "second_entry"})
LONG = 120
SHORT = 45


class Named(str):
    """In a cell, the title of another notice, or whose it is; `href` leads to it."""

    href: str

    def __new__(cls, word: str, href: str) -> "Named":
        """The word, with where it leads."""
        made = super().__new__(cls, word)
        made.href = href
        return made


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled value: a text, several, or a table of rows. `href` leads to the notice it names."""

    name: str
    label: str
    texts: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    href: str = ""

    @property
    def short(self) -> bool:
        """Whether its texts are words that can stand side by side."""
        return all(len(text) <= SHORT for text in self.texts)

    @property
    def long(self) -> bool:
        """Whether it needs the width of the page."""
        return (
            bool(self.rows) or (len(self.texts) > 3 and not self.short) or any(len(text) > LONG for text in self.texts)
        )


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Turns data into fields, in one language. `titles` are those of the notices that the data name; `day` is the one
    of which they speak, by whose names regions and institutions go (without: the reader's).
    """

    labels: Labels
    dates: Dates
    titles: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None

    def of_type(self, kind: str, profile: str, data: dict[str, Any]) -> list[Field]:
        """The fields of a notice's own type and profile."""
        found = catalogue().get(kind)
        return list(self._fields(found.model_of(profile), data, ELSEWHERE)) if found else []

    def of_head(self, data: dict[str, Any]) -> list[Field]:
        """The common fields that are not shown elsewhere."""
        head = data.get("head")
        return list(self._fields(Head, head, HEAD_ELSEWHERE)) if isinstance(head, dict) else []

    def _fields(self, model: type[BaseModel], data: dict[str, Any], elsewhere: frozenset[str]) -> Iterator[Field]:
        for name, info in model.model_fields.items():
            value = data.get(name)
            if name not in elsewhere and value not in (None, "", [], {}, "None"):
                yield self._field(name, info, value)

    def _field(self, name: str, info: FieldInfo, value: Any) -> Field:
        label = self._label(name, info)
        nested = _model_in(info.annotation)
        if nested is None:
            values = value if isinstance(value, list) else [value]
            return Field(name, label, tuple(self._text(name, one) for one in values))
        if isinstance(value, list):
            return self._table(name, label, nested, value)
        if value.keys() >= NAME:
            named = self._named(value)
            return Field(name, label, (named,), href=named.href)
        return Field(
            name, label, tuple(f"{f.label} : {', '.join(f.texts)}" for f in self._fields(nested, value, ELSEWHERE))
        )

    def _table(self, name: str, label: str, model: type[BaseModel], rows: list[dict[str, Any]]) -> Field:
        """Rows under the labels of the fields that any of them fills."""
        used = {
            n: info for n, info in model.model_fields.items() if any(row.get(n) not in (None, "", []) for row in rows)
        }
        columns = tuple(self._label(n, info) for n, info in used.items())
        cells = tuple(tuple(self._cell(n, row.get(n)) for n in used) for row in rows)
        return Field(name, label, columns=columns, rows=cells)

    def _cell(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return "–"
        if isinstance(value, dict) and value.keys() >= NAME:
            return self._named(value)
        values = value if isinstance(value, list) else [value]
        return ", ".join(self._text(name, one) for one in values)

    def _named(self, value: dict[str, Any]) -> Named:
        source, id_ = str(value["source"]), str(value["id"])
        return Named(self.titles.get(f"{source}/{id_}") or self.labels.body(source), page_path(source, id_))

    def _text(self, name: str, value: Any) -> str:
        """One value in words: a code's label, a date with both hours, a body's name, a number as it is written here."""
        if isinstance(value, bool | int):
            return self.labels.value(name, str(value))
        if isinstance(value, float):
            text = f"{value:g}"
            return text if self.labels.lang == "en" else text.replace(".", ",")
        if name == "period":
            return self.dates.period(str(value))
        if SOURCE.fullmatch(str(value)):
            return self.labels.follows(str(value)) if name == "body" else self.labels.body(str(value))
        return self.dates.written(str(value)) or self.labels.then(name, str(value), self.day)

    def _label(self, name: str, info: FieldInfo) -> str:
        return self.labels.field(info.title, info.description, name)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, alone, optional or in a list."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
