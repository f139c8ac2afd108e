"""The keys of sealed notices in the outbox's file: stored with their notice, sent before it, sent again with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from tamani.core.names import Country
from tamani.node.tables import capsule, outbox

# How long the region keeps a capsule for those who have not yet fetched it (schemas/topics.yaml).
HANDED_OUT_MS = 35 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Capsule:
    """A file for the readers of one origin, and the digest of the event that names it: its key on the topic."""

    row_no: int
    origin: Country
    digest: bytes
    value: bytes


_FIELDS = (capsule.c.row_no, capsule.c.origin, outbox.c.digest, capsule.c.value)
_JOINED = capsule.join(outbox, outbox.c.row_no == capsule.c.row_no)


def add(connection: Connection, row_no: int, made: Mapping[Country, bytes]) -> None:
    """Keep the capsules of a notice, in the transaction that stores it."""
    for origin, value in made.items():
        connection.execute(insert(capsule).values(row_no=row_no, origin=origin.value, value=value))


def of_rows(connection: Connection, row_nos: Collection[int]) -> dict[int, tuple[Capsule, ...]]:
    """The capsules of these notices, by row."""
    found: dict[int, tuple[Capsule, ...]] = {}
    query = select(*_FIELDS).select_from(_JOINED).where(capsule.c.row_no.in_(row_nos)).order_by(capsule.c.origin)
    for one in map(_capsule, connection.execute(query)):
        found[one.row_no] = (*found.get(one.row_no, ()), one)
    return found


def lost(connection: Connection, cluster: str, now: int) -> Sequence[Capsule]:
    """Those of answered notices that another cluster took and this one has not: it lost them, the answer remains."""
    closed = (outbox.c.closed_at.is_not(None), outbox.c.created_at > now - HANDED_OUT_MS)
    elsewhere = func.coalesce(capsule.c.cluster, outbox.c.cluster) != cluster
    query = select(*_FIELDS).select_from(_JOINED).where(*closed, elsewhere).order_by(capsule.c.row_no)
    return [_capsule(row) for row in connection.execute(query)]


def mark(connection: Connection, sent: Capsule, cluster: str) -> None:
    """This cluster has it now."""
    this = (capsule.c.row_no == sent.row_no, capsule.c.origin == sent.origin.value)
    connection.execute(update(capsule).where(*this).values(cluster=cluster))


def erase(connection: Connection, source: str, id_: str) -> int:
    """Forget the keys of a notice: its row stays, nobody can be sent them again. How many there were."""
    row = select(outbox.c.row_no).where(outbox.c.source == source, outbox.c.id == id_)
    return connection.execute(delete(capsule).where(capsule.c.row_no.in_(row))).rowcount


def drop_orphans(connection: Connection) -> None:
    """Forget the capsules of rows that are gone."""
    connection.execute(delete(capsule).where(capsule.c.row_no.not_in(select(outbox.c.row_no))))


def _capsule(row: Any) -> Capsule:
    return Capsule(row.row_no, Country(row.origin), bytes.fromhex(row.digest), row.value)
