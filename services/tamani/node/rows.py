"""The statements on the outbox table: plain functions on a connection, so that several share one transaction.

A row lives so: queued → sent (the broker has acknowledged) → closed (a receipt has come). Sent rows whose receipt is
late are queued again; so are the later open rows of the same thread, or a repeat would overtake them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, or_, select, update

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.names import Lane
from tamani.node import capsules
from tamani.node.capsules import Capsule
from tamani.node.tables import outbox, spent

FIRST_REPEAT_MS = 10 * 60 * 1000
LONGEST_REPEAT_MS = 6 * 60 * 60 * 1000
KEPT_MS = 90 * 24 * 60 * 60 * 1000
OPEN = outbox.c.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Queued:
    """A row to be produced, and before it its capsules, if it is sealed."""

    row_no: int
    part_key: bytes
    value: bytes
    attempts: int
    capsules: tuple[Capsule, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the broker put a row."""

    row_no: int
    attempts: int
    partition: int
    offset: int


# Written once: building a statement costs more than running it.
_FIND = select(outbox).where(outbox.c.source == bindparam("source"), outbox.c.id == bindparam("id"))
_FIND_VALUE = select(outbox).where(
    outbox.c.source == bindparam("source"), outbox.c.value_sha256 == bindparam("value_sha256")
)
_FIND_SPENT = select(spent).where(spent.c.source == bindparam("source"), spent.c.id == bindparam("id"))
_STANDING = (outbox.c.part_key == bindparam("part_key"), outbox.c.state != "refused")
_THREAD = select(outbox).where(*_STANDING).order_by(outbox.c.row_no)
_AGAINST = select(outbox.c.row_no).where(*_STANDING, or_(outbox.c.cancels, outbox.c.type != bindparam("type"))).limit(1)
_ADD = insert(outbox).returning(outbox.c.row_no)
_QUEUED = (
    select(outbox.c.row_no, outbox.c.part_key, outbox.c.value, outbox.c.attempts, outbox.c.type)
    .where(outbox.c.lane == bindparam("lane"), outbox.c.queued)
    .order_by(outbox.c.row_no)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(outbox.c.due_at)).where(outbox.c.lane == bindparam("lane"), outbox.c.due_at.is_not(None))


def find(connection: Connection, source: str, id_: str) -> Row[Any] | None:
    """The row of a notice."""
    return connection.execute(_FIND, {"source": source, "id": id_}).first()


def find_value(connection: Connection, source: str, value_sha256: str) -> Row[Any] | None:
    """The row that holds exactly this value."""
    return connection.execute(_FIND_VALUE, {"source": source, "value_sha256": value_sha256}).first()


def thread(connection: Connection, part_key: bytes) -> Sequence[Row[Any]]:
    """What this node has said in a thread and was not refused, oldest first."""
    return connection.execute(_THREAD, {"part_key": part_key}).all()


def thread_is_plain(connection: Connection, part_key: bytes, type_: str) -> bool:
    """Whether nothing in a thread can stand against another notice of this type: the quick answer, most of the time."""
    return connection.execute(_AGAINST, {"part_key": part_key, "type": type_}).first() is None


def find_spent(connection: Connection, source: str, id_: str) -> Row[Any] | None:
    """What is left of a notice whose row is gone."""
    return connection.execute(_FIND_SPENT, {"source": source, "id": id_}).first()


def add(connection: Connection, row: dict[str, Any]) -> int:
    """A new row, waiting; its number."""
    number: int = connection.execute(_ADD, {"state": "waiting", "queued": True, **row}).scalar_one()
    return number


def any_queued(connection: Connection) -> bool:
    """Whether a notice waits to be sent, on either lane."""
    return connection.execute(select(outbox.c.row_no).where(outbox.c.queued).limit(1)).first() is not None


def queued(connection: Connection, lane: Lane, most_bytes: int, most_rows: int = 256) -> list[Queued]:
    """The next rows to produce on this lane, in outbox order: at least one if there is one, else within the bytes."""
    rows = connection.execute(_QUEUED, {"lane": lane.value, "most": most_rows})
    taken: list[Queued] = []
    sealed: list[int] = []
    size = 0
    for row in rows:
        size += len(row.value)
        if taken and size > most_bytes:
            break
        taken.append(Queued(row.row_no, row.part_key, row.value, row.attempts))
        if row.type == SEALED.name:
            sealed.append(row.row_no)
    return _with_capsules(connection, taken, sealed) if sealed else taken


def _with_capsules(connection: Connection, taken: list[Queued], sealed: list[int]) -> list[Queued]:
    found = capsules.of_rows(connection, sealed)
    return [replace(row, capsules=found.get(row.row_no, ())) for row in taken]


