"""Code lists as data files with French and English labels: regions, themes, ICCS, ACLED."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Term:
    """One code with its labels and the other columns of its file."""

    code: str
    fr: str
    en: str
    more: dict[str, str]

    def said(self, lang: str) -> str:
        """The label in the language asked for."""
        return self.en if lang.startswith("en") else self.fr


@cache
def terms(name: str) -> dict[str, Term]:
    """A code list (`areas`, `themes`, `iccs`, `acled`) by code.

    Raises:
        FileNotFoundError: no such list.
    """
    text = files("tamani.core.lists").joinpath(f"{name}.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        code, fr, en = row.pop("code"), row.pop("fr"), row.pop("en")
        found[code] = Term(code, fr, en, row)
    return found


def area_slugs() -> tuple[str, ...]:
    """The slugs of the 45 regions."""
    return tuple(terms("areas"))


def theme_keys() -> tuple[str, ...]:
    """The keys of the themes."""
    return tuple(terms("themes"))
