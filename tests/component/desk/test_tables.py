"""The database is what the code thinks it is, and refuses what a newer version has left."""

import asyncio

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, delete, select, text

from tamani.core.errors import DefectError
from tamani.desk.database import Database
from tamani.desk.migrations.versions.v0005_agenda import FILL
from tamani.desk.tables import agenda, metadata
from tests.component.desk.conftest import Fed
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


async def test_meetings_that_were_there_before_are_in_the_calendar(fed: Fed) -> None:
    """The migration reads their hours from the exact bytes, as the projection does."""
    fed.feed.say("agenda.meeting", tlp="CLEAR", subject="agenda/un")
    fed.feed.say("law.item", tlp="CLEAR")
    fed.feed.say("withdrawal", tlp="CLEAR", subject="agenda/un")
    fed.feed.say("agenda.meeting", tlp="AMBER", audience="/ml/commission-defense", full=True)
    await fed.take()
    async with fed.desk.database.writing() as connection:
        query = select(agenda.c.feed_index, agenda.c.starts, agenda.c.ends).order_by(agenda.c.feed_index)
        live = (await connection.execute(query)).all()
        await connection.execute(delete(agenda))
        await connection.execute(text(FILL))
        assert (await connection.execute(query)).all() == live
    assert [row.feed_index for row in live] == [1, 3, 4]
    assert live[1].starts is None
