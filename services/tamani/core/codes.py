"""Every code that a person or a machine can meet, with its sentence in French and English.

Grammar: `<verdict>.<thing>[.<detail>]`, lower-case words and digits. Codes are never renamed: receipts keep them.
The table itself is data (`codes.csv`), so that a translator needs no Python.
"""

import csv
import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

GRAMMAR = re.compile(r"(archived|duplicate|equivocation|refused|held|failed|erased)(\.[a-z0-9]+){0,3}")


@dataclass(frozen=True, slots=True)
class Code:
    """A stable code: may the same thing be tried again, which HTTP status tells it, and what it says."""

    name: str
    retriable: bool
    status: int
    fr: str
    en: str

    def sentence(self, lang: str) -> str:
        """The sentence in the language asked for; French unless English is asked for."""
        return self.en if lang.startswith("en") else self.fr


@cache
def codes() -> dict[str, Code]:
    """All codes by name."""
    text = files("tamani.core").joinpath("codes.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["code"]: Code(r["code"], r["retriable"] == "yes", int(r["status"]), r["fr"], r["en"]) for r in rows}


def code(name: str) -> Code:
    """The code of this name. A longer name than we know says what its parent says, and keeps its own name.

    So read a database state of a held notice (`held.store.22021`) and a code of a newer region at an older node.

    Raises:
        KeyError: no such code.
    """
    known = name
    while known not in codes() and "." in known:
        known = known.rpartition(".")[0]
    return replace(codes()[known], name=name)
