"""Keys of logs and witnesses at rest: opened by their passphrase alone, never another key than the one they name."""

import json
import stat
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, RefusedError
from tamani.core.log.note import Kind, Note
from tamani.runtime.note_keys import make_note_key, open_note_key, read_verifier

SECRET = b"une phrase pour les essais"
NAME = "tamani.test/witness/bf"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a key was made."""
    file = tmp_path / "keys" / "witness.key"
    make_note_key(file, NAME, Kind.COSIGNATURE, SECRET)
    return file


def change(path: Path, **fields: object) -> None:
    """Alter what a file says."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_a_key_signs_under_the_name_that_its_file_tells(path: Path) -> None:
    """The public half can be read without the passphrase; the file is its owner's."""
    key, public = open_note_key(path, SECRET), read_verifier(path)
    note = Note("text\n").with_(key.sign("text\n", 1_800_000_000))
    assert note.signed_by([public]) == {public: 1_800_000_000}
    assert (public.name, public.kind) == (NAME, Kind.COSIGNATURE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.key.seed.hex() not in path.read_text()


def test_it_is_never_written_over(path: Path) -> None:
    """A second `init` keeps the first key."""
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=r"refused\.key\.reused"):
        make_note_key(path, NAME, Kind.COSIGNATURE, SECRET)
    assert path.read_bytes() == before


def test_a_name_that_no_note_could_bear_is_refused(tmp_path: Path) -> None:
    """And nothing is written."""
    with pytest.raises(RefusedError, match=r"refused\.log\.key"):
        make_note_key(tmp_path / "witness.key", "two words", Kind.NOTE, SECRET)
    assert not list(tmp_path.iterdir())


def test_what_was_altered_is_not_opened(path: Path, tmp_path: Path) -> None:
    """Another passphrase, another name, another key's public half, no key at all."""
    other = make_note_key(tmp_path / "other.key", NAME, Kind.COSIGNATURE, SECRET)
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        open_note_key(path, b"another")
    change(path, vkey=str(other))
    with pytest.raises(DefectError, match="public key"):
        open_note_key(path, SECRET)
    change(path, vkey="nonsense")
    with pytest.raises(DefectError, match="vkey"):
        read_verifier(path)
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        open_note_key(tmp_path / "none.key", SECRET)
