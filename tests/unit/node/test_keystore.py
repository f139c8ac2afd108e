"""Keys at rest: nothing opens without the passphrase, and nothing secret shows."""

import json
import stat
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, RefusedError
from tamani.core.signing import SigningKey
from tamani.node.keystore import list_keys, open_key, open_keystore, read_passphrase, save_key
from tests.support.notices import COMMISSION_ML, OBSERVATORY_ML

PASSPHRASE = b"une phrase pour les essais"


@pytest.fixture
def key() -> SigningKey:
    """A key that nobody else has."""
    return SigningKey.generate()


def test_a_key_comes_back_as_it_was_saved(tmp_path: Path, key: SigningKey) -> None:
    """Saved and opened, it signs the same."""
    saved = save_key(tmp_path / "keys", COMMISSION_ML, key, PASSPHRASE)
    opened = open_keystore(tmp_path / "keys", PASSPHRASE)
    assert opened.keyids == {key.keyid}
    assert opened.keys[key.keyid].sign(b"x") == key.sign(b"x")
    assert open_key(saved.path, PASSPHRASE) == key


def test_only_the_owner_may_read_a_key_file_and_it_holds_no_secret(tmp_path: Path, key: SigningKey) -> None:
    """Mode 0600; the seed is not in the file in any usual spelling."""
    path = save_key(tmp_path, COMMISSION_ML, key, PASSPHRASE).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_bytes()
    assert key.seed not in text
    assert key.seed.hex().encode() not in text
    assert key.seed.hex() not in repr(open_keystore(tmp_path, PASSPHRASE))


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, key: SigningKey) -> None:
    """It is said with a code, and the detail names the file only."""
    save_key(tmp_path, COMMISSION_ML, key, PASSPHRASE)
    with pytest.raises(DefectError) as told:
        open_keystore(tmp_path, b"une autre phrase")
    assert told.value.code.name == "failed.keystore"
    assert "autre" not in str(told.value)


@pytest.mark.parametrize("field", ["box", "public", "keyid", "kdf", "v"])
def test_an_altered_key_file_is_not_believed(tmp_path: Path, key: SigningKey, field: str) -> None:
    """Each member, changed, makes the file unreadable."""
    path = save_key(tmp_path, COMMISSION_ML, key, PASSPHRASE).path
    fields = json.loads(path.read_text())
    other = SigningKey.generate()
    changed = {
        "box": fields["box"][:-8] + "AAAAAAA=",
        "public": other.public.hex(),
        "keyid": other.keyid,
        "kdf": fields["kdf"] | {"memory": 2**40},
        "v": 2,
    }
    path.write_text(json.dumps(fields | {field: changed[field]}))
    with pytest.raises(DefectError) as told:
        open_keystore(tmp_path, PASSPHRASE)
    assert told.value.code.name == "failed.keystore"


def test_a_key_is_never_written_over(tmp_path: Path, key: SigningKey) -> None:
    """The same key again is refused; another of the same body stands beside it."""
    save_key(tmp_path, COMMISSION_ML, key, PASSPHRASE)
    with pytest.raises(RefusedError) as told:
        save_key(tmp_path, COMMISSION_ML, key, PASSPHRASE)
    assert told.value.code.name == "refused.key.reused"
    save_key(tmp_path, COMMISSION_ML, SigningKey.generate(), PASSPHRASE)
    save_key(tmp_path, OBSERVATORY_ML, SigningKey.generate(), PASSPHRASE)
    bodies = [found.body for found in list_keys(tmp_path)]
    assert sorted(bodies) == [COMMISSION_ML, COMMISSION_ML, OBSERVATORY_ML]


def test_a_body_has_a_name_of_the_right_form(tmp_path: Path, key: SigningKey) -> None:
    """Nothing that could lead out of the folder."""
    with pytest.raises(RefusedError):
        save_key(tmp_path, "/ml/../../etc", key, PASSPHRASE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"\n", None])
def test_an_empty_or_missing_passphrase_file_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """A node never runs with an empty passphrase."""
    path = tmp_path / "passphrase"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DefectError) as told:
        read_passphrase(path)
    assert told.value.code.name == "failed.keystore"


def test_the_passphrase_is_the_first_line(tmp_path: Path) -> None:
    """The newline that editors add is not part of it."""
    path = tmp_path / "passphrase"
    path.write_bytes(PASSPHRASE + b"\n")
    assert read_passphrase(path) == PASSPHRASE
