"""What a receipt changes in the outbox: a function of the *set* of receipts, never of their order or number.

A row is found by the SHA-256 of its value alone. Of several answers one that closes counts before one that does not, a
refusal that nobody signed after all others, then the one of the newest ledger history (`epoch`), and within it archived
before refused: so a late, repeated or invented answer changes nothing, and a restored ledger brings its new index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from tamani.core.names import Lane
from tamani.core.receipt import Receipt
from tamani.node import elsewhere, erasures
from tamani.node.counters import learn_sequence
from tamani.node.tables import outbox, spent
from tamani.node.tables import position as positions

# What an answer makes of a row: nothing (we failed; it will be sent again), refused, or archived.
_STATE: dict[str, str | None] = {
    "held": None,
    "refused": "refused",
    "equivocation": "refused",
    "archived": "archived",
    "duplicate": "archived",
}
# Of the receipts at hand those that the log's key signed, each as it came; None: no key of the log is known here.
Promises = Mapping[Receipt, bytes] | None
_RANK = {None: 0, "refused": 1, "archived": 2}


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far a receipts topic has been read."""

    cluster: str
    topic: str
    partition: int
    next_offset: int


_COLUMNS = ("row_no", "verdict", "epoch", "log_index", "code", "closed_at", "promise")
_ABOUT = select(*(outbox.c[name] for name in _COLUMNS)).where(outbox.c.value_sha256 == bindparam("value_sha256"))
_SET = update(outbox).where(outbox.c.row_no == bindparam("row"))


def position(connection: Connection, cluster: str, topic: str, partition: int) -> int | None:
    """The next offset to read, if this topic of this cluster was read before."""
    keys = (positions.c.cluster == cluster, positions.c.topic == topic, positions.c.partition == partition)
    value: int | None = connection.execute(select(positions.c.next_offset).where(*keys)).scalar_one_or_none()
    return value


def apply(
    connection: Connection,
    receipts: list[Receipt],
    ours: frozenset[str],
    read_to: ReadTo,
    now: int,
    *,
    promises: Promises = None,
) -> list[str]:
    """Apply each receipt, then move the position. Returns the verdicts of those that were about a row of ours."""
    touched: list[str] = [
        receipt.verdict for receipt in receipts if _apply_one(connection, receipt, ours, now, promises)
    ]
    _move(connection, read_to)
    return touched


def _apply_one(connection: Connection, receipt: Receipt, ours: frozenset[str], now: int, promises: Promises) -> bool:
    row = connection.execute(_ABOUT, {"value_sha256": receipt.value_sha256}).first()
    if receipt.verdict == "erased":
        erasures.keep(connection, receipt)
        return row is not None
    if row is not None:
        _answer(connection, row, receipt, now, promises)
    # The last five fields are the region's word that the signature held; other nodes' keys are not our business.
    if receipt.keyid in ours:
        _learn(connection, receipt)
        if row is None and _is_unknown(connection, receipt):
            _meet_unknown(connection, receipt, now, signed=promises is None or receipt in promises)
    return row is not None


def _answer(connection: Connection, row: Row[Any], receipt: Receipt, now: int, promises: Promises) -> None:
    state, values = _STATE[receipt.verdict], _facts(receipt)
    values["promise"] = None if promises is None else promises.get(receipt)
    checked = promises is not None
    if row.verdict is not None and _weight(values, checked) <= _weight(row._asdict(), checked):
        return
    values |= {"leaf_index": receipt.leaf_index, "log_state": None, "log_size": None}
    if state is not None:
        values |= {"state": state, "queued": False, "due_at": None, "closed_at": row.closed_at or now}
    connection.execute(_SET, values | {"row": row.row_no})


def _weight(facts: dict[str, Any], checked: bool) -> tuple[bool, bool, int, int, int, str, bool]:
    """What counts more is greater."""
    state, signed = _STATE[facts["verdict"]], facts["promise"] is not None
    index = -1 if facts["log_index"] is None else facts["log_index"]
    borne_out = not checked or _borne_out(facts["verdict"], signed)
    return state is not None, borne_out, facts["epoch"], _RANK[state], index, facts["code"], signed


def _borne_out(verdict: str, signed: bool) -> bool:
    """The router signs nothing: whoever can write its answers can invent a refusal."""
    return signed or verdict != "refused"


def _facts(receipt: Receipt) -> dict[str, Any]:
    """For the poster a duplicate is archived: the same notice, once."""
    same = receipt.verdict == "duplicate"
    return {
        "verdict": "archived" if same else receipt.verdict,
        "code": "archived" if same else receipt.code,
        "detail": receipt.detail or None,
        "epoch": receipt.epoch,
        "log_index": receipt.log_index,
        "answered_at": receipt.at,
    }


def _learn(connection: Connection, receipt: Receipt) -> None:
    """How far our numbers went: the region knows, and this file may have forgotten."""
    if receipt.keyid and receipt.lane and receipt.sequence:
        learn_sequence(connection, receipt.keyid, Lane(receipt.lane), int(receipt.sequence))


def _meet_unknown(connection: Connection, receipt: Receipt, now: int, *, signed: bool) -> None:
    """A file that may have forgotten takes the id for spent, whoever says so; one that knows all believes the archive.

    An answer that anybody could have written must not make known what the archive's own answer would accuse.
    """
    if signed:
        elsewhere.note(connection, receipt, now)
    if signed or not elsewhere.is_whole(connection):
        _note_spent(connection, receipt)


def _is_unknown(connection: Connection, receipt: Receipt) -> bool:
    """Whether it answers for a notice in the ledger that the outbox does not hold; a sign of life is in none."""
    if receipt.log_index is None or _STATE[receipt.verdict] != "archived" or not receipt.source or not receipt.id:
        return False
    taken = select(outbox.c.row_no).where(outbox.c.source == receipt.source, outbox.c.id == receipt.id)
    return connection.execute(taken).first() is None


def _note_spent(connection: Connection, receipt: Receipt) -> None:
    ledger = {"epoch": receipt.epoch, "log_index": receipt.log_index, "answered_at": receipt.at}
    new = insert(spent).values(
        source=receipt.source,
        id=receipt.id,
        sequence=int(receipt.sequence or 0),
        state="archived",
        code="archived",
        **ledger,
    )
    newer = spent.c.epoch < receipt.epoch
    connection.execute(new.on_conflict_do_update(index_elements=["source", "id"], set_=ledger, where=newer))


def _move(connection: Connection, read_to: ReadTo) -> None:
    new = insert(positions).values(
        cluster=read_to.cluster,
        topic=read_to.topic,
        partition=read_to.partition,
        next_offset=read_to.next_offset,
    )
    keys = ["cluster", "topic", "partition"]
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_={"next_offset": read_to.next_offset}))
