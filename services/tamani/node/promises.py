"""What the region has promised of our notices, and what of it is in the log: statements on the outbox, and the rule.

A signed receipt says "archived, entry N". Whether that entry is there, and is ours, is looked up later; the answer is
kept in the row with the checkpoint that it was proved under.
"""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.log.leaf import EVENT, Leaf, env_of
from tamani.core.log.merkle import leaf_hash, verify_inclusion
from tamani.core.log.policy import Seen
from tamani.node.tables import UNPROVED, log_checkpoint, outbox

# Under a checkpoint that the log signed; under one that enough witnesses saw; promised and not there; there, but not
# where it was promised.
INCLUDED, ATTESTED, MISSING, OTHERWISE = "included", "attested", "missing", "otherwise"
ALARMS = {MISSING: "failed.log.missing", OTHERWISE: "failed.log.otherwise"}
_COLUMNS = ("row_no", "id", "value", "promise", "leaf_index", "log_state", "closed_at")
_PAGE = (
    select(*(outbox.c[name] for name in _COLUMNS))
    .where(text(UNPROVED), outbox.c.row_no > bindparam("after"))
    .order_by(outbox.c.row_no)
    .limit(bindparam("most"))
)
_BY_THE_LOG = _PAGE.where(outbox.c.log_state == INCLUDED)
_BY_NOBODY = _PAGE.where(outbox.c.log_state.is_distinct_from(INCLUDED))
_SET = (
    update(outbox)
    .where(outbox.c.row_no == bindparam("row"))
    .values(log_state=bindparam("standing"), log_size=bindparam("under"))
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows as the proof of an entry; nobody believes it yet."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]

    @classmethod
    def parse(cls, found: Any) -> "Shown | None":
        """From a member of `proofs`; nothing for null, or for what is no proof."""
        match found:
            case {"index": int(index), "entry": str(entry), "path": [*path]} if all(isinstance(p, str) for p in path):
                try:
                    return cls(index, entry.encode(), tuple(map(_raw, path)))
                except ValueError:
                    return None
        return None

    def holds(self, env: bytes, seen: Seen) -> bool:
        """Whether this proves that the notice's own entry is in the tree of this checkpoint."""
        try:
            leaf = Leaf.parse(self.entry)
        except RefusedError:
            return False
        tree = seen.checkpoint
        ours = (leaf.env, leaf.kind) == (env, EVENT)
        return ours and verify_inclusion(self.index, tree.size, leaf_hash(self.entry), self.path, tree.root)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at the log changes in a row."""

    row: int
    id: str
    state: str
    size: int | None


def env_of_row(row: Row[Any]) -> bytes:
    """The name of a notice's entry."""
    return env_of(decode_envelope(row.value))


def proved(row: Row[Any], shown: Shown | None, seen: Seen) -> Finding | None:
    """What a proof says of a notice that was archived; nothing if it is none."""
    if shown is None or not shown.holds(env_of_row(row), seen):
        return None
    state = ATTESTED if seen.attested else INCLUDED
    if row.promise is not None and row.leaf_index not in {None, shown.index}:
        state = OTHERWISE
    return Finding(row.row_no, row.id, state, seen.checkpoint.size)


def overdue(row: Row[Any], now: int, deadline: int) -> Finding | None:
    """What it says that nobody could prove a notice: nothing yet, unless its promise is older than `deadline` ms."""
    late = row.promise is not None and row.closed_at is not None and now - row.closed_at > deadline
    return Finding(row.row_no, row.id, MISSING, None) if late else None


def page(connection: Connection, after: int, most: int, *, shown: bool = False) -> Sequence[Row[Any]]:
    """Archived notices that nobody has proved yet, or (`shown`) the log alone; oldest first."""
    return connection.execute(_BY_THE_LOG if shown else _BY_NOBODY, {"after": after, "most": most}).all()


def note(connection: Connection, findings: Sequence[Finding], seen: Seen) -> None:
    """Keep what was found, and the checkpoint under which it was."""
    if not findings:
        return
    connection.execute(_SET, [{"row": f.row, "standing": f.state, "under": f.size} for f in findings])
    if any(finding.size is not None for finding in findings):
        kept = insert(log_checkpoint).values(size=seen.checkpoint.size, note=str(seen.note))
        newer = {"note": kept.excluded.note}
        connection.execute(kept.on_conflict_do_update(index_elements=["size"], set_=newer))


def figures(connection: Connection) -> dict[str, int]:
    """How many archived notices stand how in the log; those not yet looked up under `unknown`."""
    state = func.coalesce(outbox.c.log_state, "unknown")
    counted = select(state, func.count()).where(outbox.c.state == "archived").group_by(state)
    return {str(name): int(count) for name, count in connection.execute(counted)}


def _raw(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)
