"""What changed between two texts, and whether two people mean the same article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.desk.laws.opinions import same_article
from tamani.desk.laws.sheets import Sheet, strictest, to_csv
from tamani.desk.laws.words import Piece, compare_texts, compare_words


def test_words_that_changed_are_told() -> None:
    """Whole words, with their signs."""
    assert compare_words("Le témoin d'un acte est entendu.", "Le témoin est entendu, sous un numéro.") == (
        Piece("same", "Le témoin "),
        Piece("gone", "d'un acte "),
        Piece("same", "est entendu"),
        Piece("added", ", sous un numéro"),
        Piece("same", "."),
    )


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_is_lost_or_invented(before: str, after: str) -> None:
    """The pieces make up both texts again."""
    pieces = compare_words(before, after)

    assert "".join(piece.text for piece in pieces if piece.change != "added") == before
    assert "".join(piece.text for piece in pieces if piece.change != "gone") == after


def test_articles_are_compared_by_their_place() -> None:
    """New, gone where it stood, changed, the same; with no older text, all are new."""
    old = [{"eid": f"art_{n}", "number": str(n), "text": f"Texte {n}."} for n in (1, 2, 3)]
    new = [
        old[0],
        {"eid": "art_3", "number": "3", "text": "Texte trois."},
        {"eid": "art_4", "number": "4", "text": "X."},
    ]
    found = compare_texts(old, new)

    assert [(one.number, one.state) for one in found] == [("1", "same"), ("2", "gone"), ("3", "changed"), ("4", "new")]
    assert {one.state for one in compare_texts((), new)} == {"new"}
    assert [one.number for one in compare_texts(old, ())] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("7", "Article 7", True),
        ("art. 7", "ARTICLE 7", True),
        ("7", "17", False),
        ("7.1", "7", False),
        ("Préambule", " préambule ", True),
        ("Préambule", "7", False),
    ],
)
def test_an_article_by_any_of_its_names(one: str, other: str, *, same: bool) -> None:
    """As lawyers write it."""
    assert same_article(one, other) is same


def test_a_whole_bears_the_strictest_label() -> None:
    """TLP is inherited upwards."""
    assert strictest(["CLEAR", "AMBER", "GREEN"]) == "AMBER"
    assert strictest([]) == "CLEAR"


def test_no_cell_is_a_formula() -> None:
    """What begins like one is kept as text; quotes and separators survive."""
    rows = [["=1+1", '@cmd "x"'], ["a;b", "é"]]
    made = to_csv(Sheet("temoins", "TLP:CLEAR", ["A", "B"], rows)).decode("utf-8-sig")

    assert made.split("\r\n") == ["TLP:CLEAR", "A;B", '\'=1+1;"\'@cmd ""x"""', '"a;b";é', ""]
