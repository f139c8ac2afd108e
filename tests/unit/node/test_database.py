"""The node's file: made from nothing, as the tables say, safe at each commit, refused if it is from the future."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from tamani.core.errors import DefectError
from tamani.node.database import open_database
from tamani.node.tables import metadata
from tamani.runtime.sqlite import pragmas


def test_an_empty_file_becomes_the_tables_of_this_version(tmp_path: Path) -> None:
    """What the migrations make is what the code expects, indexes included."""
    engine = open_database(tmp_path / "outbox.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        indexes = {index["name"] for name in metadata.tables for index in inspect(connection).get_indexes(name)}
    assert indexes >= {index.name for table in metadata.tables.values() for index in table.indexes}


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """A second start finds the file as the first one left it."""
    path = tmp_path / "outbox.sqlite"
    for _ in range(2):
        open_database(path).dispose()
        with sqlite3.connect(path) as db:
            assert db.execute("SELECT version_num FROM alembic_version").fetchall() == [("n0006",)]


def test_commits_are_synced_to_the_disk(tmp_path: Path) -> None:
    """WAL with `synchronous=FULL`: the log is on the disk before a commit returns."""
    assert pragmas(open_database(tmp_path / "outbox.sqlite")) == {"journal_mode": "wal", "synchronous": "2"}


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """Rather than to write what a later version could not read."""
    path = tmp_path / "outbox.sqlite"
    open_database(path).dispose()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = 'n9999'")
    with pytest.raises(DefectError) as told:
        open_database(path)
    assert told.value.code.name == "failed.database.version"
    assert "n9999" in told.value.detail


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And left as it was."""
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"not a database, but somebody's text" * 100)
    with pytest.raises(DefectError):
        open_database(path)
    assert path.read_bytes().startswith(b"not a database")
