"""The archive's own key: a body's key file like any other, and nothing that is not one."""

import json
from pathlib import Path

import pytest

from tamani.archive.findings.voice import open_voice
from tamani.archive.main import own_voice
from tamani.archive.settings import ArchiveSettings
from tamani.core.envelope import decode_envelope
from tamani.core.errors import DefectError
from tamani.core.signing import SigningKey, verify
from tamani.node.keystore import LIGHT, save_key
from tests.support.notices import event

SECRET = b"correct horse"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save_key(tmp_path, "/rg/archive", SigningKey.generate(), SECRET, LIGHT).path


def test_it_speaks_as_the_body_of_the_file(file: Path) -> None:
    """The same notice is the same value: a signature has no chance in it."""
    voice = open_voice(file, SECRET)
    said = event("system.absence", source="/rg/archive")
    assert voice.source == "/rg/archive"
    assert voice.value(said) == voice.value(said)
    assert verify(decode_envelope(voice.value(said)), voice.key.public)


@pytest.mark.parametrize("change", [{"body": "nobody"}, {"keyid": "0" * 64}, {"body": None}], ids=str)
def test_a_file_that_says_something_else_than_it_holds_is_refused(file: Path, change: dict[str, str]) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        open_voice(file, SECRET)


def test_another_passphrase_opens_nothing(file: Path) -> None:
    with pytest.raises(DefectError, match=r"failed\.keystore"):
        open_voice(file, b"wrong")


def test_a_key_without_its_passphrase_is_a_fault_of_the_settings(file: Path) -> None:
    """Without a key the archive works, and tells nothing."""
    assert own_voice(ArchiveSettings(notice_key=None)) is None
    with pytest.raises(DefectError, match="NOTICE_PASSPHRASE_FILE"):
        own_voice(ArchiveSettings(notice_key=file, notice_passphrase_file=None))
