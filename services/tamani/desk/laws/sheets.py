"""The comparison to take away: XLSX, and CSV as French spreadsheets open it (`;`, UTF-8 with its mark).

The first line is a stamp: the strictest label of what stands below, the day, and for whom it was made (domain §3.5).
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from tamani.core.event import TLP

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (30, 50, 14, 14, 28, 14, 50, 50, 50, 50, 14, 14, 20, 12)
# What a spreadsheet would take for a formula, or for a command (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in words: its name, its stamp, the headings and the rows."""

    title: str
    stamp: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def strictest(labels: Iterable[str]) -> str:
    """The label of a whole that has these parts."""
    return max(labels, key=TLP.index, default="CLEAR")


def to_csv(sheet: Sheet) -> bytes:
    """For any spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_inert(sheet.stamp)])
    writer.writerow(sheet.headings)
    writer.writerows([_inert(text) for text in row] for row in sheet.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_xlsx(sheet: Sheet) -> bytes:
    """With headings that stay in sight and lines that wrap; every cell is text."""
    book = Workbook()
    page: Worksheet = book.create_sheet(sheet.title[:31], 0)
    del book["Sheet"]
    page.freeze_panes = "A3"
    for number, width in enumerate(WIDTHS):
        page.column_dimensions[chr(ord("A") + number)].width = width
    for number, texts in enumerate(([sheet.stamp], sheet.headings, *sheet.rows), 1):
        _write(page, number, texts, bold=number < 3)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Worksheet, number: int, texts: Sequence[str], *, bold: bool) -> None:
    for column, text in enumerate(texts, 1):
        cell = page.cell(number, column)
        # Whatever it begins with, it is text; what XML cannot hold is left out.
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        cell.data_type = "s"
        cell.font = Font(bold=bold)
        cell.alignment = Alignment(wrap_text=not bold, vertical="top")
