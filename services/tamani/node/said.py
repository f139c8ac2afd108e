"""What a node has said, exactly as it sealed it, and what it was ordered to erase: for an archive to be made again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tamani.core.errors import DefectError


@contextmanager
def said(path: Path) -> Iterator[tuple[Iterator[bytes], int]]:
    """The envelopes of an outbox, and the last epoch of the ledger that its answers name. The node may run.

    Raises:
        DefectError: `failed.settings`, this is no outbox.
    """
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
    except sqlite3.OperationalError as error:
        raise DefectError("failed.settings", f"{path}: {error}") from error
    try:
        (epoch,) = db.execute("SELECT coalesce(max(epoch), 0) FROM outbox").fetchone()
        yield (bytes(value) for (value,) in db.execute("SELECT value FROM outbox ORDER BY row_no")), int(epoch)
    except sqlite3.DatabaseError as error:
        raise DefectError("failed.settings", f"{path}: {error}") from error
    finally:
        db.close()


def ordered(path: Path) -> list[bytes]:
    """The orders of erasure that this node was given.

    Raises:
        DefectError: `failed.settings`, this is no outbox.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'erasure'").fetchone()
            return [bytes(row[0]) for row in db.execute("SELECT document FROM erasure")] if known else []
    except sqlite3.Error as error:
        raise DefectError("failed.settings", f"{path}: {error}") from error
