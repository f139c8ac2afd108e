"""`tamani keys new --recipient` and `tamani message open`: a reading key made, and a sealed notice opened offline."""

import json
from pathlib import Path

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.names import Country
from tamani.core.recipients import is_recipient
from tests.support.notices import COMMISSION_ML, OBSERVATORY_NE, TRUSTED, event, registry_value, seal
from tests.support.reading_keys import identity_of
from tests.support.sealed import sealed_event
from tests.unit.cli.test_commands import tamani

PASSPHRASE = "une phrase pour les essais"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an auditor holds: the original, its key, the registry, a reading key, a passphrase."""
    notice = sealed_event()
    (tmp_path / "notice.json").write_bytes(seal(notice.event))
    (tmp_path / "notice.age").write_bytes(notice.capsules[Country.NE])
    (tmp_path / "registry.json").write_bytes(registry_value())
    (tmp_path / "key.txt").write_text(f"# lecture\n{identity_of(OBSERVATORY_NE).secret}\n", "ascii")
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n", "utf-8")
    return tmp_path


def opened(folder: Path, notice: str = "notice.json", identity: str = "key.txt", *more: str) -> tuple[int, bytes, str]:
    trust = [word for key in TRUSTED for word in ("--trust", key)]
    files = {"--capsule": "notice.age", "--identity": identity, "--registry": "registry.json"}
    words = [word for name, file in files.items() for word in (name, str(folder / file))]
    done = tamani("message", "open", str(folder / notice), *words, *trust, *more)
    return done.returncode, done.stdout, done.stderr.decode()


def test_a_sealed_notice_opens_offline(folder: Path) -> None:
    """With a plain age identity: what is printed is the notice as if it had travelled open."""
    status, out, told = opened(folder)
    assert status == 0, told
    said = json.loads(out)
    assert (said["source"], said["type"]) == (COMMISSION_ML, catalogue()["monitor.report"].type)
    assert "Ne pas transmettre" in told


def test_a_key_made_here_is_encrypted_and_is_not_its_reader_s(folder: Path) -> None:
    """Made by the program, shown by it, opened with its passphrase; it was not sealed for."""
    keys = folder / "reading"
    made = tamani(
        "keys", "new", OBSERVATORY_NE, "--recipient", "--keys", str(keys), "--passphrase", str(folder / "passphrase")
    )
    assert made.returncode == 0, made.stderr
    told = dict(line.split(": ", 1) for line in made.stdout.decode().splitlines())
    assert is_recipient(told["recipient"])
    assert told["recipient"] in tamani("keys", "show", "--keys", str(keys)).stdout.decode()
    file = str(Path(told["file"]).relative_to(folder))
    status, out, said = opened(folder, "notice.json", file, "--passphrase", str(folder / "passphrase"))
    assert (status, out) == (1, b"")
    assert "refused.sealed.reader" in said


def test_what_is_not_sealed_or_not_a_key_is_refused(folder: Path) -> None:
    (folder / "plain.json").write_bytes(seal(event()))
    assert "refused.type.unknown" in opened(folder, "plain.json")[2]
    (folder / "none.txt").write_text("rien\n", "ascii")
    assert "refused.request" in opened(folder, "notice.json", "none.txt")[2]
    (folder / "forged.json").write_bytes(seal(sealed_event().event)[:-9] + b'AAAA"}]}')
    assert opened(folder, "forged.json")[0] == 1
