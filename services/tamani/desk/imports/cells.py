"""From the text of a cell to what a form would have sent: labels become codes, dates of here become dates.

What cannot be read stays as it was written, with a sentence; the model then says nothing more about it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from tamani.core.registry import Registry
from tamani.desk.forms.inputs import Input
from tamani.desk.imports.columns import plain
from tamani.desk.pages.labels import Labels

_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_HOUR = re.compile(r"([0-9]{1,2})[:hH]([0-9]{2})?(:00)?")
_YES, _NO = {"oui", "o", "vrai", "x", "1", "yes", "y", "true"}, {"non", "n", "faux", "0", "no", "false"}
MOST_NAMED, MOST_CLOSE = 8, 3


@dataclass(frozen=True, slots=True)
class Read:
    """The texts of a form's input, or what is wrong with the cell in French and in English."""

    texts: tuple[str, ...] = ()
    wrong: tuple[str, str] | None = None


class CellReader:
    """Reads cells with the words of both languages and the names that the registry holds now."""

    def __init__(self, registry: Registry, now: datetime) -> None:
        self._registry, self._now = registry, now
        self._labels = Labels("fr", registry, now), Labels("en", registry, now)
        self._known: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}

    def read(self, one: Input, text: str) -> Read:
        """What the cell says for this input."""
        if not text:
            return Read()
        match one.kind:
            case "one" | "body":
                return self._chosen(one, [text])
            case "many" | "bodies":
                return self._chosen(one, _parts(text, ";\n|,"))
            case "lines":
                return Read(tuple(_parts(text, "\n|")))
            case "day":
                return _day(text)
            case "instant":
                return _instant(text)
            case "yes":
                return _yes(text)
        return Read((_period(text) if one.name in {"period", "last_active"} else text,))

    def words(self, one: Input, lang: str) -> list[str]:
        """The labels among which one chooses today, in the order of the list; what has ended may be written still."""
        labels = self._labels[lang.startswith("en")]
        if one.kind in {"body", "bodies"}:
            return [labels.body(body.source) for body in self._registry.bodies if body.stands(self._now)]
        return [labels.option(one.name, code) for code in self.offered(one)]

    def offered(self, one: Input) -> list[str]:
        """The codes among which one chooses today, in the order of the list."""
        return [code for code in one.choices if self._labels[0].offers(one.name, code)]

    def word(self, one: Input, code: str) -> str:
        """The French label of a code, as titles say it."""
        return self._labels[0].option(one.name, code) if code else ""

    def _chosen(self, one: Input, texts: list[str]) -> Read:
        known = self._names(one)
        codes = [known.get(plain(text)) for text in texts]
        if None not in codes:
            return Read(tuple(code for code in codes if code))
        bad = texts[codes.index(None)][:60]
        if one.name == "topic" and "/" in bad:
            return Read(tuple(texts))  # a point that is in no list yet: the model looks at its spelling
        french, english = (self._rather(one, bad, lang) for lang in ("fr", "en"))
        return Read(
            tuple(texts),
            (f"« {bad} » n'est pas dans la liste : {french}.", f"“{bad}” is not in the list: {english}."),
        )

    def _rather(self, one: Input, bad: str, lang: str) -> str:
        """The words of a short list; of a long one those that are close, or where they all stand."""
        words = self.words(one, lang)
        if len(words) > MOST_NAMED:
            known = {plain(word): word for word in words}
            words = [known[word] for word in get_close_matches(plain(bad), known, MOST_CLOSE)]
        lists = "see the sheet Listes of the template" if lang == "en" else "voir la feuille Listes du modèle"
        return ", ".join(words) or lists

    def _names(self, one: Input) -> dict[str, str]:
        """What may be written for each code: itself, and its labels where they mean one alone."""
        name = one.name, one.choices
        if name not in self._known:
            self._known[name] = self._bodies() if one.kind in {"body", "bodies"} else self._codes(one)
        return self._known[name]

    def _codes(self, one: Input) -> dict[str, str]:
        found: dict[str, set[str]] = {}
        for code in one.choices:
            said = {
                text
                for labels in self._labels
                for text in (labels.option(one.name, code), labels.value(one.name, code))
            }
            for text in said:
                found.setdefault(plain(text), set()).add(code)
        alone = {text: next(iter(codes)) for text, codes in found.items() if len(codes) == 1}
        return alone | {plain(code): code for code in one.choices}

    def _bodies(self) -> dict[str, str]:
        found = {
            plain(labels.body(body.source)): body.source for body in self._registry.bodies for labels in self._labels
        }
        return found | {plain(body.source): body.source for body in self._registry.bodies}


def _parts(text: str, signs: str) -> list[str]:
    return [part.strip() for part in re.split(f"[{re.escape(signs)}]", text) if part.strip()]


def _date(text: str) -> date | None:
    if (found := _ISO.fullmatch(text)) is not None:
        year, month, day = map(int, found.groups())
    elif (found := _DAY.fullmatch(text)) is not None:
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(text: str) -> Read:
    # A date cell of a spreadsheet may have an hour, which is midnight.
    found = _date(text.split(" ", maxsplit=1)[0] if text.endswith((" 00:00", " 0:00")) else text)
    if found is not None:
        return Read((found.isoformat(),))
    said = text[:40]
    return Read(
        (text,),
        (f"« {said} » n'est pas une date : écrivez jj/mm/aaaa.", f"“{said}” is no date: write dd/mm/yyyy."),
    )


def _instant(text: str) -> Read:
    day, _, hour = text.replace("T", " ").replace(" à ", " ").strip().partition(" ")
    found, clock = _date(day), _HOUR.fullmatch(hour.strip())
    if found is not None and clock is not None and int(clock[1]) < 24 and int(clock[2] or 0) < 60:
        return Read((f"{found.isoformat()}T{int(clock[1]):02d}:{clock[2] or '00'}",))
    said = text[:40]
    return Read(
        (text,),
        (
            f"« {said} » n'est pas une date et une heure : écrivez jj/mm/aaaa hh:mm.",
            f"“{said}” is no date and hour: write dd/mm/yyyy hh:mm.",
        ),
    )


def _yes(text: str) -> Read:
    if plain(text) in _YES:
        return Read(("1",))
    if plain(text) in _NO:
        return Read()
    return Read((text,), ("Écrivez oui ou non.", "Write yes or no."))


def _period(text: str) -> str:
    """A spreadsheet makes a date of `2026-11`: the first of that month."""
    found = _DAY.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02d}" if found and int(found[1]) == 1 and int(found[2]) <= 12 else text
