"""A table as texts: what any file becomes before anybody asks what it means. Row and column numbers are the file's."""

from dataclasses import dataclass
from datetime import date, datetime, time

from tamani.core.errors import RefusedError
from tamani.desk.imports import limits

Cell = str | int | float | bool | datetime | date | time | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row that holds something: its number in the file, from 1, and its texts."""

    number: int
    texts: tuple[str, ...]


def text_of(cell: object) -> str:
    """A cell as somebody here would have typed it: 31/12/2026, oui, 12.5; of a formula, the text of the formula."""
    match cell:
        case None:
            return ""
        case bool():
            return "oui" if cell else "non"
        case datetime():
            day = f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
            return day if cell.time() == time() else f"{day} {cell.hour:02d}:{cell.minute:02d}"
        case date():
            return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
    return str(cell).replace("\r\n", "\n").strip()


class Collector:
    """Takes rows until there are too many."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._characters = 0

    def take(self, number: int, cells: tuple[object, ...] | list[str]) -> None:
        """One row of the file; an empty one is passed over.

        Raises:
            RefusedError: `refused.import.rows`, `refused.import.size`.
        """
        if number > limits.ROWS_SEEN:
            raise RefusedError("refused.import.rows", f"> {limits.ROWS_SEEN}")
        texts = [text_of(cell) for cell in cells[: limits.COLUMNS]]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            return
        self._characters += sum(map(len, texts))
        if self._characters > limits.CHARACTERS:
            raise RefusedError("refused.import.size", f"> {limits.CHARACTERS}")
        # Beside the rows that count there are a stamp, headings in two languages, an example.
        if len(self.lines) >= limits.ROWS + 10:
            raise RefusedError("refused.import.rows", f"> {limits.ROWS}")
        self.lines.append(Line(number, tuple(texts)))
