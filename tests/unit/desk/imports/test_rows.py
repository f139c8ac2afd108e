"""Rows of a table of provisions: read in the words of people, each fault at its column, nothing said twice."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from tamani.core.catalogue import catalogue
from tamani.core.errors import RefusedError
from tamani.desk.forms.layout import layout_of
from tamani.desk.forms.reading import Hand
from tamani.desk.imports.annotated import annotate
from tamani.desk.imports.cells import CellReader
from tamani.desk.imports.columns import columns_of, importable, plain
from tamani.desk.imports.file import read_table
from tamani.desk.imports.grid import Line
from tamani.desk.imports.headings import find_heading
from tamani.desk.imports.rows import Row, Table, There, Verdict
from tamani.desk.imports.template import DEMANDED, FIRST_ROW, LISTS, make_csv, make_template
from tamani.desk.laws.sheets import Sheet, to_csv, to_xlsx
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, registry
from tests.support.sealed import AT
from tests.unit.desk.forms.test_forms import PROFILES

KIND = ("law.provision", "disposition")
HAND = Hand(COMMISSION_ML, "Africa/Bamako")
READER = CellReader(registry(), AT)
TABLE = Table(*KIND, HAND, READER)
HEAD = "Titre;Point comparé;Pays;Conformité;Évalué le;Lacune\n"
SAID = {
    "head": {"title": "Anonymat", "summary": "Un résumé"},
    "status": "verified",
    "topic": "temoins/anonymat-audience",
    "country": "ml",
    "conformity": "partiel",
    "gap": "Rien après le procès",
    "assessed_on": "2026-03-02",
}
IMPORTABLE = [found for found in PROFILES if importable(*found)]


def there(source: str = COMMISSION_ML, *, states: tuple[str, ...] = ("verified",), **changes: Any) -> There:
    return There(source, "law/un", SAID | changes, frozenset(states))


def rows(text: str, *standing: There, table: Table = TABLE) -> list[Row]:
    heading = find_heading(read_table(text.encode()), columns_of(table.kind, table.profile))
    return table.rows(heading, standing)


def only(text: str, *standing: There, table: Table = TABLE) -> Row:
    (row,) = rows(text, *standing, table=table)
    return row


def test_a_row_is_read_in_the_words_of_people() -> None:
    """Labels in either language whatever their accents, a date as it is written here, a title made where none is."""
    row = only(HEAD + ";protection des temoins et victimes – anonymat a l'audience;Mali;Partial;2/3/2026;Lacune\n")
    assert (row.verdict, row.wrong) == (Verdict.NEW, ())
    assert row.data == {
        "head": {"title": row.title},
        "status": "proposed",
        "topic": "temoins/anonymat-audience",
        "country": "ml",
        "conformity": "partiel",
        "assessed_on": "2026-03-02",
        "gap": "Lacune",
    }
    assert row.title == "Protection des témoins et victimes – Anonymat à l’audience : Mali"


def test_each_fault_is_named_by_row_and_column_in_words() -> None:
    heading = find_heading(read_table((HEAD + "x;nulle part;Mali;;31/02/2026;\n").encode()), columns_of(*KIND))
    (row,) = TABLE.rows(heading, ())
    assert (row.number, row.verdict) == (2, Verdict.WRONG)
    said = {one.heading_fr: (one.place, one.fr) for one in row.wrong}
    assert said["Titre"] == (0, "Trop court : 3 caractères au moins.")
    assert said["Point comparé"][0] == 1
    assert said["Point comparé"][1] == "« nulle part » n'est pas dans la liste : voir la feuille Listes du modèle."
    assert said["Conformité"] == (3, "Champ obligatoire.")
    assert said["Évalué le"] == (4, "« 31/02/2026 » n'est pas une date : écrivez jj/mm/aaaa.")
    assert len(said) == 4, "one sentence a cell"


def test_a_rule_across_columns_is_said_of_the_row() -> None:
    row = only(HEAD + "Anonymat;temoins/recours;ml;absent;;\n")
    assert row.verdict is Verdict.NEW
    row = only("Titre;Point comparé;Pays;Conformité;Texte exact\nAnonymat;temoins/recours;ml;absent;Art. 1\n")
    assert [(one.place, "absent" in one.fr) for one in row.wrong] == [(None, True)]


def test_what_is_there_already_is_left_as_it_is() -> None:
    """By whoever said it; other columns of the notice do not count."""
    line = HEAD + "Anonymat;temoins/anonymat-audience;ml;partiel;02/03/2026;Rien après le procès\n"
    assert (only(line, there()).verdict, only(line, there()).by) == (Verdict.SAME, COMMISSION_ML)
    assert only(line, there(COMMISSION_NE)).by == COMMISSION_NE
    assert only(line, there(gap="Autre")).verdict is Verdict.CHANGE


def test_a_row_changes_ones_own_notice_and_keeps_what_the_table_does_not_say() -> None:
    line = HEAD + "Anonymat;temoins/anonymat-audience;ml;conforme;02/03/2026;\n"
    row = only(line, there(COMMISSION_NE), there())
    assert (row.verdict, row.subject) == (Verdict.CHANGE, "law/un")
    assert row.data is not None
    assert row.data["head"] == {"title": "Anonymat", "summary": "Un résumé"}
    assert (row.data["status"], row.data["conformity"], "gap" in row.data) == ("verified", "conforme", False)
    assert SAID["gap"] == "Rien après le procès", "what stands is not touched"
    untitled = only(line.replace("\nAnonymat", "\n"), there())
    assert untitled.data == row.data, "what must be there and is not said stays"
    other = only(line, there(COMMISSION_NE))
    assert (other.verdict, other.subject) == (Verdict.NEW, "")


def test_a_state_that_cannot_follow_is_said_before_anything_is_posted() -> None:
    text = "Titre;Point comparé;Pays;Conformité;État\nAnonymat;temoins/anonymat-audience;ml;partiel;Vérifié\n"
    assert only(text.replace("Vérifié", "Dépassé")).wrong[0].heading_fr == "État"
    assert (
        only(text.replace("Vérifié", "Dépassé"), there(status="proposed", states=("proposed",))).verdict
        is Verdict.CHANGE
    )
    assert only(text).verdict is Verdict.NEW


def test_two_rows_about_one_thing() -> None:
    line = "Anonymat;temoins/recours;ml;absent;;\n"
    first, second = rows(HEAD + line + line)
    assert (first.verdict, second.verdict) == (Verdict.NEW, Verdict.WRONG)
    assert "ligne 2" in second.wrong[0].fr


def test_rows_that_say_nothing_are_left_out() -> None:
    """The example, and what an export writes where nobody has assessed."""
    skipped = (
        "Ne pas importer;" + HEAD + "Exemple;Anonymat;temoins/recours;ml;absent;;\n;;temoins/mandat;ml;Non évalué;;\n"
    )
    assert {row.verdict for row in rows(skipped)} == {Verdict.EMPTY}


def test_headings_are_found_under_a_stamp_in_either_language_and_others_are_named() -> None:
    heading = find_heading(
        read_table("TLP:GREEN · Témoins\n\nPoint;Country;TLP;Conformity\na;b;c;d\n".encode()), columns_of(*KIND)
    )
    assert [column.path for column in heading.columns.values()] == ["topic", "country", "conformity"]
    assert heading.strange == ("TLP",)
    assert [line.number for line in heading.rows] == [4]
    for text in ("", "a;b\nc;d\n", "Titre\nx\n"):
        with pytest.raises(RefusedError) as refused:
            find_heading(read_table(text.encode()), columns_of(*KIND))
        assert refused.value.code.name == "refused.import.heading"


@pytest.mark.parametrize(("kind", "profile"), IMPORTABLE)
def test_every_table_has_a_template_that_reads_as_itself(kind: str, profile: str) -> None:
    """Headings that name one column each, menus that say what is read; of its rows none is a notice."""
    columns = columns_of(kind, profile)
    assert len({plain(one.fr) for one in columns}) == len({plain(one.en) for one in columns}) == len(columns)
    raw = make_template(columns, layout_of(kind, profile), READER, profile)
    heading = find_heading(read_table(raw), columns)
    assert list(heading.columns.values()) == list(columns)
    assert heading.strange == ()
    table = Table(kind, profile, HAND, READER)
    assert [row.verdict for row in table.rows(heading, ())] == [Verdict.EMPTY]
    for column in columns:
        for lang in ("fr", "en"):
            for word in READER.words(column.input, lang):
                assert READER.read(column.input, word).wrong is None, word
    assert "head.caveats" not in {one.path for one in columns}


def test_the_template_chooses_from_lists_and_helps() -> None:
    book = load_workbook(io.BytesIO(make_template(columns_of(*KIND), layout_of(*KIND), READER, "Disposition")))
    page = book["Disposition"]
    place = [cell.value for cell in page[1]].index("Pays *") + 1
    rules = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    letter = get_column_letter(place)
    (formula,) = [formula for ranges, formula in rules.items() if ranges.startswith(f"{letter}{FIRST_ROW}")]
    column = formula.split("$")[1]
    assert [cell.value for cell in book[LISTS][column]][:4] == ["Pays", "Burkina Faso", "Mali", "Niger"]
    assert [cell.value for cell in page[2]][place - 1] == "Country"
    points = next(cells for cells in book[LISTS].iter_cols(values_only=True) if cells[0] == "Point comparé")
    demands = next(cells for cells in book[LISTS].iter_cols(values_only=True) if cells[0] == DEMANDED)
    beside = dict(zip(points, demands, strict=True))
    service = str(beside["Protection des témoins et victimes – Service de protection"]).replace("\u00a0", " ")
    assert "art. 24, § 1 et 2 a – L'État protège" in service
    assert str(beside["Trafic d’armes – Registre des saisies"]).endswith(" †")
    assert "Obligatoire." in str(page.cell(1, place).comment)
    assert page.cell(3, 1).value == "Exemple"


def test_what_is_imported_and_what_is_not() -> None:
    """Not what needs a table within a cell, speaks of another notice, or must be sealed."""
    assert KIND in IMPORTABLE
    assert ("reference.sheet", "vivier") in IMPORTABLE
    for left in (("agenda.record", "releve"), ("law.item", "dossier"), ("exchange.request", "mise-en-relation")):
        assert not importable(*left)
    assert not importable("exchange.answer", "avis")
    assert {kind for kind, _ in IMPORTABLE} <= {k for k, found in catalogue().items() if not found.system}


def test_the_copy_to_mend_names_each_cell_and_reads_again() -> None:
    """Its own two columns are passed over; nothing in it is a formula."""
    heading = find_heading(read_table((HEAD + "=1+1;nulle part;Mali;absent;;\n").encode()), columns_of(*KIND))
    (row,) = TABLE.rows(heading, ())
    raw = annotate(heading.texts, [Line(2, heading.rows[0].texts)], {2: row.wrong}, ["Ligne", "À corriger"], "fr")
    page = load_workbook(io.BytesIO(raw)).worksheets[0]
    assert [cell.value for cell in page[1]] == [*heading.texts, "Ligne", "À corriger"]
    assert page["A2"].data_type == "s"
    assert page["B2"].comment.text.startswith("« nulle part »")
    assert page["B2"].fill.fgColor.rgb == "FFFBE3E1"
    assert page.cell(2, 7).value == "2"
    assert str(page.cell(2, 8).value).startswith("Point comparé : « nulle part »")
    again = find_heading(read_table(raw), columns_of(*KIND))
    assert (again.strange, len(again.columns)) == (("Ligne", "À corriger"), 6)


def test_a_word_that_is_not_in_a_list_is_told_which_is() -> None:
    columns = {column.path: column.input for column in columns_of(*KIND)}
    short, long = READER.read(columns["conformity"], "Conformme"), READER.read(columns["head.areas"], "Tilaberi")
    assert short.wrong is not None
    assert short.wrong[0].endswith(": Conforme, Partiel, Absent, Divergent, Non évalué.")
    assert long.wrong is not None
    assert long.wrong[1] == "“Tilaberi” is not in the list: Tillabéri."


@pytest.mark.parametrize("make", [to_csv, to_xlsx])
def test_an_exported_table_is_imported_as_it_is(make: Any) -> None:
    """Its stamp, its own headings, a text that begins like a formula: there already, or nothing said."""
    said = SAID | {"gap": "=rien"}
    headings = ["Point comparé", "Pays", "Conformité", "Texte", "Lacune", "Évalué le", "État", "Évalué par", "TLP"]
    first = ["Protection des témoins et victimes – Anonymat à l’audience", "Mali", "Partiel", "", "=rien", "2026-03-02"]
    empty = ["Protection des témoins et victimes – Voies de recours", "Niger", "Non évalué", *[""] * 6]
    sheet = Sheet("temoins", "TLP:GREEN · Témoins", headings, [[*first, "Vérifié", "Commission", "TLP:GREEN"], empty])
    heading = find_heading(read_table(make(sheet)), columns_of(*KIND))
    found = TABLE.rows(heading, [There(COMMISSION_NE, "law/un", said, frozenset(["verified"]))])
    assert [row.verdict for row in found] == [Verdict.SAME, Verdict.EMPTY]
    assert heading.columns[3].path == "instrument"


@pytest.mark.parametrize(
    ("kind", "profile", "path", "text", "read"),
    [
        ("reference.sheet", "vivier", "count", "1 200", "1 200"),
        ("reference.sheet", "vivier", "last_active", "01/09/2026", "2026-09"),
        ("reference.sheet", "vivier", "last_active", "2026-T3", "2026-T3"),
        ("agenda.meeting", "ordinaire", "start", "31/12/2026 9h30", "2026-12-31T09:30"),
        ("agenda.meeting", "ordinaire", "start", "2026-12-31 09:30:00", "2026-12-31T09:30"),
        ("agenda.meeting", "ordinaire", "organisers", "Comité inconnu", ""),
        ("agenda.meeting", "ordinaire", "organisers", "Commission de defense (Mali)", COMMISSION_ML),
        ("agenda.meeting", "ordinaire", "start", "31/12/2026", ""),
        ("agenda.meeting", "ordinaire", "start", "31/12/2026 25:00", ""),
        ("monitor.alert", "alerte", "credibility", "2 – Probablement vraie", "2"),
        ("monitor.alert", "alerte", "head.areas", "Gao ; ne-tillaberi", "ml-gao ne-tillaberi"),
        ("practice.note", "evaluation-besoins", "gaps", "Une | Deux", "Une Deux"),
    ],
)
def test_cells_of_each_kind(kind: str, profile: str, path: str, text: str, read: str) -> None:
    """Nothing: it cannot be read, and says why in both languages."""
    (column,) = [one for one in columns_of(kind, profile) if one.path == path]
    found = READER.read(column.input, text)
    if read:
        assert (" ".join(found.texts), found.wrong) == (read, None)
    else:
        assert found.wrong is not None
        assert all(found.wrong)


@pytest.mark.parametrize(("kind", "profile"), IMPORTABLE)
def test_the_plain_template_is_read_as_the_other(kind: str, profile: str) -> None:
    """Every column is known by its heading; the example is no row."""
    columns = columns_of(kind, profile)
    heading = find_heading(read_table(make_csv(columns, READER)), columns)
    assert tuple(heading.columns.values()) == columns
    assert heading.strange == ()
    assert [row.verdict for row in Table(kind, profile, HAND, READER).rows(heading, [])] == [Verdict.EMPTY]
