"""Alembic's entry: runs the versions over the connection that `desk.database` hands in, never one of its own."""

from alembic import context
from sqlalchemy import Connection

from tamani.desk.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
