"""Bring a PostgreSQL database to the shape that this version expects (Alembic), one process at a time."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tamani.core.errors import DefectError

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
            _upgrade(connection, scripts)
    except DBAPIError as error:
        raise error.orig or error from error


def _upgrade(connection: Connection, scripts: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = set(MigrationContext.configure(connection).get_current_heads())
    if strange := present - known:
        raise DefectError("failed.database.version", ", ".join(sorted(strange)))
    command.upgrade(config, "head")
