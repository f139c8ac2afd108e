"""Rows pasted into a table of a form: as cells of a file are read, below what is typed, each fault beside its cell."""

import pytest

from tamani.desk.forms.layout import opening
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.pasting import PASTED, Pasted, pasted_into, take_pasted
from tests.support.notices import registry
from tests.support.sealed import AT

LAYOUT = opening("agenda.meeting", "conjointe")
(POINTS,) = (one for one in LAYOUT.asked if one.path == "points")
READER = CellReader(registry(), AT)
PLACE = PASTED + "points"


def pasted(text: str, **typed: list[str]) -> Pasted:
    return take_pasted(LAYOUT, {**typed, PLACE: [text]}, READER)


def test_the_columns_are_those_of_the_form_but_for_what_is_chosen_among_notices() -> None:
    assert [one.path for one in pasted_into(POINTS)] == ["title", "kind", "law_ref", "rapporteur_role", "duration_min"]


@pytest.mark.parametrize(
    "text",
    [
        "Loi sur les témoins\tAudition\tProtection des témoins et victimes\t\t30\nDivers\tdivers\n",
        "Loi sur les témoins;Audition;temoins;;30\r\nDivers;Divers",
        "Nature\tIntitulé\tDurée (min)\tDossier\naudition\tLoi sur les témoins\t30\ttemoins\n\nDivers\tDivers\n",
        "Title;Kind;File;Duration (min)\nLoi sur les témoins;Hearing;temoins;30\nDivers;Other",
    ],
    ids=["tabs", "semicolons", "headings", "english"],
)
def test_cells_are_laid_below_the_rows_that_are_there(text: str) -> None:
    """With headings or in the form's order, in words or codes; an empty line is none."""
    found = pasted(text, **{"d.points.0.title": ["Ouverture"], "acte": ["lignes"]})
    assert (found.faults, found.any) == ((), True)
    assert found.given == {
        "acte": ["lignes"],
        "d.points.0.title": ["Ouverture"],
        "d.points.1.title": ["Loi sur les témoins"],
        "d.points.1.kind": ["audition"],
        "d.points.1.law_ref": ["temoins"],
        "d.points.1.duration_min": ["30"],
        "d.points.2.title": ["Divers"],
        "d.points.2.kind": ["divers"],
    }


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_sentences_have_commas(sign: str) -> None:
    """They part no cells."""
    found = pasted(f"Le juge, la victime, le témoin{sign}Audition")
    assert found.faults == ()
    assert found.given["d.points.0.title"] == ["Le juge, la victime, le témoin"]
    assert found.given["d.points.0.kind"] == ["audition"]


def test_headings_are_known_beside_a_column_of_ones_own() -> None:
    found = pasted("Nature\tIntitulé\tObservations\nAudition\tLes témoins\tvu")
    assert found.given["d.points.0.title"] == ["Les témoins"]
    assert [fault.fr for fault in found.faults] == ["« vu » est dans une colonne de trop."]


def test_what_a_row_does_not_say_is_as_the_form_says_it() -> None:
    assert pasted("Ouverture\nClôture").given == {
        f"d.points.{n}.{name}": [value]
        for n, title in enumerate(("Ouverture", "Clôture"))
        for name, value in (("kind", "examen-texte"), ("title", title))
    }


def test_each_fault_is_beside_its_cell_and_nothing_is_lost() -> None:
    found = pasted("Un point\tConcert\t\t\t30\tde trop")
    assert [(fault.at, fault.fr.partition(" :")[0]) for fault in found.faults] == [
        ("points.0.kind", "« Concert » n'est pas dans la liste"),
        ("points.0", "« de trop » est dans une colonne de trop."),
    ]
    assert found.given["d.points.0.kind"] == ["Concert"]
    assert found.given["d.points.0.duration_min"] == ["30"]


@pytest.mark.parametrize(("text", "says"), [("Point\n" * 61, "lignes"), ("Point\0", "CSV")], ids=["many", "nul"])
def test_what_is_no_table_of_this_size_stays_in_its_text(text: str, says: str) -> None:
    found = pasted(text)
    assert [fault.at for fault in found.faults] == ["points"]
    assert says in found.faults[0].fr
    assert found.given == {PLACE: [text]}


def test_nothing_pasted_changes_nothing() -> None:
    assert pasted(" \n\t") == Pasted({}, (), False)
    assert take_pasted(LAYOUT, {"d.place": ["Bamako"]}, READER) == Pasted({"d.place": ["Bamako"]}, (), False)
