"""No string of the pages lacks its English, and none is translated that no page says."""

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import tamani.desk
from tamani.desk.pages.languages import translations, typeset

DESK = Path(tamani.desk.__file__).parent
METHODS = [("**.py", "python"), ("pages/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def said() -> dict[str | tuple[str, ...], str]:
    """Every text of the pages, with the file that says it first."""
    found: dict[str | tuple[str, ...], str] = {}
    for file, _line, message, _comments, _context in extract_from_dir(str(DESK), METHODS, keywords=KEYWORDS):
        found.setdefault(message if isinstance(message, str) else tuple(message), file)
    return found


def translated() -> dict[str | tuple[str, ...], Message]:
    with (DESK / "locale" / "en" / "tamani.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    return {m.id if isinstance(m.id, str) else tuple(m.id): m for m in catalog if m.id}


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} | {
        part.partition(")")[0] for part in text.split("%(")[1:]
    }


def test_nothing_lacks_and_nothing_is_left_over() -> None:
    """The texts of the pages and those of the catalogue are the same set."""
    in_pages, in_catalogue = said(), translated()
    assert len(in_pages) > 100, "extraction works"
    assert {message: file for message, file in in_pages.items() if message not in in_catalogue} == {}
    assert in_catalogue.keys() - in_pages.keys() == set()


def each() -> Iterator[tuple[str, str]]:
    for key, message in translated().items():
        french = (key,) if isinstance(key, str) else key
        english = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        assert len(french) == len(english), key
        yield from zip(french, english, strict=True)


@pytest.mark.parametrize(("french", "english"), list(each()))
def test_each_translation_is_whole(french: str, english: str) -> None:
    """Never empty, never unsure, and what is filled in stays."""
    assert english.strip()
    assert fields_of(french) == fields_of(english)
    assert "’" not in french, "straight apostrophes in the source; `typeset` curves them"


def test_no_translation_is_fuzzy() -> None:
    """A fuzzy one is a guess that nobody has read over."""
    assert [message.id for message in translated().values() if message.fuzzy] == []


def test_both_languages_count_as_their_speakers_do() -> None:
    """None is singular in French, plural in English."""
    one, many = "%(num)s autre", "%(num)s autres"
    assert [translations("fr").ngettext(one, many, n) for n in (0, 1, 2)] == [one, one, many]
    assert [translations("en").ngettext(one, many, n) for n in (0, 1, 2)] == [
        "%(num)s others",
        "%(num)s other",
        "%(num)s others",
    ]


def test_french_is_typeset() -> None:
    """No line can begin with a sign that belongs to the word before it."""
    assert typeset("L'avis : « oui » ; non ?") == "L’avis\u00a0: «\u00a0oui\u00a0»\u202f; non\u202f?"
