"""Bring a PostgreSQL database to the shape that this version expects (Alembic), one process at a time."""

from pathlib import Path

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tamani.runtime.migrations import run_missing

# Any number will do, as long as all our processes take the same one.
MIGRATION_LOCK = 7_461_692


def upgrade(conninfo: str, scripts: Path) -> None:
    """Run the missing migrations of the folder `scripts`; several processes may call this at once.

    Raises:
        DefectError: `failed.database.version` if a later version of the software has been here.
        psycopg.Error: the database is away, or refused a statement.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool)
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            run_missing(connection, scripts)
    except DBAPIError as error:
        raise error.orig or error from error
