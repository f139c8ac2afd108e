"""Rows for PostgreSQL's binary COPY (its documentation, "COPY", file formats), made by hand.

psycopg adapts each value by its type at run time; a notice has seventy values, and their types are known.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Any

from psycopg import AsyncConnection

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTH, _COUNT = Struct(">i").pack, Struct(">h").pack
_INT2, _INT4, _INT8 = Struct(">ih").pack, Struct(">ii").pack, Struct(">iq").pack
NULL = _LENGTH(-1)
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = _COUNT(-1)
Encode = Callable[[Any], bytes]


def _raw(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _text(value: str) -> bytes:
    return _raw(value.encode())


@lru_cache(1024)
def _micros(value: datetime) -> int:
    return (value - _EPOCH) // timedelta(microseconds=1)


@lru_cache(1024)
def _instant(value: datetime) -> bytes:
    return _INT8(8, _micros(value))


ENCODERS: dict[str, Encode] = {
    "int2": lambda value: _INT2(2, value),
    "int4": lambda value: _INT4(4, value),
    "int8": lambda value: _INT8(8, value),
    "text": _text,
    "bytea": _raw,
    "uuid": _raw,  # its 16 bytes
    "timestamptz": _instant,
}


class Table:
    """A table that rows are copied into: its columns, and for each how its values are written.

    `whole` writes a row of exactly these columns in one go, for a table where that pays.
    """

    def __init__(self, name: str, columns: dict[str, str], whole: Encode | None = None) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        self.command = f"COPY {name} ({names}) FROM STDIN (FORMAT BINARY)"
        self._encoders = [ENCODERS[kind] for kind in columns.values()]
        self._count = _COUNT(len(columns))
        self.encode_row = whole or self.by_columns

    def by_columns(self, row: Sequence[Any]) -> bytes:
        """One row, value by value."""
        values = [NULL if v is None else encode(v) for encode, v in zip(self._encoders, row, strict=True)]
        return self._count + b"".join(values)

    def encode(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """The whole stream of a COPY."""
        return b"".join((HEADER, *map(self.encode_row, rows), TRAILER))


_FEED = Struct(">hi2siqiqiq").pack


def feed_row(row: Sequence[Any]) -> bytes:
    """A row of `feed_entry`, of which a notice has up to four."""
    cc, feed_index, epoch, log_index, mark, prev, recorded = row
    numbers = _FEED(7, 2, cc.encode(), 8, feed_index, 8, epoch, 8, log_index)
    return numbers + (NULL if mark is None else _text(mark)) + _raw(prev) + _instant(recorded)


_LEAF = Struct(">hiq").pack
_HASHED = Struct(">i32siqiqi32s").pack


def leaf_row(row: Sequence[Any]) -> bytes:
    """A row of `log_leaf`, of which each notice has one."""
    leaf_index, kind, env, reg, recorded, hash_, log_index = row
    rest = NULL if log_index is None else _INT8(8, log_index)
    return _LEAF(7, 8, leaf_index) + _text(kind) + _HASHED(32, env, 8, reg, 8, _micros(recorded), 32, hash_) + rest


async def copy(connection: AsyncConnection[Any], table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Copy rows into a table, within the connection's transaction."""
    if not rows:
        return
    async with connection.cursor() as cursor, cursor.copy(table.command) as sink:
        await sink.write(table.encode(rows))
