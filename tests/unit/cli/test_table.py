"""What the rows of a file say and under which ids, without a node (`component/node/test_commands.py` posts them)."""

from uuid import RFC_4122, UUID

import pytest

from tamani.cli.table import Asked, ident_of, rows_of
from tamani.core.errors import RefusedError
from tests.support.notices import COMMISSION_ML, registry

PROVISIONS = Asked("law.provision", "disposition", COMMISSION_ML, "GREEN", "fr", ())
HEADINGS = "Titre;Point comparé;Pays;Conformité\n"


def test_the_ids_of_a_file_are_its_own() -> None:
    """UUIDv7 (RFC 9562), by bytes and row."""
    ids = [ident_of(raw, row) for raw in (b"a", b"b") for row in (2, 3)]
    assert len(set(ids)) == 4
    assert {UUID(one).version for one in ids} == {7}
    assert {UUID(one).variant for one in ids} == {RFC_4122}
    assert ids[0] == ident_of(b"a", 2)


def test_rows_are_read_as_the_page_reads_them() -> None:
    """In words; one that says nothing is left out."""
    (row,) = rows_of(f"{HEADINGS};temoins/recours;Mali;Absent\n;;;\n".encode(), PROVISIONS, registry())
    assert (row.number, row.data and row.data["conformity"], row.wrong) == (2, "absent", ())


@pytest.mark.parametrize(
    ("text", "profile", "code"),
    [
        ("rien\n", "disposition", "refused.import.heading"),
        (HEADINGS, "disposition", "refused.import.empty"),
        (HEADINGS, "inconnu", "refused.profile"),
    ],
)
def test_what_is_no_table_of_ours_is_refused(text: str, profile: str, code: str) -> None:
    asked = Asked("law.provision", profile, COMMISSION_ML, "GREEN", "fr", ())
    with pytest.raises(RefusedError, match=code):
        rows_of(text.encode(), asked, registry())
