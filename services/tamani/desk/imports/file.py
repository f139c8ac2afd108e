"""Reading a file by what it is, not by what it is called."""

from tamani.core.errors import RefusedError
from tamani.desk.imports import limits
from tamani.desk.imports.delimited import read_delimited
from tamani.desk.imports.grid import Line
from tamani.desk.imports.workbook import MAGIC, read_workbook

# The old binary workbook and an encrypted one (OLE), OpenDocument told by its first entry, PDF.
OTHERS = (b"\xd0\xcf\x11\xe0", b"%PDF")


def read_table(raw: bytes) -> list[Line]:
    """The rows of a workbook or of a CSV.

    Raises:
        RefusedError: `refused.import.size|format|packed|doctype|rows`.
    """
    if len(raw) > limits.FILE:
        raise RefusedError("refused.import.size", f"{len(raw)} > {limits.FILE}")
    if raw.startswith(OTHERS):
        raise RefusedError("refused.import.format", "xls, pdf")
    return read_workbook(raw) if raw.startswith(MAGIC) else read_delimited(raw)
