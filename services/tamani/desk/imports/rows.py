"""What each row of a file would say: its data, what is wrong with it, and whether it is there already. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from tamani.core.catalogue import catalogue
from tamani.core.faults import Fault, faults_of
from tamani.desk.forms.layout import Layout, layout_of
from tamani.desk.forms.reading import PREFIX, Hand, data_of
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import Column, columns_of
from tamani.desk.imports.grid import Line
from tamani.desk.imports.headings import Heading

LONGEST_TITLE = 120


class Verdict(StrEnum):
    """What will become of a row."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    WRONG = "wrong"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing to mend: the column's number in the file from 0 (none: the row as a whole), its heading, the words."""

    place: int | None
    fr: str
    en: str
    heading_fr: str = ""
    heading_en: str = ""


@dataclass(frozen=True, slots=True)
class There:
    """A notice that stands: whose, its thread, what it says, and the states it may be in."""

    source: str
    subject: str
    data: Mapping[str, Any]
    states: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read. `subject` is the thread that it changes; `by` whose notice says the same already."""

    number: int
    verdict: Verdict
    title: str = ""
    data: dict[str, Any] | None = None
    wrong: tuple[Wrong, ...] = ()
    subject: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Reads the rows of a file of one profile, for one hand."""

    kind: str
    profile: str
    hand: Hand
    reader: CellReader

    @property
    def layout(self) -> Layout:
        """The form that the rows stand for."""
        return layout_of(self.kind, self.profile)

    def rows(self, heading: Heading, there: Sequence[There]) -> list[Row]:
        """Every row, in the file's order; of two that speak of one thing, the second is wrong."""
        found: list[Row] = []
        seen: dict[tuple[str, ...], int] = {}
        for line in heading.rows:
            row = self._row(line, heading, there)
            name = self._name(row.data) if row.data and row.verdict in {Verdict.NEW, Verdict.CHANGE} else None
            if name is not None and name in seen:
                row = _double(row, seen[name])
            elif name is not None:
                seen[name] = row.number
            found.append(row)
        return found

    def _row(self, line: Line, heading: Heading, there: Sequence[There]) -> Row:
        if heading.skip is not None and heading.skip < len(line.texts) and line.texts[heading.skip]:
            return Row(line.number, Verdict.EMPTY)
        given, wrong = self._given(line, heading)
        said = data_of(self.layout, given, self.hand)
        if self._is_nothing(given):
            return Row(line.number, Verdict.EMPTY)
        paths = [c.path for c in heading.columns.values() if PREFIX + c.path in given or not c.input.required]
        standing = [one for one in there if self._speaks_of(one, said)]
        same = next((one for one in standing if not wrong and _view(one.data, paths) == _view(said, paths)), None)
        if same is not None:
            return Row(line.number, Verdict.SAME, _title(same.data), by=same.source)
        mine = next((one for one in standing if one.source == self.hand.body and self.layout.key), None)
        data = self._whole(said, given, paths, mine)
        wrong += self._faults(data, mine, heading, [one.place for one in wrong])
        title = _title(data)
        if wrong:
            return Row(line.number, Verdict.WRONG, title, data, tuple(wrong))
        return Row(
            line.number, Verdict.CHANGE if mine else Verdict.NEW, title, data, subject=mine.subject if mine else ""
        )

    def _given(self, line: Line, heading: Heading) -> tuple[dict[str, list[str]], list[Wrong]]:
        given, wrong = {}, []
        for place, column in heading.columns.items():
            read = self.reader.read(column.input, line.texts[place] if place < len(line.texts) else "")
            if read.texts:
                given[PREFIX + column.path] = list(read.texts)
            if read.wrong is not None:
                wrong.append(Wrong(place, *read.wrong, column.fr, column.en))
        return given, wrong

    def _is_nothing(self, given: Mapping[str, Sequence[str]]) -> bool:
        """A row of an export that says only that nobody has said anything, or nothing at all."""
        nothing = self.layout.nothing
        rest = {name.removeprefix(PREFIX): list(texts) for name, texts in given.items()}
        return all(path in self.layout.key or [nothing.get(path)] == texts for path, texts in rest.items())

    def _speaks_of(self, one: There, said: Mapping[str, Any]) -> bool:
        if not self.layout.key:
            return one.source == self.hand.body
        return self._name(one.data) == self._name(said)

    def _name(self, data: Mapping[str, Any]) -> tuple[str, ...] | None:
        values = tuple(str(_at(data, path) or "") for path in self.layout.key)
        return values if values and all(values) else None

    def _whole(
        self, said: dict[str, Any], given: dict[str, list[str]], paths: Iterable[str], mine: There | None
    ) -> dict[str, Any]:
        """What the notice says: of one that stands, the rest stays; of a new one, what a form would suggest."""
        if mine is not None:
            data = deepcopy(dict(mine.data))
            for path in paths:
                _put(data, path, _at(said, path))
        else:
            forced = {PREFIX + one.path for one in self.layout.asked if one.required}
            suggested = self.hand.suggested(self.layout).suggested
            more = {PREFIX + path: [text] for path, text in suggested.items() if text and PREFIX + path in forced}
            data = data_of(self.layout, more | given, self.hand)
        if not _at(data, "head.title") and (title := self._composed(data)):
            _put(data, "head.title", title)
        return data

    def _composed(self, data: Mapping[str, Any]) -> str:
        """A title from what the row is about, where nobody has written one."""
        columns = {column.path: column for column in columns_of(self.kind, self.profile)}
        said = [self.reader.word(columns[path].input, str(_at(data, path) or "")) for path in self.layout.key]
        return " : ".join(said)[:LONGEST_TITLE] if said and all(said) else ""

    def _faults(
        self, data: dict[str, Any], mine: There | None, heading: Heading, told: Sequence[int | None]
    ) -> list[Wrong]:
        found = catalogue()[self.kind]
        model = found.model_of(self.profile)
        places = {column.path: place for place, column in heading.columns.items()}
        known = {column.path: column for column in columns_of(self.kind, self.profile)}
        try:
            model.model_validate(data)
        except ValidationError as error:
            faults = faults_of(error, model)
        else:
            return self._transition(data, mine, places)
        wrong = [_said(fault, places, known) for fault in faults]
        return [one for one in wrong if one.place is None or one.place not in told]

    def _transition(self, data: Mapping[str, Any], mine: There | None, places: Mapping[str, int]) -> list[Wrong]:
        """The node would refuse a state in which a notice cannot begin, or that cannot follow the one it is in."""
        found = catalogue()[self.kind]
        path, cycle = ".".join(found.status), found.lifecycle_of(self.profile)
        said = str(_at(data, path) or cycle.unsaid) if path else ""
        states = mine.states if mine else frozenset([None])
        if not path or any(cycle.may_say(state, said) for state in states):
            return []
        return [Wrong(places.get(path), *_NOT_NOW, *_headings(self.kind, self.profile, path))]


