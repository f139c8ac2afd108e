"""Another log's own tool reads the archive itself: its checkpoint, tiles and entries over HTTP are a sound tree."""

import asyncio
from pathlib import Path

import pytest

from tests.component.archive.log.conftest import MakeCheckpointer
from tests.support import fsck
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.served_ledger import serving_ledger
from tests.support.small_log import SmallLog

pytestmark = pytest.mark.postgres


async def test_fsck_finds_the_archive_s_tree_sound(
    ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer, tmp_path: Path
) -> None:
    """One entry more than a full tile, so that there are two levels and a partial tile of each kind."""
    tool = await asyncio.to_thread(fsck.install, tmp_path)
    put(ledger.dsn, tree, 257)
    await make_checkpointer().round()
    with serving_ledger(ledger) as url:
        said = await asyncio.to_thread(fsck.says, tool, tmp_path, tree.key.verifier, url)
    assert fsck.GOOD in said, said
