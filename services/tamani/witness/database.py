"""A witness's one SQLite file (WAL, `synchronous=FULL`): what it cosigned last, its copy of the log, its alarms.

A commit returns only when it is on the disk: that is what a cosignature stands on. Entries beyond the size that was
cosigned are not proven yet, and are shown to nobody.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tamani.core.errors import DefectError

BUSY_SECONDS = 30.0
_FIRST = """
-- The last checkpoint that was cosigned, as it was signed, and when (POSIX seconds, never decreasing). One row.
CREATE TABLE cosigned (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL,
    time INTEGER NOT NULL
);
CREATE TABLE entry (
    place INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL,
    -- what the entry names, if it is an entry of ours
    env BLOB
);
CREATE INDEX entry_env ON entry (env);
-- The hash over the 256^level entries from place * 256^level (level 0 is made from the entries).
CREATE TABLE subtree (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) WITHOUT ROWID;
CREATE TABLE alarm (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- POSIX seconds: an alarm without an end still stands
    since INTEGER NOT NULL,
    until INTEGER,
    -- the signed checkpoint that raised it, ours at that moment, and the file that proves it (core.log.conflict)
    theirs BLOB NOT NULL,
    ours BLOB NOT NULL,
    conflict BLOB
);
CREATE INDEX alarm_open ON alarm (code) WHERE until IS NULL;
"""
_MIGRATIONS = (_FIRST,)


class Database:
    """The file; each piece of work has a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Open it, make it if it is missing, bring it to this version's shape.

        Raises:
            DefectError: `failed.database.version` if a later version of the software has written it, or it is none.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        try:
            with self.writing() as db:
                self._migrate(db)
        except sqlite3.DatabaseError as error:
            raise DefectError("failed.database.version", f"{path.name}: {error}") from error
        path.chmod(0o600)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A snapshot."""
        db = self._connect()
        try:
            db.execute("BEGIN")
            yield db
        finally:
            db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on the disk when the block is left, or has never been."""
        db = self._connect()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _migrate(self, db: sqlite3.Connection) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(_MIGRATIONS):
            raise DefectError("failed.database.version", f"{self._path.name}: {version}")
        for step in _MIGRATIONS[version:]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