_NOT_NOW = (
    "Cet état n'est pas possible maintenant : il ne suit pas celui de l'avis, ou ne peut pas être le premier.",
    "This state is not possible now: it does not follow that of the notice, or cannot be the first.",
)


def _headings(kind: str, profile: str, path: str) -> tuple[str, str]:
    column = next((one for one in columns_of(kind, profile) if one.path == path), None)
    return (column.fr, column.en) if column else ("", "")


def _said(fault: Fault, places: Mapping[str, int], known: Mapping[str, Column]) -> Wrong:
    # A fault may be within a value (one of several codes): it stands at the value's column.
    path = next((path for path in known if fault.at == path or fault.at.startswith(path + ".")), fault.at)
    column = known.get(path)
    headings = (column.fr, column.en) if column else (fault.label_fr, fault.label_en)
    return Wrong(places.get(path), fault.fr, fault.en, *headings)


def _double(row: Row, first: int) -> Row:
    words = f"Même chose qu'à la ligne {first} : gardez une des deux.", f"The same as row {first}: keep one of the two."
    return Row(row.number, Verdict.WRONG, row.title, row.data, (Wrong(None, *words),))


def _view(data: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    return {path: value for path in paths if (value := _at(data, path)) not in (None, "", [], ())}


def _title(data: Mapping[str, Any]) -> str:
    return str(_at(data, "head.title") or "")[:LONGEST_TITLE]


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value; nothing takes it away, but leaves the part that it stood in."""
    *before, last = path.split(".")
    for step in before:
        if value in (None, "", []) and step not in data:
            return
        data = data.setdefault(step, {})
    if value in (None, "", []):
        data.pop(last, None)
    else:
        data[last] = value
