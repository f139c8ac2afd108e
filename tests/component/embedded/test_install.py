"""`deploy/install` where something is missing: it stops, and says what to do in both languages."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tamani.core.errors import OutageError
from tamani.embedded.fetch import bring, download
from tamani.embedded.jars import shipped_lock

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"  # nobody listens on the discard port: what a machine without a network meets, at once


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of a checkout that an installation reads first."""
    shutil.copytree(ROOT / "deploy", tmp_path / "clone" / "deploy", ignore=shutil.ignore_patterns("downloads"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "clone")
    return tmp_path / "clone"


def install(clone: Path, *words: str, python: str = sys.executable) -> "subprocess.CompletedProcess[str]":
    """Run it without any network."""
    environment = {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": NOWHERE, "TAMANI_PYTHON": python}
    return subprocess.run(
        [str(clone / "deploy" / "install"), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_without_a_network_it_says_so(clone: Path, tmp_path: Path) -> None:
    """And how to install without one; so does a folder that lacks packages."""
    done = install(clone)
    assert done.returncode == 1
    assert "Pas de réseau : le téléchargement a échoué." in done.stderr
    assert "No network: the download failed." in done.stderr
    assert "--from" in done.stderr

    (tmp_path / "empty").mkdir()
    done = install(clone, "--from", str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "ne contient pas tout ce que demande" in done.stderr
    assert "lacks some of what" in done.stderr
    assert not list((clone / ".venv").glob(".tamani-*")), "it must not be taken for installed"


def test_without_python_it_says_so(clone: Path, tmp_path: Path) -> None:
    """An older Python is passed over."""
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("python3", "python", "python3.11", "python3.12", "python3.13"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")
        (old / name).chmod(0o755)
    environment = {"PATH": f"{old}:/usr/bin:/bin", "TAMANI_PYTHON": ""}
    done = subprocess.run(
        [str(clone / "deploy" / "install")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Il faut Python 3.11" in done.stderr
    assert "Python 3.11 or newer is needed" in done.stderr


def test_a_jar_cannot_be_downloaded_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real downloader, pointed at nobody."""
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\ncentral = {NOWHERE}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    (tmp_path / "into").mkdir()
    with pytest.raises(OutageError) as refused:
        bring(shipped_lock()[0], tmp_path / "into", download)
    assert refused.value.code.name == "failed.network"
    assert list((tmp_path / "into").iterdir()) == []
