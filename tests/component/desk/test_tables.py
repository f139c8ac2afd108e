"""The database is what the code thinks it is, and refuses what a newer version has left."""

import asyncio

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from tamani.core.errors import DefectError
from tamani.desk.database import Database
from tamani.desk.tables import metadata
from tests.support import cluster


async def test_migrations_make_the_tables_of_the_code(database: cluster.Database) -> None:
    """Run twice and at once they end in the same place, and nothing differs from `tables.py`."""
    tables = Database(database.dsn)
    await asyncio.gather(tables.migrate(), tables.migrate())
    await tables.close()
    engine = create_engine(database.url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_a_newer_database_is_refused(database: cluster.Database) -> None:
    """An older program does not write into tables that it does not know."""
    tables = Database(database.dsn)
    await tables.migrate()
    with psycopg.connect(database.dsn) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DefectError, match=r"failed\.database\.version"):
        await tables.migrate()
    await tables.close()
