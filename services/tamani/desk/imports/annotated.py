"""The file given back with what is wrong in it: each cell to mend in red with its note, each row with a sentence.

It is drawn anew from the texts that were read: nothing of the file that came (formulas, links, macros) goes back.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from tamani.desk.imports.grid import Line
from tamani.desk.imports.rows import Wrong

RED, PINK = "FF9B1C1C", "FFFBE3E1"


def annotate(
    headings: Sequence[str],
    lines: Sequence[Line],
    wrong: Mapping[int, Sequence[Wrong]],
    words: Sequence[str],
    lang: str,
) -> bytes:
    """The workbook: the rows that are wrong, under their headings. `words`: the names of the two columns it adds."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = words[0][:31]
    _row(page, 1, [*headings, *words])
    for place in range(1, len(headings) + 3):
        page.cell(1, place).font = Font(bold=True)
        page.column_dimensions[get_column_letter(place)].width = 24 if place <= len(headings) else 60
    for number, line in enumerate((line for line in lines if line.number in wrong), 2):
        faults = wrong[line.number]
        texts = [*line.texts, *[""] * (len(headings) - len(line.texts))][: len(headings)]
        _row(page, number, [*texts, str(line.number), " ".join(_sentence(one, lang) for one in faults)])
        page.cell(number, len(headings) + 2).font = Font(color=RED)
        for one in faults:
            if one.place is not None and one.place < len(headings):
                cell = page.cell(number, one.place + 1)
                cell.fill = PatternFill("solid", PINK)
                cell.comment = Comment(_words(one, lang), "Tamani")
    page.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _row(page: object, number: int, texts: Sequence[str]) -> None:
    for place, text in enumerate(texts, 1):
        cell = page.cell(number, place)  # type: ignore[attr-defined]
        # Text, whatever it begins with; what XML cannot hold is left out.
        cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", text), "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _words(one: Wrong, lang: str) -> str:
    return one.en if lang == "en" else one.fr


def _sentence(one: Wrong, lang: str) -> str:
    heading = one.heading_en if lang == "en" else one.heading_fr
    return f"{heading} : {_words(one, lang)}" if heading else _words(one, lang)
