"""Files as they come from offices here, and files made to harm: texts by row, or a refusal with its code."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from tamani.core.errors import RefusedError
from tamani.desk.imports import limits
from tamani.desk.imports.file import read_table
from tamani.desk.imports.grid import text_of

TABLE = [
    ["Point comparé", "Évalué le", "Note"],
    ["Témoins", "31/12/2026", "12,5"],
    ["", "", ""],
    ["Été « n° 2 »", "", "x"],
]


def texts(raw: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.texts) for line in read_table(raw)]


def code_of(raw: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        read_table(raw)
    return refused.value.code.name


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(raw: bytes, **parts: bytes) -> bytes:
    """The package with parts replaced or added (`__` for `/`)."""
    out = io.BytesIO()
    added = {name.replace("__", "/"): value for name, value in parts.items()}
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(part.filename, added.pop(part.filename, before.read(part)))
        for name, value in added.items():
            after.writestr(name, value)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_of_any_office(delimiter: str, encoding: str) -> None:
    """Separator and alphabet are found out; quotes, commas and new lines within a cell stay."""
    quoted = [[f'"{cell}"' for cell in row] for row in TABLE]
    raw = "\r\n".join(delimiter.join(row) for row in quoted).encode(encoding)
    assert texts(raw) == [(1, tuple(TABLE[0])), (2, tuple(TABLE[1])), (4, tuple(TABLE[3]))]


def test_what_spreadsheets_put_around_a_csv() -> None:
    """Excel's own line, the apostrophe of our exports, a text over two lines."""
    raw = b'sep=,\r\na,b\r\n"\'=1+1","deux\nlignes"\r\n'
    assert texts(raw) == [(2, ("a", "b")), (3, ("=1+1", "deux\nlignes"))]


def test_cells_of_a_workbook_are_the_texts_that_one_would_type() -> None:
    """Real dates, hours, numbers and yes; what begins like a formula is text, and no formula has a value."""
    raw = workbook(
        [
            ["a", "b"],
            [date(2026, 12, 31), datetime.fromisoformat("2026-12-31T09:30")],
            [12.5, 12.0],
            [True, None],
            ["=1+1", "@cmd"],
            ["+33", "-5"],
        ]
    )
    assert texts(raw) == [
        (1, ("a", "b")),
        (2, ("31/12/2026", "31/12/2026 09:30")),
        (3, ("12.5", "12")),
        (4, ("oui",)),
        (5, ("=1+1", "@cmd")),
        (6, ("+33", "-5")),
    ]
    assert text_of(False) == "non"
    assert text_of(date(2026, 1, 2)) == "02/01/2026"


def test_a_formula_over_several_cells_is_its_text() -> None:
    book = Workbook()
    page = book.worksheets[0]
    page["A1"], page["B1"] = "a", "b"
    page["A2"] = ArrayFormula("A2:A3", "=SUM(B1:B2)")
    out = io.BytesIO()
    book.save(out)
    assert texts(out.getvalue())[1] == (2, ("=SUM(B1:B2)",))


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'
REFUSED = {
    "refused.import.size": b"a;b\n" + b"x" * limits.FILE,
    "refused.import.format": b"\xd0\xcf\x11\xe0 an old workbook",
    "refused.import.doctype": repacked(workbook([["a", "b"]]), **{"xl__evil.xml": DOCTYPE}),
    "refused.import.packed": repacked(workbook([["a", "b"]]), xl__media__large=bytes(limits.UNPACKED)),
    "refused.import.rows": "\n".join(f"a{n};b" for n in range(limits.ROWS + 20)).encode(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_opened(name: str) -> None:
    assert code_of(REFUSED[name]) == name


def test_what_is_no_table() -> None:
    """No workbook within, macros, a broken package, an encrypted part, a CSV with NUL or an endless cell."""
    good = workbook([["a", "b"]])
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    for raw in (
        other.getvalue(),
        repacked(good, **{"xl__vbaProject.bin": b"macro"}),
        good[:-40],
        repacked(good, **{"xl__workbook.xml": b"<workbook"}),
        repacked(good, **{"xl__workbook.xml": b"<workbook/>"}),
        b"a;b\n\0;c",
        b'a;b\n"' + b"x" * 200_000,
        b"%PDF-1.7",
    ):
        assert code_of(raw) == "refused.import.format"


def test_too_many_parts_rows_or_characters() -> None:
    good = workbook([["a", "b"]])
    many = {f"xl__p{n}": b"x" for n in range(limits.PARTS)}
    assert code_of(repacked(good, **many)) == "refused.import.packed"
    crowd = b"<x>" + b"<a/>" * (limits.ELEMENTS + 1) + b"</x>"
    assert code_of(repacked(good, **{"xl__crowd.xml": crowd})) == "refused.import.packed"
    row = '<row r="{0}"><c r="A{0}"><v>1</v></c></row>'
    named = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    far = f"<worksheet {named}><sheetData>{row.format(1)}{row.format(900_000)}</sheetData></worksheet>".encode()
    assert code_of(repacked(good, **{"xl__worksheets__sheet1.xml": far})) == "refused.import.rows"
    # One long text behind many cells: small in the package, large when read.
    long = workbook([["x" * 30_000] * 100 for _ in range(5)])
    assert len(long) < limits.FILE
    assert code_of(long) == "refused.import.size"


def test_columns_far_to_the_right_are_not_read() -> None:
    raw = workbook([["a", *[""] * 400, "z"]])
    assert texts(raw) == [(1, ("a",))]
