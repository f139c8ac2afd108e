"""Tessera's `fsck` reads our tiles at sizes about a full one and of three levels, and finds what is altered.

By hand: `.venv/bin/pytest -m long tests/contract/test_fsck.py`. What an archive serves it reads in each run
(`tests/component/archive/log/test_fsck.py`).
"""

from pathlib import Path

import pytest

from tests.support import fsck
from tests.support.small_log import SmallLog, serving

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fsck.install(tmp_path_factory.mktemp("fsck"))


def says(tool: Path, folder: Path, log: SmallLog) -> str:
    """What it says of a log that we serve."""
    with serving(log) as url:
        return fsck.says(tool, folder, log.key.verifier, url)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 70_000])
def test_it_finds_our_tree_sound(tool: Path, tmp_path: Path, size: int) -> None:
    """One entry, about a full tile, and three levels."""
    log = SmallLog().append(size)
    log.publish("bf", "ml")
    assert fsck.GOOD in says(tool, tmp_path, log)


def test_it_finds_an_altered_entry(tool: Path, tmp_path: Path) -> None:
    """So the line above is worth something: one entry other than what was hashed, and it does not come."""
    log = SmallLog().append(300)
    log.publish("bf", "ml")
    log.hashes(8, 0)
    bundle = log.answer("tile/entries/000") or b""
    log.answers["tile/entries/000"] = bundle.replace(b'"reg":1', b'"reg":2', 1)
    assert fsck.GOOD not in says(tool, tmp_path, log)
