"""Rows as PostgreSQL's binary COPY wants them; a real server reads them in the component tests."""

from datetime import UTC, datetime

import pytest

from tamani.archive.binary_copy import HEADER, NULL, TRAILER, Table, feed_row, leaf_row
from tamani.archive.tables import FEED, LEAVES
from tests.support.region import NOW


def test_a_stream_begins_and_ends_as_the_format_says() -> None:
    """Signature, flags, no extension; then minus one."""
    table = Table("t", {"a": "int2", "b": "text"})

    assert table.encode([]) == HEADER + TRAILER
    assert HEADER[:11] == b"PGCOPY\n\xff\r\n\0"
    assert TRAILER == b"\xff\xff"


def test_each_value_has_its_length_before_it_and_null_has_none() -> None:
    """Numbers in network order, text in UTF-8."""
    table = Table("t", {"a": "int2", "b": "text", "c": "bytea"})

    assert table.by_columns((258, "é", None)) == b"\0\3" + b"\0\0\0\2\1\2" + b"\0\0\0\2\xc3\xa9" + NULL


@pytest.mark.parametrize(
    ("instant", "microseconds"),
    [(datetime(2000, 1, 1, tzinfo=UTC), 0), (datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), -1_000_000)],
)
def test_an_instant_is_counted_from_the_year_2000(instant: datetime, microseconds: int) -> None:
    """In microseconds, before it too."""
    written = Table("t", {"a": "timestamptz"}).by_columns((instant,))

    assert int.from_bytes(written[6:], "big", signed=True) == microseconds


@pytest.mark.parametrize("mark", [None, "contested"])
def test_the_short_way_of_a_feed_row_writes_the_same_bytes(mark: str | None) -> None:
    """It is only faster."""
    row = ("ml", 2**40, 3, 7, mark, b"\1" * 32, NOW)

    assert feed_row(row) == FEED.by_columns(row)


@pytest.mark.parametrize("log_index", [None, 0, 2**40])
def test_the_short_way_of_a_leaf_writes_the_same_bytes(log_index: int | None) -> None:
    """It is only faster."""
    row = (2**40, "equivocation", b"\1" * 32, 3, NOW, b"\2" * 32, log_index)

    assert leaf_row(row) == LEAVES.by_columns(row)


def test_a_row_with_a_value_too_many_is_an_error() -> None:
    """Never a shifted column."""
    with pytest.raises(ValueError, match="longer"):
        Table("t", {"a": "int2"}).by_columns((1, 2))
