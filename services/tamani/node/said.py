"""What a node has said, exactly as it sealed it: for an archive that has to be made again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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
