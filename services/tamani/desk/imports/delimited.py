"""Reading a CSV as spreadsheets here write it: `;`, `,` or tabs; UTF-8 with its mark or without, UTF-16, Windows-1252.

RFC 4180 says commas; a French spreadsheet writes `;`, and Windows-1252 unless it is asked for UTF-8.
"""

import csv
import io

from tamani.core.errors import RefusedError
from tamani.desk.imports.grid import Collector, Line

DELIMITERS = ";,\t"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# What a spreadsheet would have taken for a formula; our own exports put an apostrophe before it.
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")


def read_delimited(raw: bytes, delimiter: str = "") -> list[Line]:
    """The rows of the file; `delimiter`: what parts its cells, where that is known.

    Raises:
        RefusedError: `refused.import.format|rows|size`.
    """
    text = _decoded(raw)
    if "\0" in text:
        raise RefusedError("refused.import.format", "NUL")
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        # A line for Excel alone, which it obeys and does not show.
        text, delimiter, skipped = rest, first.strip()[-1], 1
    else:
        delimiter, skipped = delimiter or _delimiter(text), 0
    found = Collector()
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1 + skipped):
            found.take(number, [_unguarded(cell) for cell in cells])
    except csv.Error as error:
        raise RefusedError("refused.import.format", str(error)[:80]) from error
    return found.lines


def _decoded(raw: bytes) -> str:
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The one that parts the first rows most evenly: most often in the line that has most of any."""
    lines = text.splitlines()[:10]
    counts = {one: max((line.count(one) for line in lines), default=0) for one in DELIMITERS}
    return max(DELIMITERS, key=lambda one: counts[one])


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARDED) else cell
