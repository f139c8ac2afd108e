"""Copies of databases in use, and their way back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.embedded.backup import backup_database, backup_node, restore_database, restore_node
from tests.support.cluster import Database, PostgresCluster


def rows(path: Path) -> list[tuple[int]]:
    """What a SQLite file holds."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT x FROM t ORDER BY x").fetchall()


def node_folder(folder: Path) -> sqlite3.Connection:
    """A node's files, its outbox open in WAL mode with a row that is in the journal only."""
    folder.mkdir()
    (folder / "keys").mkdir()
    (folder / "keys" / "ml.x.key").write_text("sealed")
    outbox = sqlite3.connect(folder / "outbox.sqlite")
    outbox.execute("PRAGMA journal_mode = WAL")
    outbox.execute("CREATE TABLE t (x INTEGER)")
    outbox.execute("INSERT INTO t VALUES (1)")
    outbox.commit()
    return outbox


def test_a_running_node_is_copied_with_its_journal(tmp_path: Path) -> None:
    """What was committed before is in the copy; what came after is not; keys are there."""
    with closing(node_folder(tmp_path / "node")) as outbox:
        backup_node(tmp_path / "node", tmp_path / "node.backup")
        outbox.execute("INSERT INTO t VALUES (2)")
        outbox.commit()
    restore_node(tmp_path / "node.backup", tmp_path / "fresh")
    assert rows(tmp_path / "fresh" / "outbox.sqlite") == [(1,)]
    assert (tmp_path / "fresh" / "keys" / "ml.x.key").read_text() == "sealed"


def test_a_journal_of_the_old_file_is_not_played_onto_the_restored_one(tmp_path: Path) -> None:
    """Put back over a node that was killed: its WAL holds row 2, which the backup has not."""
    outbox = node_folder(tmp_path / "node")
    backup_node(tmp_path / "node", tmp_path / "node.backup")
    outbox.execute("INSERT INTO t VALUES (2)")
    outbox.commit()
    left = {path.name: path.read_bytes() for path in (tmp_path / "node").glob("outbox.sqlite*")}
    outbox.close()
    for name, content in left.items():
        (tmp_path / "node" / name).write_bytes(content)
    with pytest.raises(RefusedError) as refused:
        restore_node(tmp_path / "node.backup", tmp_path / "node")
    assert refused.value.code.name == "refused.backup.exists"
    restore_node(tmp_path / "node.backup", tmp_path / "node", replace=True)
    assert rows(tmp_path / "node" / "outbox.sqlite") == [(1,)]


def test_a_database_comes_back_as_it_was(postgres: PostgresCluster, database: Database, tmp_path: Path) -> None:
    """Into the same database and into a new one; the file is not taken for another part's."""
    with psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE ledger (log_index bigint PRIMARY KEY, envelope bytea)")
        connection.execute("INSERT INTO ledger SELECT n, sha256(n::text::bytea) FROM generate_series(1, 500) n")
    backup_database(database.dsn, "archive", tmp_path / "a.backup")
    before = content(database)
    with psycopg.connect(database.dsn) as connection:
        connection.execute("DELETE FROM ledger WHERE log_index > 10")
    restore_database(tmp_path / "a.backup", "archive", database.dsn)
    assert content(database) == before
    fresh = postgres.fresh()
    restore_database(tmp_path / "a.backup", "archive", fresh.dsn)
    assert content(fresh) == before
    with pytest.raises(DefectError) as refused:
        restore_database(tmp_path / "a.backup", "desk", fresh.dsn)
    assert refused.value.code.name == "failed.backup"


def content(database: Database) -> list[tuple[int, bytes]]:
    """Every row."""
    with psycopg.connect(database.dsn) as connection:
        return connection.execute("SELECT log_index, envelope FROM ledger ORDER BY log_index").fetchall()


def test_a_failed_restore_changes_nothing(database: Database, tmp_path: Path) -> None:
    """One transaction: a table that another one needs cannot be dropped, and all stays."""
    with psycopg.connect(database.dsn) as connection:
        connection.execute("CREATE TABLE ledger (log_index bigint PRIMARY KEY, envelope bytea)")
    backup_database(database.dsn, "archive", tmp_path / "a.backup")
    with psycopg.connect(database.dsn) as connection:
        connection.execute("INSERT INTO ledger VALUES (1, 'x')")
        connection.execute("CREATE VIEW stranger AS SELECT * FROM ledger")
    with pytest.raises(OutageError) as refused:
        restore_database(tmp_path / "a.backup", "archive", database.dsn)
    assert refused.value.code.name == "failed.database"
    assert content(database) == [(1, b"x")]
