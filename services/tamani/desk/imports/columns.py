"""The columns of a type's table: the inputs of its form that fit in one cell, under labels that are all different."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from tamani.core.catalogue import catalogue
from tamani.desk.forms.inputs import Input
from tamani.desk.forms.layout import can_be_typed, layout_of

# Whom a notice could harm is said in its form: such a notice is sealed, and a table is kept until it is published.
NOT_IN_TABLES = frozenset({"head.caveats"})
# A column of the template's own: what is written in it keeps the row out.
SKIP = ("Ne pas importer", "Do not import")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it asks for, and its heading."""

    input: Input
    fr: str
    en: str

    @property
    def path(self) -> str:
        """Where its value stands in the data."""
        return self.input.path

    def said(self, lang: str) -> str:
        """Its heading."""
        return self.en if lang.startswith("en") else self.fr


@cache
def columns_of(kind: str, profile: str) -> tuple[Column, ...]:
    """The columns, in the order of the form. Where two have one label, the type's own keeps it."""
    inputs = [
        one
        for one in layout_of(kind, profile).asked
        if one.kind not in {"rows", "files", "notice"} and one.path not in NOT_IN_TABLES
    ]
    own = {plain(one.fr) for one in inputs if not one.path.startswith("head.")}
    own_english = {plain(one.en) for one in inputs if not one.path.startswith("head.")}
    return tuple(
        Column(
            one,
            f"{one.fr} (avis)" if one.path.startswith("head.") and plain(one.fr) in own else one.fr,
            f"{one.en} (notice)" if one.path.startswith("head.") and plain(one.en) in own_english else one.en,
        )
        for one in inputs
    )


def importable(kind: str, profile: str) -> bool:
    """Whether a row can say all that this profile must hold, in the open."""
    found = catalogue()[kind]
    if not can_be_typed(kind, profile) or profile in found.sealed_profiles:
        return False
    return all(one.kind != "rows" for one in layout_of(kind, profile).asked if one.required)


def plain(text: str) -> str:
    """A word without accents, capitals or signs: how headings and labels are compared."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.casefold()).split())
