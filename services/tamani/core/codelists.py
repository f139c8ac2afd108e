"""Code lists as versioned data files with French and English labels: regions, stages, languages, institutions, ICCS…

Every file has the columns `code, fr, en`, then its own, then (but for words of fields) `valid_from, valid_to, note`.
What is not checked against a source says *unchecked* in its note: it is data, easy to mend. `versions.csv` lists all.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

DATED = ("valid_from", "valid_to", "note")


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

    def holds(self, day: date) -> bool:
        """Whether the code is in use on that day; one without dates always is."""
        begin, end = self.more.get("valid_from"), self.more.get("valid_to")
        return (not begin or date.fromisoformat(begin) <= day) and (not end or day <= date.fromisoformat(end))

    @property
    def checked(self) -> bool:
        """Whether a source was read for it."""
        return "unchecked" not in self.more.get("note", "")


@cache
def terms(name: str) -> dict[str, Term]:
    """A code list by code, in the order of its file.

    Raises:
        FileNotFoundError: no such list.
        ValueError: the file is not of the shape said above.
    """
    text = files("tamani.core.lists").joinpath(f"{name}.csv").read_text("utf-8")
    return read_terms(name, text)


def read_terms(name: str, text: str) -> dict[str, Term]:
    """The terms in the text of a list.

    Raises:
        ValueError: a column is missing, a code stands twice, a label or date is none.
    """
    reader = csv.DictReader(text.splitlines(), strict=True)
    if list(reader.fieldnames or ())[:3] != ["code", "fr", "en"]:
        raise ValueError(f"{name}: the columns begin with code, fr, en")
    found: dict[str, Term] = {}
    for row in reader:
        if None in row or None in row.values():
            raise ValueError(f"{name}: {row}: too many or too few columns")
        term = Term(row.pop("code"), row.pop("fr"), row.pop("en"), row)
        for fault in _faults(term, found):
            raise ValueError(f"{name}: {term.code}: {fault}")
        found[term.code] = term
    return found


def _faults(term: Term, found: dict[str, Term]) -> Iterator[str]:
    if not (term.code and term.fr and term.en):
        yield "code or label empty"
    if term.code in found:
        yield "stands twice"
    begin, end = (term.more.get(name, "") for name in DATED[:2])
    if any(day and date.fromisoformat(day).isoformat() != day for day in (begin, end)):
        yield "date not written YYYY-MM-DD"
    if begin and end and end < begin:
        yield "ends before it begins"


@cache
def in_use(name: str, day: date) -> dict[str, Term]:
    """The terms of a list that hold on a day."""
    return {code: term for code, term in terms(name).items() if term.holds(day)}


def area_slugs() -> tuple[str, ...]:
    """The slugs of the 45 regions."""
    return tuple(terms("areas"))


def theme_keys() -> tuple[str, ...]:
    """The keys of the themes."""
    return tuple(terms("themes"))


def column_of(stage: str) -> str | None:
    """The column of the board in which a stage stands; none for an exit."""
    return terms("stages")[stage].more["column"] or None


def next_stages(stage: str) -> tuple[str, ...]:
    """The stages that may follow, exits included: a text can fail wherever it stands; an exit is the end."""
    term = terms("stages")[stage]
    if term.more["path"] == "exit":
        return ()
    exits = tuple(code for code, other in terms("stages").items() if other.more["path"] == "exit")
    onward = tuple(term.more["next"].split())
    return onward + tuple(code for code in exits if code not in onward)


def requirements_of(topic: str) -> tuple[Term, ...]:
    """What the instruments of reference demand on a point of comparison; the label is the demand, in our words."""
    return tuple(term for term in terms("requirements").values() if term.more["topic"] == topic)


def past_names(code: str) -> tuple[Term, ...]:
    """The institutions that an institution follows, the latest first."""
    chain, at = [], terms("institutions")[code].more["predecessor"]
    while at:
        chain.append(terms("institutions")[at])
        at = chain[-1].more["predecessor"]
    return tuple(chain)
