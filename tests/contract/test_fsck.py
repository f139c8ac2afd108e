"""Tessera's `fsck` reads our tiles: another log's own tool recomputes the whole tree from what we serve.

Its exit status says nothing in v1.0.4 (0 on a false signature): its own line must come, within a time limit. Built from
source, hence by hand: `.venv/bin/pytest -m long tests/contract/test_fsck.py`.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.small_log import SmallLog, serving

MODULE = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
GOOD = "Successfully fsck'd"
LIMIT = 60.0

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def fsck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine")
    folder = tmp_path_factory.mktemp("fsck")
    environment = dict(os.environ.items())  # noqa: TID251 - Go's own caches and proxies
    done = subprocess.run(
        [go, "install", MODULE],
        env=environment | {"GOBIN": str(folder), "GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return folder / "fsck"


def says(fsck: Path, folder: Path, log: SmallLog) -> str:
    """What it says of a log that we serve; what it had said until then, if it hangs (as v1.0.4 does on a mismatch)."""
    (folder / "key").write_text(str(log.key.verifier) + "\n")
    with serving(log) as url:
        command = [str(fsck), "--storage_url", f"{url}/", "--public_key", str(folder / "key"), "--ui=false"]
        with (folder / "said").open("w+") as said, contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, stdout=said, stderr=said, check=False, timeout=LIMIT)
        return (folder / "said").read_text()


@pytest.mark.parametrize("size", [1, 255, 256, 257, 70_000])
def test_it_finds_our_tree_sound(fsck: Path, tmp_path: Path, size: int) -> None:
    """One entry, about a full tile, and three levels."""
    log = SmallLog().append(size)
    log.publish("bf", "ml")
    assert GOOD in says(fsck, tmp_path, log)


def test_it_finds_an_altered_entry(fsck: Path, tmp_path: Path) -> None:
    """So the line above is worth something: one entry other than what was hashed, and it does not come."""
    log = SmallLog().append(300)
    log.publish("bf", "ml")
    log.hashes(8, 0)
    bundle = log.answer("tile/entries/000") or b""
    log.answers["tile/entries/000"] = bundle.replace(b'"reg":1', b'"reg":2', 1)
    assert GOOD not in says(fsck, tmp_path, log)
