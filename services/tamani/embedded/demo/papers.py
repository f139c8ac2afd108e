"""The demo's files: what they are called and say (`notices/papers.yaml`), and their bytes, the same for the same words.

A notice names one by `"@paper name"` among its attachments. Dates within a sentence are written as in notices.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import yaml

from tamani.embedded.demo.paper_forms import make_odt, make_pdf, make_xlsx

STAMP: Final = "DÉMONSTRATION : rien ici n'est réel."
Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it is described: `rows` of cells for a table (`xlsx`), of a paragraph each for a text (others)."""

    name: str
    form: str
    title: str
    rows: tuple[tuple[str, ...], ...]

    def made(self, say: Say) -> bytes:
        """Its bytes; `say` writes dates in words and sets the type."""
        make, _mime = FORMS[self.form]
        rows = [[say(cell) for cell in row] for row in ((STAMP,), *self.rows)]
        return make(say(self.title), rows)

    def named(self, say: Say) -> dict[str, Any]:
        """How a notice names it (`head.attachments`)."""
        raw, (_make, mime) = self.made(say), FORMS[self.form]
        digest = sha256(raw).hexdigest()
        return {"sha256": digest, "mime": mime, "size": len(raw), "title": say(self.title), "lang": "fr"}


FORMS: Final[dict[str, tuple[Callable[[str, list[list[str]]], bytes], str]]] = {
    "pdf": (make_pdf, "application/pdf"),
    "odt": (make_odt, "application/vnd.oasis.opendocument.text"),
    "xlsx": (make_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@cache
def papers() -> dict[str, Paper]:
    """All, by name.

    Raises:
        KeyError, TypeError: the file is not of this shape.
    """
    text = files("tamani.embedded.demo").joinpath("notices", "papers.yaml").read_text("utf-8")
    return {row["name"]: _paper(**row) for row in yaml.safe_load(text)}


def _paper(name: str, form: str, title: str, rows: list[str | list[str]]) -> Paper:
    cells = (tuple(row) if isinstance(row, list) else (row,) for row in rows)
    return Paper(name, form, title, tuple(cells))