def mark_sent(connection: Connection, rows: Sequence[Sent], cluster: str, now: int) -> None:
    """The broker has these; a receipt that was faster than this note is left as it is."""
    if not rows:
        return
    connection.execute(_MARK_SENT, [_sent_values(row, cluster, now) for row in rows])


_MARK_SENT = (
    update(outbox)
    .where(outbox.c.row_no == bindparam("row"))
    .values(
        queued=False,
        attempts=bindparam("tries"),
        sent_at=func.coalesce(outbox.c.sent_at, bindparam("now")),
        due_at=case((OPEN, bindparam("due")), else_=None),
        state=case((outbox.c.state == "waiting", "sent"), else_=outbox.c.state),
        cluster=bindparam("at_cluster"),
        partition=bindparam("in_partition"),
        offset=bindparam("at_offset"),
    )
)


def _sent_values(row: Sent, cluster: str, now: int) -> dict[str, Any]:
    tries = row.attempts + 1
    return {
        "row": row.row_no,
        "tries": tries,
        "now": now,
        "due": now + repeat_after(tries),
        "at_cluster": cluster,
        "in_partition": row.partition,
        "at_offset": row.offset,
    }


def repeat_after(attempts: int) -> int:
    """How long to wait for a receipt after this many sendings, in ms: ten minutes, doubling to six hours."""
    return min(FIRST_REPEAT_MS << min(attempts - 1, 10), LONGEST_REPEAT_MS)


def next_due(connection: Connection, lane: Lane) -> int | None:
    """When the next row without a receipt must be produced again."""
    value: int | None = connection.execute(_NEXT_DUE, {"lane": lane.value}).scalar_one()
    return value


def queue_due(connection: Connection, lane: Lane, now: int) -> int:
    """Queue again what has waited too long for its receipt, each with the later open rows of its thread."""
    threads = connection.execute(
        select(outbox.c.part_key, func.min(outbox.c.row_no))
        .where(outbox.c.lane == lane, outbox.c.due_at <= now)
        .group_by(outbox.c.part_key)
    ).all()
    return sum(_queue_thread(connection, lane, key, first) for key, first in threads)


def _queue_thread(connection: Connection, lane: Lane, part_key: bytes, first_row: int) -> int:
    later = (outbox.c.part_key == part_key, outbox.c.row_no >= first_row, outbox.c.lane == lane, OPEN)
    return connection.execute(update(outbox).where(*later).values(queued=True, due_at=None)).rowcount


def queue_lost(connection: Connection, lane: Lane, cluster: str) -> int:
    """The broker of this name is not the one that took these rows: queue every open one of them again."""
    strangers = (outbox.c.lane == lane, OPEN, outbox.c.cluster.is_not(None), outbox.c.cluster != cluster)
    return connection.execute(update(outbox).where(*strangers).values(queued=True, due_at=None)).rowcount


def queue_again(connection: Connection, row_nos: Iterable[int]) -> int:
    """An operator wants these sent again, closed ones too: each is open until it is answered anew."""
    count = 0
    for row_no in sorted(row_nos):
        row = connection.execute(select(outbox).where(outbox.c.row_no == row_no)).one()
        connection.execute(update(outbox).where(outbox.c.row_no == row_no).values(**_REOPENED))
        count += max(1, _queue_thread(connection, Lane(row.lane), row.part_key, row_no))
    return count


_REOPENED: dict[str, Any] = {
    "queued": True,
    "state": "waiting",
    "due_at": None,
    "closed_at": None,
    **dict.fromkeys(("verdict", "code", "detail", "epoch", "log_index", "answered_at")),
    **dict.fromkeys(("promise", "leaf_index", "log_state", "log_size")),
}


def drop_old(connection: Connection, now: int) -> int:
    """Closed rows past their ninety days: their bytes go, their id stays spent."""
    old = (outbox.c.closed_at.is_not(None), outbox.c.closed_at < now - KEPT_MS, outbox.c.queued.is_(False))
    kept = [column.name for column in spent.columns]
    gone = select(*(outbox.c[name] for name in kept)).where(*old)
    connection.execute(insert(spent).prefix_with("OR REPLACE").from_select(kept, gone))
    dropped = connection.execute(delete(outbox).where(*old)).rowcount
    capsules.drop_orphans(connection)
    return dropped


def page(connection: Connection, source: str, state: str | None, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Notices of one body, newest first, below a row number."""
    wanted = select(outbox).where(outbox.c.source == source).order_by(outbox.c.row_no.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(outbox.c.row_no < before)
    if state is not None:
        wanted = wanted.where(OPEN if state == "open" else outbox.c.state == state)
    return connection.execute(wanted).all()
