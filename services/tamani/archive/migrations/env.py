"""Alembic's entry: runs the versions over the connection that `runtime.migrate` hands in, never one of its own."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
context.run_migrations()
