"""The copy in SQLite: the same tree as the entries make, at every size, and cut without a trace."""

import sqlite3
from pathlib import Path

import pytest

from tamani.core.errors import DefectError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import inclusion_proof, root_hash
from tamani.core.log.tiles import Tile
from tamani.witness.copy import Copy
from tamani.witness.database import Database
from tamani.witness.state import Last, read_last, write_last
from tests.support.small_log import SmallLog, leaf

# Past the first tile of level 2: 256 · 256 entries and some.
SIZE = 65_900
LOG = SmallLog(entries=[b"%d" % number for number in range(SIZE)])


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty file."""
    return Database(tmp_path / "witness.sqlite")


def test_its_roots_and_proofs_are_those_of_the_entries(database: Database) -> None:
    """Over all levels of tiles, in pieces of any length."""
    with database.writing() as db:
        copy = Copy(db)
        for first in range(0, SIZE, 999):
            copy.append(LOG.entries[first : first + 999])
        assert copy.size == SIZE
        for size in (1, 255, 256, 257, 65_535, 65_536, 65_537, SIZE):
            hashes = copy.hashes(size)
            assert root_hash(size, hashes) == LOG.checkpoint(size).root
            assert inclusion_proof(size - 1, size, hashes) == inclusion_proof(size - 1, size, LOG.hashes)


def test_what_is_cut_leaves_no_trace(database: Database) -> None:
    """Cut within a tile and at its end, another future has its own hashes."""
    for size in (700, 512, 511, 3, 0):
        fork = LOG.fork(size).append(600, mark="gap")
        with database.writing() as db:
            copy = Copy(db)
            copy.cut(0)
            copy.append(LOG.entries[:1000])
            copy.cut(size)
            copy.append(fork.entries[size:])
            assert root_hash(fork.size, copy.hashes(fork.size)) == fork.checkpoint().root


def test_an_entry_is_found_by_what_it_names(database: Database) -> None:
    """The first that names it, within the size asked for; entries of another form are copied and never found."""
    with database.writing() as db:
        copy = Copy(db)
        copy.append([b"of another time", bytes(leaf(1)), bytes(leaf(2)), bytes(leaf(1, "equivocation"))])
        assert (copy.find(leaf(1).env, 4), copy.find(leaf(2).env, 3), copy.find(leaf(2).env, 2)) == (1, 2, None)
        assert copy.entry(0) == b"of another time"
        with pytest.raises(KeyError):
            copy.read(Tile(0, 0, 5))


def test_what_was_not_committed_was_never_there(database: Database) -> None:
    """A failure within the block leaves the file as it was."""
    with pytest.raises(TypeError), database.writing() as db:
        Copy(db).append([b"x", None])  # type: ignore[list-item]
    with database.reading() as db:
        assert Copy(db).size == 0
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_last_checkpoint_never_goes_back(database: Database) -> None:
    """Neither its size nor its time, whoever asks."""
    five, six = (Checkpoint("log", size, bytes(32)) for size in (5, 6))
    with database.writing() as db:
        assert read_last(db) == Last()
        write_last(db, six, b"note", 100)
    for checkpoint, at in ((five, 200), (six, 99)):
        with pytest.raises(sqlite3.IntegrityError), database.writing() as db:
            write_last(db, checkpoint, b"note", at)
    with database.reading() as db:
        assert read_last(db) == Last(6, bytes(32), b"note", 100)


def test_a_file_of_a_later_version_or_of_none_is_refused(database: Database, tmp_path: Path) -> None:
    """Never written over; a second start of this version changes nothing."""
    Database(tmp_path / "witness.sqlite")
    with database.writing() as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(DefectError, match=r"failed\.database\.version"):
        Database(tmp_path / "witness.sqlite")
    (tmp_path / "other").write_bytes(b"no database at all" * 100)
    with pytest.raises(DefectError, match=r"failed\.database\.version"):
        Database(tmp_path / "other")
