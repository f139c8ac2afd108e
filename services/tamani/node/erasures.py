"""The statements of an erasure on the outbox: keep the order, take the notice out, remember what was confirmed."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_once

from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import RefusedError
from tamani.core.log.leaf import env_of
from tamani.core.receipt import Receipt
from tamani.node import rows
from tamani.node.tables import capsule, erasure, outbox, review, spent

log = structlog.get_logger(__name__)
# The broker took each of these signs of life; over so many, an hour nearly, the region has heard one.
TELLINGS, MOST = 12, 25


def keep(connection: Connection, receipt: Receipt) -> None:
    """Keep the order of an answer, to be looked at; one that is none is passed over."""
    try:
        signed = decode_order((receipt.order or "").encode())
    except RefusedError as error:
        log.error("order unreadable", id=receipt.id, detail=error.detail)
        return
    new = insert_once(erasure).values(order_env=signed.env.hex(), document=signed.encode())
    connection.execute(new.on_conflict_do_nothing())


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Orders that were not carried out yet."""
    return connection.execute(select(erasure).where(erasure.c.erased_at.is_(None))).all()


def unscrubbed(connection: Connection) -> Sequence[str]:
    """Orders whose bytes may still lie in the file."""
    wanted = select(erasure.c.order_env).where(erasure.c.erased_at.is_not(None), ~erasure.c.scrubbed)
    return connection.execute(wanted).scalars().all()


def note_scrubbed(connection: Connection, orders: Sequence[str]) -> None:
    """The file was written anew after these."""
    connection.execute(update(erasure).where(erasure.c.order_env.in_(orders)).values(scrubbed=True))


def to_tell(connection: Connection) -> list[str]:
    """Orders that signs of life still confirm."""
    wanted = select(erasure.c.order_env).where(erasure.c.scrubbed, erasure.c.told < TELLINGS)
    return list(connection.execute(wanted.order_by(erasure.c.erased_at).limit(MOST)).scalars())


def note_told(connection: Connection, orders: Sequence[str]) -> None:
    """They were confirmed once more."""
    told = update(erasure).where(erasure.c.order_env.in_(orders)).values(told=erasure.c.told + 1)
    connection.execute(told)


def carry_out(connection: Connection, signed: SignedOrder, now: int) -> None:
    """Take the row out, its keys with it. Its id stays spent; of what was asked for then, nothing is kept."""
    order = signed.order
    row = rows.find(connection, order.source, order.id)
    _forget_review(connection, order.source, order.id)
    if row is not None and env_of(decode_envelope(row.value)).hex() == order.env:
        names = [column.name for column in spent.columns if column.name not in {"subject", "request_sha256"}]
        left = {name: getattr(row, name) for name in names} | {"state": "erased", "code": "erased"}
        connection.execute(insert(spent).prefix_with("OR REPLACE").values(left))
        connection.execute(delete(capsule).where(capsule.c.row_no == row.row_no))
        connection.execute(delete(outbox).where(outbox.c.row_no == row.row_no))
    connection.execute(update(erasure).where(erasure.c.order_env == signed.env.hex()).values(erased_at=now))


def _forget_review(connection: Connection, source: str, id_: str) -> None:
    """What two people wrote of it before it was sent, and the digest of what was asked for; who did what is kept."""
    connection.execute(delete(review).where(review.c.source == source, review.c.id == id_))
