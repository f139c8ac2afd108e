"""A form as a template shows it: each input with its words, what was typed, what may be chosen, and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tamani.core.faults import Fault
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import PREFIX, Given, rows_in
from tamani.desk.imports.pasting import PASTED, pasted_into
from tamani.desk.pages.documents import format_of, weight_of
from tamani.desk.pages.labels import Labels


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; `group` is the heading that it stands under, if there are several."""

    value: str
    word: str
    chosen: bool
    group: str = ""


# Types that may be named → the notices of theirs that are offered.
Notices = Mapping[tuple[str, ...], Sequence[Option]]
# What a press for more rows brings; six points of a sitting stand in one form after one of them.
MORE_ROWS = 5
LISTED = frozenset({"one", "many", "bodies", "body", "notice"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One input."""

    input: Input
    name: str
    label: str
    help: str
    text: str
    error: str
    options: tuple[Option, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple["Shown", ...], ...] = ()
    another: str = ""
    fold: int = 0
    paste: str = ""
    cells: tuple[str, ...] = ()
    # It says what is suggested, and no more.
    usual: bool = False

    def beside(self, row: tuple["Shown", ...]) -> tuple["Shown", ...]:
        """Of a row, what is behind its fold."""
        return row[self.fold :] if self.fold else ()

    @property
    def id(self) -> str:
        """The name, as an element's id."""
        return self.name.replace(".", "-")

    @property
    def files(self) -> int:
        """How many files were brought."""
        return len(self.rows) if self.input.kind == "files" else 0

    @property
    def said(self) -> bool:
        """Whether something else than what is suggested was typed or chosen here, or is wrong."""
        chosen = any(one.chosen for one in self.options if one.value)
        rows = any(cell.said for row in self.rows for cell in row)
        return bool(self.error or rows or self.files or ((self.text or chosen) and not self.usual))


@dataclass(frozen=True, slots=True)
class FormView:
    """Makes the inputs of one form."""

    layout: Layout
    labels: Labels
    given: Given
    faults: Sequence[Fault] = ()
    spare: int = 0
    # What is suggested where a body must be named: one's own.
    own: str = ""
    # The only bodies that may be named, where not all may.
    among: frozenset[str] | None = None
    # Words for values that are in no list.
    words: Mapping[str, str] = field(default_factory=dict)
    notices: Notices = field(default_factory=dict)
    # Whether rows may be pasted into its tables.
    pasting: bool = False

    @property
    def first(self) -> list[Shown]:
        """What is visible at first."""
        return [self._shown(one) for one in self.layout.first]

    @property
    def more(self) -> list[Shown]:
        """The rest."""
        return [self._shown(one) for one in self.layout.more]

    @property
    def groups(self) -> list[tuple[str, list[Shown]]]:
        """The rest under its headings."""
        return [
            (self.labels.field(group.fr, group.en, ""), [self._shown(one) for one in group.inputs])
            for group in self.layout.groups
        ]

    @property
    def files(self) -> bool:
        """Whether files may come along."""
        return any(one.kind == "files" for one in self.layout.asked)

    @property
    def open(self) -> bool:
        """Whether the rest must be seen: something was typed there, or is wrong."""
        return any(one.said for one in self.more)

    @property
    def elsewhere(self) -> list[str]:
        """The faults that stand beside no input."""
        beside = {fault.at for fault in self.faults if any(self._at(fault.at, one) for one in self.layout.asked)}
        return [f"{self._label(fault)} {self._said(fault)}".strip() for fault in self.faults if fault.at not in beside]

    def _shown(self, one: Input) -> Shown:
        name = PREFIX + one.path
        if one.table:
            return self._table(one, name)
        own = self.own if one.kind == "body" and one.required else ""
        return self._leaf(one, name, one.path, self.layout.suggested.get(one.path, own))

    def _table(self, one: Input, name: str) -> Shown:
        columns = tuple(column for column in one.columns if column.path != "rank")
        least, spare = (1, self.spare) if one.kind == "rows" else (0, 0)
        count = min(rows_in(one, self.given, least) + spare, one.most or 60)
        rows = tuple(
            tuple(
                self._leaf(column, f"{name}.{n}.{column.path}", f"{one.path}.{n}.{column.path}") for column in columns
            )
            for n in range(count)
        )
        if one.kind == "files":
            rows = tuple(map(self._file, rows))
        label, help_ = self._words(one)
        another = self.labels.field(*self.layout.another.get(one.path, ("", "")), "")
        named = tuple(self._words(column)[0] for column in columns)
        fold = self.layout.fold.get(one.path, 0)
        paste = PASTED + one.path if self.pasting and one.kind == "rows" else ""
        text = "\n".join(self.given.get(paste, ()))
        cells = tuple(self._words(column.input)[0] for column in pasted_into(one))
        return Shown(one, name, label, help_, text, self._error(one.path), (), named, rows, another, fold, paste, cells)

    def _file(self, row: tuple[Shown, ...]) -> tuple[Shown, ...]:
        """A file that was brought: beside its title stands of what sort it is and what it weighs."""
        texts = {cell.input.path: cell.text for cell in row}
        size = int(texts["size"]) if texts["size"].isdecimal() else 0
        told = f"{format_of(texts['mime'])} · {weight_of(size, self.labels.lang)}"
        return tuple(replace(cell, help=told) if cell.input.path == "title" else cell for cell in row)

    def _leaf(self, one: Input, name: str, path: str, suggested: str = "") -> Shown:
        usual = one.usual or suggested
        otherwise = [] if self.given and not one.usual else [usual]
        values = [value for value in self.given.get(name, otherwise) if value]
        label, help_ = self._words(one)
        text = "" if one.kind in LISTED else "\n".join(values)
        options = self._options(one, values)
        return Shown(one, name, label, help_, text, self._error(path), options, usual=values == [usual])

    def _options(self, one: Input, values: list[str]) -> tuple[Option, ...]:
        if one.kind == "notice":
            return self._notices(one, values)
        if not one.choices and one.kind not in {"body", "bodies"}:
            return ()
        if one.kind in {"body", "bodies"}:
            found = [(body, self.labels.body(body)) for body in self._bodies(values)]
        else:
            choices = _kept([code for code in one.choices if self.labels.offers(one.name, code)], values)
            found = [(value, self.words.get(value) or self.labels.offered(one.name, value)) for value in choices]
        return tuple(Option(value, word, value in values) for value, word in found)

    def _bodies(self, values: list[str]) -> list[str]:
        """The bodies that are there today and may be named."""
        readers = (body.source for body in self.labels.readers)
        sources = [source for source in readers if self.among is None or source in self.among]
        return _kept(sources, [value for value in values if self.labels.registry.body(value) is not None])

    def _notices(self, one: Input, values: list[str]) -> tuple[Option, ...]:
        """Those offered; one that is named already and cannot be read (any more) goes by its body's name."""
        offered = self.notices.get(one.types, ())
        known = {option.value for option in offered}
        others = [Option(value, self.labels.body(value.rpartition("/")[0]), True) for value in values]
        found = [replace(option, chosen=option.value in values) for option in offered]
        return tuple([option for option in others if option.value not in known] + found)

    def _words(self, one: Input) -> tuple[str, str]:
        help_ = self.layout.help.get(one.path, ("", ""))
        return self.labels.field(one.fr, one.en, one.name), self.labels.field(help_[0], help_[1], "")

    def _error(self, path: str) -> str:
        """What is wrong here, or in what is chosen here as a whole (a notice has no inputs for its parts)."""
        return " ".join(self._said(fault) for fault in self.faults if fault.at == path or self._within(fault.at, path))

    def _within(self, at: str, path: str) -> bool:
        return at in {f"{path}.source", f"{path}.id"}

    def _at(self, at: str, one: Input) -> bool:
        return (
            at == one.path
            or self._within(at, one.path)
            or (one.table and at.startswith(one.path + ".") and at.count(".") >= 2)
        )

    def _said(self, fault: Fault) -> str:
        return self.labels.field(fault.fr, fault.en, "")

    def _label(self, fault: Fault) -> str:
        label = self.labels.field(fault.label_fr, fault.label_en, "")
        return f"{label} :" if label else ""


def _kept(offered: list[str], values: list[str]) -> list[str]:
    """What is offered; what is no longer, but is there already, stays."""
    return [*offered, *(value for value in values if value not in offered)]
