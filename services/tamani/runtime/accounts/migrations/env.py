"""Alembic's entry: runs the steps on the connection that `runtime.sqlite` hands over, in its transaction."""

from alembic import context

from tamani.runtime.accounts.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
