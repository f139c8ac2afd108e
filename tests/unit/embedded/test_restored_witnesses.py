"""A restore never takes a witness back: it would let the log go back, too."""

from pathlib import Path

import pytest

from tamani.embedded.backup import keep_witnesses
from tamani.embedded.layout import Layout
from tamani.witness.database import Database
from tamani.witness.state import write_last
from tests.support.small_log import AT, SmallLog


def witness(folder: Path, size: int) -> None:
    """A witness's file that has cosigned so much."""
    log = SmallLog().append(size)
    with Database(folder / "witnesses" / "bf" / "witness.sqlite").writing() as db:
        write_last(db, log.checkpoint(), log.note(None, "bf"), AT)


@pytest.mark.parametrize(("here", "old", "kept"), [(9, 5, True), (5, 5, True), (5, 9, False), (None, 5, False)])
def test_of_two_files_the_one_that_saw_more_stays(tmp_path: Path, here: int | None, old: int, kept: bool) -> None:
    """What is kept here is taken out of what would be put over it."""
    witness(tmp_path / "bench", old)
    if here is not None:
        witness(tmp_path / "data", here)
    keep_witnesses(tmp_path / "bench", Layout(tmp_path / "data"))
    assert (tmp_path / "bench" / "witnesses" / "bf").exists() is not kept
