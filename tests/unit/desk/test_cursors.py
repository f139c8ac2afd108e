"""A cursor is read as it was written, and nothing else is one."""

import pytest

from tamani.core.errors import RefusedError
from tamani.desk.cursors import Cursor


@pytest.mark.parametrize("text", ["2.17", "1.0", "999999999.999999999999999999"])
def test_it_reads_what_it_writes(text: str) -> None:
    """Edition and number survive."""
    assert str(Cursor.read(text)) == text


def test_a_bare_number_is_of_today() -> None:
    """`17` needs no edition; nothing at all is the beginning."""
    assert Cursor.read("17") == Cursor(17, 0)
    assert Cursor.read(None) == Cursor.read("") == Cursor(0, 0)


@pytest.mark.parametrize("text", ["x", "-1", "1.", ".1", "1.2.3", "1e3", " 1", "٣", "9" * 19])
def test_anything_else_is_refused(text: str) -> None:
    """With the code for a bad reading position."""
    with pytest.raises(RefusedError) as error:
        Cursor.read(text)
    assert error.value.code.name == "refused.cursor"
