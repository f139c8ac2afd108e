"""Sequence numbers: one series per key and lane, from 1, given in the transaction that stores the row.

A node restored from an old copy learns from receipts how far it had come, and goes on from there.
"""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from tamani.core.names import Lane
from tamani.node.tables import counter

_KEYS = ["keyid", "lane"]
_FIRST = insert(counter).values(keyid=bindparam("keyid"), lane=bindparam("lane"), last=1)
_NEXT = _FIRST.on_conflict_do_update(index_elements=_KEYS, set_={"last": counter.c.last + 1}).returning(counter.c.last)
_SEEN = insert(counter)
_LEARN = _SEEN.on_conflict_do_update(
    index_elements=_KEYS, set_={"last": _SEEN.excluded.last}, where=counter.c.last < _SEEN.excluded.last
)


def next_sequence(connection: Connection, keyid: str, lane: Lane) -> int:
    """The next number, taken: a rolled-back transaction gives it back."""
    value: int = connection.execute(_NEXT, {"keyid": keyid, "lane": lane.value}).scalar_one()
    return value


def last_sequence(connection: Connection, keyid: str, lane: Lane) -> int:
    """The last number given; 0 before the first."""
    found = connection.execute(select(counter.c.last).where(counter.c.keyid == keyid, counter.c.lane == lane))
    value: int | None = found.scalar_one_or_none()
    return value or 0


def learn_sequence(connection: Connection, keyid: str, lane: Lane, seen: int) -> None:
    """The region has seen this number of ours: never give it again."""
    connection.execute(_LEARN, {"keyid": keyid, "lane": lane.value, "last": seen})
