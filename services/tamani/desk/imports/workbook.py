"""Reading an XLSX that anybody may have made: a ZIP of XML parts, each looked at before a library reads it.

ECMA-376 Part 2 (the package). No DTD in any part, so no entity; sizes are those that the package declares, which
Python's zipfile never reads beyond. Formulas come as their own text; macros, links and styles are not read.
"""

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from tamani.core.errors import RefusedError
from tamani.desk.imports import limits
from tamani.desk.imports.grid import Collector, Line

MAGIC = b"PK\x03\x04"
# What zipfile and openpyxl raise on files that are not what they say: they check as they go.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def read_workbook(raw: bytes) -> list[Line]:
    """The rows of the first sheet.

    Raises:
        RefusedError: `refused.import.format|packed|doctype|rows|size`.
    """
    _check_package(raw)
    found = Collector()
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=limits.COLUMNS, values_only=True)
        for number, cells in enumerate(rows, 1):
            found.take(number, tuple(_plain(cell) for cell in cells))
    except BROKEN as error:
        raise RefusedError("refused.import.format", type(error).__name__) from error
    return found.lines


def _plain(cell: object) -> object:
    """Formulas of several cells are objects; their text is what they say."""
    return str(cell.text) if isinstance(cell, ArrayFormula) else "" if isinstance(cell, DataTableFormula) else cell


def _check_package(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
            if len(parts) > limits.PARTS or sum(part.file_size for part in parts) > limits.UNPACKED:
                raise RefusedError("refused.import.packed", f"> {limits.UNPACKED}")
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
                raise RefusedError("refused.import.format", "xlsx")
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _check_part(package, part)
    except BROKEN as error:
        raise RefusedError("refused.import.format", type(error).__name__) from error


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with package.open(part) as stream:
        try:
            for number, (_event, element) in enumerate(iterparse(stream, forbid_dtd=True)):
                if number > limits.ELEMENTS:
                    raise RefusedError("refused.import.packed", f"> {limits.ELEMENTS}")
                element.clear()
        except DefusedXmlException as error:
            raise RefusedError("refused.import.doctype", part.filename[:80]) from error
