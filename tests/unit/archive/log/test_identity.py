"""The log's key and policy at a worker's start: both of one log, or the worker says what is wrong and stays out."""

from pathlib import Path
from typing import Any

import pytest

from tamani.archive.main import open_identity
from tamani.archive.settings import ArchiveSettings
from tamani.core.errors import TamaniError
from tamani.core.log.note import Kind
from tamani.runtime.note_keys import make_note_key
from tamani.runtime.sealed_key import LIGHT
from tests.support.small_log import log_key, policy_text

ORIGIN = "tamani.test/log"
SECRET = b"une phrase"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A key of `ORIGIN`, its passphrase, the policy that names it, and one that names another."""
    public = make_note_key(tmp_path / "log.key", ORIGIN, Kind.NOTE, SECRET, LIGHT)
    (tmp_path / "passphrase").write_bytes(SECRET)
    other = policy_text(log_key(ORIGIN))
    (tmp_path / "other").write_text(other)
    (tmp_path / "policy").write_text(other.replace(str(log_key(ORIGIN).verifier), str(public)))
    (tmp_path / "junk").write_text("quorum\n")
    return tmp_path


def settings(folder: Path, **changes: Any) -> ArchiveSettings:
    """A worker's settings, with changes."""
    named = {"log_key": "log.key", "passphrase_file": "passphrase", "log_policy": "policy"} | changes
    paths = {name: folder / value if value else None for name, value in named.items() if name != "log_origin"}
    return ArchiveSettings(log_origin=changes.get("log_origin", ORIGIN), **paths)


def test_a_key_and_the_policy_that_names_it_are_an_identity(folder: Path) -> None:
    """What is signed with it holds under that policy."""
    found = open_identity(settings(folder))

    assert found is not None
    assert found.key.verifier in {party.key for party in found.policy.logs}


def test_without_a_key_nothing_is_signed(folder: Path) -> None:
    """Leaves are kept; an operator may add the key later."""
    assert open_identity(settings(folder, log_key=None)) is None


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"passphrase_file": None}, "failed.settings", "PASSPHRASE_FILE"),
        ({"log_policy": None}, "failed.settings", "LOG_POLICY"),
        ({"log_policy": "nowhere"}, "failed.settings", "nowhere"),
        ({"log_policy": "other"}, "failed.settings", "LOG_ORIGIN"),
        ({"log_origin": "autre.test/log"}, "failed.settings", "LOG_ORIGIN"),
        ({"log_policy": "junk"}, "refused.log.policy", "1"),
        ({"log_key": "nowhere"}, "failed.keystore", "nowhere"),
        ({"passphrase_file": "policy"}, "failed.keystore", "log.key"),
    ],
)
def test_what_does_not_fit_is_said(folder: Path, changes: dict[str, Any], code: str, detail: str) -> None:
    """With the setting to mend."""
    with pytest.raises(TamaniError) as told:
        open_identity(settings(folder, **changes))

    assert told.value.code.name == code
    assert detail in told.value.detail
