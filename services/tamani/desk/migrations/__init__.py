"""The history of the desk's tables (Alembic); each version is one file and is never changed once released."""
