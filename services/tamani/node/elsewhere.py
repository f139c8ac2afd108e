"""What a key of ours has said though this node never sealed it: then the key is somewhere else, too.

The region's answers reach the whole country. A notice archived under one of our keys that stands neither in the outbox
nor among the spent ids was said by whoever else has that key, or by this node before its file was lost. So a new or a
restored file first reads the answers to their end, and judges only those that come after.
"""

from collections.abc import Collection, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from tamani.core.codes import code
from tamani.core.receipt import Receipt
from tamani.node.rows import find_spent
from tamani.node.tables import elsewhere, whole

log = structlog.get_logger(__name__)
ALARM = "failed.key.elsewhere"


def begin(connection: Connection) -> None:
    """From now on this file knows all that our keys have said."""
    connection.execute(insert(whole).values(one=1).on_conflict_do_nothing())


def doubt(connection: Connection) -> None:
    """The file was restored from a copy: what it does not know it may have forgotten."""
    connection.execute(delete(whole))


def is_whole(connection: Connection) -> bool:
    """Whether what this file does not know was not said here."""
    return connection.execute(select(whole.c.one)).first() is not None


def note(connection: Connection, receipt: Receipt, now: int) -> None:
    """Keep an archived notice of ours that is not in the outbox, unless it may have been forgotten or is known."""
    if receipt.source is None or receipt.id is None or not is_whole(connection):
        return
    if find_spent(connection, receipt.source, receipt.id) is not None:
        return
    facts = {"source": receipt.source, "id": receipt.id, "keyid": receipt.keyid, "log_index": receipt.log_index}
    new = insert(elsewhere).values(**facts, answered_at=receipt.at, found_at=now).on_conflict_do_nothing()
    if connection.execute(new).rowcount:
        log.critical("a key speaks elsewhere", id=receipt.id, key=receipt.keyid, code=ALARM, what=code(ALARM).fr)


def listed(connection: Connection, source: str, limit: int) -> Sequence[Row[Any]]:
    """The latest of one body."""
    mine = select(elsewhere).where(elsewhere.c.source == source)
    return connection.execute(mine.order_by(elsewhere.c.found_at.desc(), elsewhere.c.id).limit(limit)).all()


def count(connection: Connection, keyids: Collection[str]) -> int:
    """How many were said under these keys, by whichever body of this node."""
    named = select(func.count()).select_from(elsewhere).where(elsewhere.c.keyid.in_(keyids))
    return connection.execute(named).scalar_one()
