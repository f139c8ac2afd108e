"""French and English. French is the language in which the pages are written; English comes from `locale/en/tamani.po`.

The `.po` is read as it is when the desk starts: there is nothing to compile, so nothing can be forgotten.
"""

import re
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from tamani.core.codes import Code

LANGUAGES = ("fr", "en")
_BEFORE = re.compile(r" ([;?!])")
LOCALE = Path(__file__).parents[1] / "locale"


class French(NullTranslations):
    """What stands in the source, typeset; in French, 0 and 1 are singular."""

    def gettext(self, message: str) -> str:
        """The message as it is printed."""
        return typeset(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for this number."""
        return typeset(msgid1 if abs(n) < 2 else msgid2)


@cache
def typeset(text: str) -> str:
    """French typography: curved apostrophes, and no line that begins with a sign that belongs to the word before."""
    text = text.replace("'", "\u2019").replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" :", "\u00a0:")
    return _BEFORE.sub("\u202f\\1", text)


def sentence_of(found: Code, lang: str) -> str:
    """What a code says, as a page prints it."""
    said = found.sentence(lang)
    return typeset(said) if lang == "fr" else said


@cache
def translations(lang: str) -> NullTranslations:
    """The translations into a language; French for any that we do not have."""
    source = LOCALE / lang / "tamani.po"
    if lang not in LANGUAGES or not source.exists():
        return French()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return Translations(compiled)


def plain(text: str) -> str:
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text
