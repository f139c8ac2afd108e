"""The outbox as an operator looks at it, across all bodies of the node."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from tamani.node import review_rows
from tamani.node.review_rules import UNSEALED
from tamani.node.rows import OPEN
from tamani.node.tables import outbox


def newest(connection: Connection, state: str | None, limit: int) -> Sequence[Row[Any]]:
    """The newest rows, of one state (or `open`) if it is given."""
    query = select(outbox).order_by(outbox.c.row_no.desc()).limit(limit)
    if state is not None:
        query = query.where(OPEN if state == "open" else outbox.c.state == state)
    return connection.execute(query).all()


def unsealed(connection: Connection, state: str | None, limit: int) -> Sequence[Row[Any]]:
    """What was never sealed: it waits for a second person, came back to its author, or was refused by its body."""
    return review_rows.listed(connection, None, UNSEALED if state is None else UNSEALED & {state}, limit)


def wanted(connection: Connection, ids: list[str], every_open: bool, since: int | None) -> Sequence[Row[Any]]:
    """The rows that are meant: by id, all open ones, all since a moment (ms); oldest first."""
    meant: list[ColumnElement[bool]] = [outbox.c.id.in_(ids)]
    if every_open:
        meant.append(OPEN)
    if since is not None:
        meant.append(outbox.c.created_at >= since)
    return connection.execute(select(outbox).where(or_(*meant)).order_by(outbox.c.row_no)).all()
