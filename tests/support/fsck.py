"""Tessera's `fsck`, another log's own tool: it recomputes a whole tree from what is served.

Its exit status says nothing in v1.0.4 (0 on a false signature): its own line must come, within a time limit.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tamani.core.log.note import VerifierKey
from tests.support.fetching import skip_unfetched

MODULE = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
GOOD = "Successfully fsck'd"
LIMIT = 60.0


def install(folder: Path) -> Path:
    """The tool, built from source into a folder; a machine without Go, or without the modules, skips."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine")
    environment = dict(os.environ.items())  # noqa: TID251 - Go's own caches and proxies
    done = subprocess.run(
        [go, "install", MODULE],
        env=environment | {"GOBIN": str(folder), "GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    if done.returncode and "dial tcp" in done.stderr:
        skip_unfetched("Go modules", done.stderr[-200:])
    assert done.returncode == 0, done.stderr
    return folder / "fsck"


def says(fsck: Path, folder: Path, key: VerifierKey, url: str) -> str:
    """What it says of the log at this address; what it had said until then, if it hangs (as it does on a mismatch)."""
    (folder / "key").write_text(f"{key}\n")
    command = [str(fsck), "--storage_url", f"{url}/", "--public_key", str(folder / "key"), "--ui=false"]
    with (folder / "said").open("w+") as said, contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, stdout=said, stderr=said, check=False, timeout=LIMIT)
    return (folder / "said").read_text()
