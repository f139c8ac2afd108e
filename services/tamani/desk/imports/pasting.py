"""Rows pasted from a spreadsheet into a table of a form: read as a file is read, laid below the rows already typed.

It needs no script: the cells stand in a text, and the form that comes back has them as rows, with what is wrong beside
each. What cannot be taken as a whole stays in its text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tamani.core.errors import RefusedError
from tamani.core.faults import Fault
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.forms.reading import PREFIX, rows_in
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import Column
from tamani.desk.imports.delimited import read_delimited
from tamani.desk.imports.grid import Line
from tamani.desk.imports.headings import FEWEST, named_in

PASTED = "coller."


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the form holds now, and what is wrong with the cells; `any`: whether something was pasted."""

    given: dict[str, list[str]]
    faults: tuple[Fault, ...]
    any: bool


def pasted_into(one: Input) -> tuple[Column, ...]:
    """The columns of a table whose cells can be pasted, in their order."""
    return tuple(
        Column(column, column.fr, column.en)
        for column in one.columns
        if column.path != "rank" and column.kind != "notice"
    )


def read_pasted(text: str) -> list[Line]:
    """The rows of a text: copied cells are parted by tabs; what is typed by hand, by `;`, which sentences hardly have.

    Raises:
        RefusedError: `refused.import.format|rows|size`.
    """
    return read_delimited(text.encode(), "\t" if "\t" in text else ";")


def take_pasted(layout: Layout, given: Mapping[str, Sequence[str]], reader: CellReader) -> Pasted:
    """The form with the rows that were pasted beside its tables; `given` is compacted (`forms.reading`)."""
    made = {name: list(values) for name, values in given.items() if not name.startswith(PASTED)}
    faults: list[Fault] = []
    sent = {one: text for one in layout.asked if one.kind == "rows" and (text := _text(one, given))}
    for one, text in sent.items():
        try:
            faults += _laid(one, _rows(one, text, rows_in(one, made, 0)), made, reader)
        except RefusedError as error:
            made[PASTED + one.path] = [text]
            code = error.code
            faults.append(Fault(one.path, one.fr, one.en, code.sentence("fr"), code.sentence("en")))
    return Pasted(made, tuple(faults), bool(sent))


def _text(one: Input, given: Mapping[str, Sequence[str]]) -> str:
    text = "\n".join(given.get(PASTED + one.path, ()))
    return text if text.strip() else ""


def _rows(one: Input, text: str, there: int) -> dict[int, tuple[Line, dict[int, Column]]]:
    """Each row by its number in the form, with the columns of its cells: by the headings, else in their order.

    Raises:
        RefusedError: `refused.import.format|rows|size`.
    """
    lines, columns = read_pasted(text), pasted_into(one)
    headed = named_in(lines[0], columns) if lines else {}
    if lines and len(headed) >= min(FEWEST, len(lines[0].texts)):
        lines, known = lines[1:], headed
    else:
        known = dict(enumerate(columns))
    most = one.most or 60
    if there + len(lines) > most:
        raise RefusedError("refused.import.rows", f"> {most}")
    return {there + number: (line, known) for number, line in enumerate(lines)}


def _laid(
    one: Input, rows: dict[int, tuple[Line, dict[int, Column]]], made: dict[str, list[str]], reader: CellReader
) -> Iterator[Fault]:
    for number, (line, known) in rows.items():
        at = f"{one.path}.{number}"
        made.update({f"{PREFIX}{at}.{column.path}": [column.usual] for column in one.columns if column.usual})
        for place, text in enumerate(line.texts):
            if (column := known.get(place)) is None:
                if text:
                    yield _beyond(at, one, number, text[:60])
                continue
            read = reader.read(column.input, text)
            if read.texts:
                made[f"{PREFIX}{at}.{column.path}"] = list(read.texts)
            if read.wrong is not None:
                yield Fault(f"{at}.{column.path}", column.fr, column.en, *read.wrong)


def _beyond(at: str, one: Input, number: int, text: str) -> Fault:
    labels = f"{one.fr}, {number + 1} :", f"{one.en}, {number + 1}:"
    words = f"« {text} » est dans une colonne de trop.", f"“{text}” is in a column too many."
    return Fault(at, *labels, *words)
