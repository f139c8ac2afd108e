"""A SQLite file of ours: opened for crash safety (WAL, `synchronous=FULL`), brought to its present shape, and checked.

A commit returns only when the write-ahead log is on the disk; that is what a promise to a person stands on.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError

from tamani.core.errors import DefectError, OutageError
from tamani.runtime.migrations import run_missing

BUSY_SECONDS = 30.0


def open_sqlite(path: Path, scripts: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """The file, made if it is missing, migrated by the folder `scripts`; another's lock is waited for so long.

    A transaction that writes says so: `engine.connect().execution_options(writing=True)`.

    Raises:
        DefectError: `failed.database.version` if a later version of the software has written it, or it is no database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_seconds, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        _migrate(engine, scripts)
    except DatabaseError as error:
        engine.dispose()
        raise DefectError("failed.database.version", f"{path.name}: {error.orig}") from error
    path.chmod(0o600)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """Each connection: explicit transactions, the log synced at every commit, what is deleted overwritten."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Readers take a snapshot; a writer takes its lock at once, so that none fails half-way on a busy file."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(engine: Engine, scripts: Path) -> None:
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        run_missing(connection, scripts)


def rewrite(engine: Engine) -> bool:
    """Write the file anew without what was deleted, its log too; false while a reader keeps an older state alive.

    Raises:
        OutageError: `failed.disk`.
    """
    connection = engine.raw_connection()
    try:
        connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise OutageError("failed.disk", str(error)) from error
    finally:
        connection.close()
    return not busy


def pragmas(engine: Engine) -> dict[str, str]:
    """What the file really runs with; a service refuses to start without a synced log."""
    with engine.connect() as connection:
        names = ("journal_mode", "synchronous")
        return {name: str(connection.execute(text(f"PRAGMA {name}")).scalar_one()) for name in names}
