"""Sentences that say a limit in figures or words say the one that holds."""

import pytest

from tamani.core import pieces as lane
from tamani.core.codes import code
from tamani.desk.imports import limits as tables
from tamani.desk.pages.languages import translations
from tamani.desk.pieces import limits

MIB, KIB = limits.MEBIBYTE, lane.KIBIBYTE
# How the sentences write the numbers that they write in words.
WORDS = {12: ("douze", "twelve"), 1000: ("mille", "thousand"), 3: ("trois", "three")}
DAYS_A_MONTH = 30
TOLD = {
    "refused.piece.size": (
        f"{limits.LARGEST // MIB} Mo au plus par pièce, {limits.REQUEST // MIB} Mo par envoi",
        f"at most {limits.LARGEST // MIB} MB a piece, {limits.REQUEST // MIB} MB at once",
    ),
    "refused.piece.many": tuple(f"{word} " for word in WORDS[limits.MOST]),
    "refused.piece.room": (f" {limits.UNARCHIVED // MIB} Mo ", f" {limits.UNARCHIVED // MIB} MB "),
    "refused.piece.range": (f"({lane.PART // KIB} Ko au plus)", f"(at most {lane.PART // KIB} KB)"),
    "refused.import.size": (f"{tables.FILE // MIB} Mo et {WORDS[tables.ROWS][0]} lignes", f"{tables.FILE // MIB} MB"),
    "refused.import.rows": (f"{WORDS[tables.ROWS][0]} au plus", f"a {WORDS[tables.ROWS][1]}"),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_refusal_says_the_limit(name: str) -> None:
    french, english = TOLD[name]
    assert french in code(name).sentence("fr")
    assert english in code(name).sentence("en")


def test_how_long_files_wait_is_said_in_months() -> None:
    french, english = WORDS[limits.KEPT_DAYS // DAYS_A_MONTH]
    assert f"({french} mois)" in code("refused.piece.room").sentence("fr")
    assert f"({english} months)" in code("refused.piece.room").sentence("en")


def test_the_page_says_it_before_a_file_is_sent() -> None:
    """The sentence beside the choice of files, of which the catalogue has the English."""
    french, english = TOLD["refused.piece.size"]
    assert translations("en").gettext(f"Fichier trop gros : {french}.") == f"File too large: {english}."
