"""The node's SQLite file: what a `202` stands on."""

from pathlib import Path

from sqlalchemy import Engine

from tamani.runtime.sqlite import BUSY_SECONDS, open_sqlite


def open_database(path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """The outbox's file, made if it is missing, migrated to this version; a lock is waited for so long.

    Raises:
        DefectError: `failed.database.version` if a later version of the software has written it, or it is no database.
    """
    return open_sqlite(path, Path(__file__).parent / "migrations", busy_seconds)
