"""What a witness has cosigned last: the one fact that must never go back."""

import sqlite3
from dataclasses import dataclass

from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import EMPTY


@dataclass(frozen=True, slots=True)
class Last:
    """The checkpoint, the note with the log's signature and our cosignature, and when (POSIX seconds)."""

    size: int = 0
    root: bytes = EMPTY
    note: bytes = b""
    time: int = 0


def read_last(db: sqlite3.Connection) -> Last:
    """The last; an empty tree if nothing was cosigned yet."""
    row = db.execute("SELECT size, root, note, time FROM cosigned").fetchone()
    return Last(*row) if row else Last()


def write_last(db: sqlite3.Connection, checkpoint: Checkpoint, note: bytes, time: int) -> None:
    """Move it, within the connection's transaction.

    Raises:
        sqlite3.IntegrityError: it would go back, which no caller may ask for.
    """
    before = read_last(db)
    if (checkpoint.size, time) < (before.size, before.time) or time < before.time:
        raise sqlite3.IntegrityError(f"from {before.size} to {checkpoint.size}")
    row = (1, checkpoint.size, checkpoint.root, note, time)
    db.execute("INSERT OR REPLACE INTO cosigned (one, size, root, note, time) VALUES (?, ?, ?, ?, ?)", row)
