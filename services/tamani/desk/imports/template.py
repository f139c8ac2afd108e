"""The table to fill in offline: headings in both languages, a help on each, lists to choose from, one example.

The lists stand on a sheet of their own, which the cells' validation names; the example is kept out by its first column.
"""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tamani.core.codelists import requirements_of
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import Layout
from tamani.desk.imports import limits
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import SKIP, Column
from tamani.desk.laws.demands import demand

LISTS = "Listes"
FIRST_ROW = 4
NAVY, SAND, GREY = "FF12304F", "FFFBF3DF", "FF5B6472"
DEMANDED = "Ce que demande la référence († : article à vérifier)"
EXAMPLE = ("Exemple", "Example")
_TEXTS = {
    "day": ("31/12/2026", "jj/mm/aaaa", "dd/mm/yyyy"),
    "instant": ("31/12/2026 09:00", "jj/mm/aaaa hh:mm", "dd/mm/yyyy hh:mm"),
    "number": ("12", "Un nombre.", "A number."),
    "yes": ("non", "oui ou non", "yes or no"),
    "lines": ("Première ligne | Deuxième ligne", "Séparez par | ou allez à la ligne.", "Part them by | or a new line."),
    "many": (
        "",
        "Plusieurs choix : séparez-les par ; (voir la feuille Listes).",
        "Several: part them by ; (sheet Listes).",
    ),
    "bodies": (
        "",
        "Plusieurs : séparez-les par ; (voir la feuille Listes).",
        "Several: part them by ; (sheet Listes).",
    ),
}


def make_template(columns: Sequence[Column], layout: Layout, reader: CellReader, title: str) -> bytes:
    """The workbook."""
    book = Workbook()
    page: Worksheet = book.create_sheet(title[:31], 0)
    lists: Worksheet = book.create_sheet(LISTS, 1)
    del book["Sheet"]
    _head(page, 1, SKIP[0], SKIP[1], 14)
    page.cell(FIRST_ROW - 1, 1, EXAMPLE[0])
    for place, column in enumerate(columns, 2):
        _head(page, place, column.fr + (" *" if column.input.required else ""), column.en, _width(column.input))
        page.cell(1, place).comment = _help(column, layout)
        page.cell(FIRST_ROW - 1, place, example_of(column.input, reader))
        if column.input.choices or column.input.kind in {"body", "bodies"}:
            _choose(page, lists, place, column, reader)
    for place in range(1, len(columns) + 2):
        cell = page.cell(FIRST_ROW - 1, place)
        cell.font, cell.fill, cell.number_format = Font(italic=True, color=GREY), PatternFill("solid", SAND), "@"
    page.freeze_panes = f"B{FIRST_ROW - 1}"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def make_csv(columns: Sequence[Column], reader: CellReader) -> bytes:
    """The same headings and example as plain text, for who has no spreadsheet of ours: `;`, UTF-8 with its mark."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([SKIP[0], *(column.fr + (" *" if column.input.required else "") for column in columns)])
    writer.writerow([SKIP[1], *(column.en for column in columns)])
    writer.writerow([EXAMPLE[0], *(example_of(column.input, reader) for column in columns)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def example_of(one: Input, reader: CellReader) -> str:
    """What the example's cell says: the first of a list, a date as it is written here, nothing that looks real."""
    if one.kind in {"one", "body", "many", "bodies"}:
        return next(iter(reader.words(one, "fr")), "")
    if one.kind in _TEXTS:
        return _TEXTS[one.kind][0]
    return "2026-T4" if one.name in {"period", "last_active"} else "…" if not one.required else "Exemple"


def _demand(lists: Worksheet, at: int, topics: Sequence[str]) -> None:
    """Beside each point of comparison, what the instruments of reference demand of it: to read, not to fill in."""
    lists.cell(1, at, DEMANDED).font = Font(bold=True)
    lists.column_dimensions[get_column_letter(at)].width = 80
    for number, topic in enumerate(topics, 2):
        cell = lists.cell(number, at, "\n".join(demand(one, "fr") for one in requirements_of(topic)))
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _head(page: Worksheet, place: int, french: str, english: str, width: int) -> None:
    first, second = page.cell(1, place, french), page.cell(2, place, english)
    first.font, first.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", NAVY)
    second.font = Font(italic=True, color=GREY)
    for one in (first, second):
        one.alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions[get_column_letter(place)].width = width


def _width(one: Input) -> int:
    return {"text": 50, "lines": 36, "many": 30, "bodies": 36, "body": 36, "day": 14, "number": 12, "yes": 10}.get(
        one.kind, 26
    )


def _help(column: Column, layout: Layout) -> Comment:
    french, english = layout.help.get(column.path, ("", ""))
    _, how_french, how_english = _TEXTS.get(column.input.kind, ("", "", ""))
    forced = ("Obligatoire.", "Required.") if column.input.required else ("", "")
    said = [
        " ".join(filter(None, parts)) for parts in ((forced[0], french, how_french), (forced[1], english, how_english))
    ]
    comment = Comment("\n\n".join(filter(None, said)) or column.fr, "Tamani")
    comment.width, comment.height = 320, 160
    return comment


def _choose(page: Worksheet, lists: Worksheet, place: int, column: Column, reader: CellReader) -> None:
    """The list of a column; where one alone is chosen, a menu in each of its cells."""
    words = reader.words(column.input, "fr")
    at = lists.max_column + 1 if lists.cell(1, 1).value else 1
    lists.cell(1, at, column.fr).font = Font(bold=True)
    lists.column_dimensions[get_column_letter(at)].width = 42
    for number, word in enumerate(words, 2):
        lists.cell(number, at, word)
    if column.path == "topic":
        _demand(lists, at + 1, reader.offered(column.input))
    if column.input.kind not in {"one", "body"}:
        return
    letter = get_column_letter(at)
    rule = DataValidation(
        type="list",
        formula1=f"{quote_sheetname(LISTS)}!${letter}$2:${letter}${len(words) + 1}",
        allow_blank=True,
        errorTitle="Tamani",
        error="Choisissez dans la liste. / Choose from the list.",
    )
    rule.add(f"{get_column_letter(place)}{FIRST_ROW}:{get_column_letter(place)}{FIRST_ROW + limits.ROWS}")
    page.add_data_validation(rule)
