"""The statements on what waits for a second person, and on the trail of it: plain functions on a connection."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from tamani.node.review_rules import OPEN, ReviewState
from tamani.node.rows import KEPT_MS
from tamani.node.tables import review, review_act

# Nobody has released it for so long: its words go, its author is told.
WAITS_MS = 30 * 24 * 60 * 60 * 1000
LATE = "refused.review.late"
_FIND = select(review).where(review.c.source == bindparam("source"), review.c.id == bindparam("id"))
_OVERDUE = (review.c.state.in_(sorted(OPEN)), review.c.changed_at < bindparam("before"))


def find(connection: Connection, source: str, id_: str) -> Row[Any] | None:
    """What waits, or has waited, under this id."""
    return connection.execute(_FIND, {"source": source, "id": id_}).first()


def put(connection: Connection, row: dict[str, Any]) -> None:
    """What waits now: new, or said again after it came back."""
    before = find(connection, row["source"], row["id"])
    if before is None:
        connection.execute(insert(review).values(row))
    else:
        again = {name: value for name, value in row.items() if name != "created_at"} | {"remark": None}
        connection.execute(update(review).where(review.c.review_no == before.review_no).values(again))


def move(connection: Connection, row: Row[Any], values: dict[str, Any]) -> None:
    """Another state; what is decided for good keeps no words."""
    gone = {} if values["state"] in OPEN else {"box": None}
    connection.execute(update(review).where(review.c.review_no == row.review_no).values(values | gone))


def note(connection: Connection, row: tuple[str, str], act: str, who: tuple[str, str], at: int) -> None:
    """A line of the trail: of which notice (source, id), what, by whom (account, function or token), when."""
    values = {"source": row[0], "id": row[1], "act": act, "officer": who[0], "name": who[1], "at": at}
    connection.execute(insert(review_act).values(values))


def trail(connection: Connection, source: str, id_: str) -> Sequence[Row[Any]]:
    """What was done with a notice, oldest first."""
    of = (review_act.c.source == source, review_act.c.id == id_)
    return connection.execute(select(review_act).where(*of).order_by(review_act.c.act_no)).all()


def listed(connection: Connection, source: str | None, states: Collection[str], limit: int) -> Sequence[Row[Any]]:
    """Those of a body (or of all) in these states, newest first."""
    query = select(review).where(review.c.state.in_(sorted(states))).order_by(review.c.review_no.desc()).limit(limit)
    return connection.execute(query if source is None else query.where(review.c.source == source)).all()


def waiting(connection: Connection) -> int:
    """How many wait for a second person at this node."""
    query = select(func.count()).select_from(review).where(review.c.state == ReviewState.TO_VALIDATE)
    return int(connection.execute(query).scalar_one())


def drop_old(connection: Connection, now: int) -> int:
    """What waited too long is refused for good; what was decided goes with its row of the outbox. The trail stays."""
    late = connection.execute(select(review).where(*_OVERDUE), {"before": now - WAITS_MS}).all()
    for row in late:
        move(connection, row, {"state": ReviewState.REFUSED, "code": LATE, "changed_at": now})
        note(connection, (row.source, row.id), "late", ("", ""), now)
    old = (review.c.state.not_in(sorted(OPEN)), review.c.changed_at < now - KEPT_MS)
    return len(late) + connection.execute(delete(review).where(*old)).rowcount
