"""A backup file is whole and unaltered, or refused."""

from pathlib import Path

import pytest

from tamani.core.errors import DefectError
from tamani.embedded.bundle import pack, unpack


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A small backup of a node."""
    (tmp_path / "in" / "keys").mkdir(parents=True)
    (tmp_path / "in" / "keys" / "a.key").write_bytes(b"secret")
    (tmp_path / "in" / "outbox").write_bytes(bytes(100_000))
    pack(tmp_path / "in", "node", tmp_path / "node.backup")
    return tmp_path / "node.backup"


def refusal(source: Path, folder: Path, part: str = "node") -> str:
    """The code with which it is refused."""
    with pytest.raises(DefectError) as refused:
        unpack(source, folder, part)
    return refused.value.code.name


def test_what_was_packed_comes_back(backup: Path, tmp_path: Path) -> None:
    """Same names, same bytes; for the owner's eyes only."""
    manifest = unpack(backup, tmp_path / "out", "node")
    assert set(manifest.files) == {"keys/a.key", "outbox"}
    assert (tmp_path / "out/keys/a.key").read_bytes() == b"secret"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out/keys/a.key").stat().st_mode & 0o777 == 0o600


def test_another_part_is_refused(backup: Path, tmp_path: Path) -> None:
    """A node's backup is not put into an archive."""
    assert refusal(backup, tmp_path / "out", "archive") == "failed.backup"


def test_every_altered_or_missing_byte_is_seen(backup: Path, tmp_path: Path) -> None:
    """A flipped byte in a file's content; a file cut short; something else altogether."""
    whole = backup.read_bytes()
    place = whole.index(b"secret")
    backup.write_bytes(whole[:place] + b"Secret" + whole[place + 6 :])
    assert refusal(backup, tmp_path / "flipped") == "failed.backup"
    backup.write_bytes(whole[: len(whole) // 2])
    assert refusal(backup, tmp_path / "cut") == "failed.backup"
    backup.write_bytes(b"not a backup")
    assert refusal(backup, tmp_path / "other") == "failed.backup"


def test_nothing_is_written_outside_its_folder(tmp_path: Path) -> None:
    """A made-up backup with a path that climbs is refused before it writes."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "up__evil").write_bytes(b"x")
    pack(tmp_path / "in", "node", tmp_path / "b")
    (tmp_path / "b").write_bytes((tmp_path / "b").read_bytes().replace(b"up__evil", b"../eevil"))
    assert refusal(tmp_path / "b", tmp_path / "deep" / "out") == "failed.backup"
    assert not list(tmp_path.rglob("eevil"))
