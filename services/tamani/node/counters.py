"""Sequence numbers: one series per key and lane, from 1, given in the transaction that stores the row.

A node restored from an old copy learns from receipts how far it had come, and goes on from there.
"""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from tamani.core.names import Lane
from tamani.node.tables import counter


def next_sequence(connection: Connection, keyid: str, lane: Lane) -> int:
    """The next number, taken: a rolled-back transaction gives it back."""
    first = insert(counter).values(keyid=keyid, lane=lane, last=1)
    taken = first.on_conflict_do_update(index_elements=["keyid", "lane"], set_={"last": counter.c.last + 1})
    value: int = connection.execute(taken.returning(counter.c.last)).scalar_one()
    return value


def last_sequence(connection: Connection, keyid: str, lane: Lane) -> int:
    """The last number given; 0 before the first."""
    found = connection.execute(select(counter.c.last).where(counter.c.keyid == keyid, counter.c.lane == lane))
    value: int | None = found.scalar_one_or_none()
    return value or 0


def learn_sequence(connection: Connection, keyid: str, lane: Lane, seen: int) -> None:
    """The region has seen this number of ours: never give it again."""
    new = insert(counter).values(keyid=keyid, lane=lane, last=seen)
    connection.execute(
        new.on_conflict_do_update(index_elements=["keyid", "lane"], set_={"last": seen}, where=counter.c.last < seen)
    )
