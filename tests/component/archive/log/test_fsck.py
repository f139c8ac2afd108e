"""Another log's own tool reads the archive itself: its checkpoint, tiles and entries over HTTP are a sound tree."""

import asyncio
from pathlib import Path

import pytest

from tamani.archive.api import build_app
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tamani.runtime.serving import listen_on, serve
from tests.component.archive.log.conftest import MakeCheckpointer
from tests.support import fsck
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.region import NOW, StillRegistry
from tests.support.small_log import SmallLog

pytestmark = pytest.mark.postgres


async def test_fsck_finds_the_archive_s_tree_sound(
    ledger: Database, tree: SmallLog, make_checkpointer: MakeCheckpointer, tmp_path: Path
) -> None:
    """One entry more than a full tile, so that there are two levels and a partial tile of each kind."""
    tool = await asyncio.to_thread(fsck.install, tmp_path)
    put(ledger.dsn, tree, 257)
    await make_checkpointer().round()
    pool, sender = make_pool(ledger.dsn, "test"), InMemorySender(InMemoryBus())
    await pool.open()
    worker = Worker(ArchiveSettings(database=ledger.dsn), StillRegistry(), sender, pool, lambda: NOW)  # type: ignore[arg-type]
    listener, stop = listen_on("127.0.0.1", 0), asyncio.Event()
    server = asyncio.create_task(serve(build_app(worker), listener, stop))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/log"
    said = await asyncio.to_thread(fsck.says, tool, tmp_path, tree.key.verifier, url)
    stop.set()
    await server
    await pool.close()
    assert fsck.GOOD in said, said
