"""The log of a real ledger over HTTP, as its archive serves it, in a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tamani.archive.api import build_app
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.runtime.clock import system_clock
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tamani.runtime.serving import listen_on, serve
from tests.support.cluster import Database
from tests.support.region import StillRegistry


@contextmanager
def serving_ledger(ledger: Database) -> Iterator[str]:
    """Serve it; gives the prefix of its log."""
    listener, stop, loop = listen_on("127.0.0.1", 0), asyncio.Event(), asyncio.new_event_loop()

    async def work() -> None:
        pool = make_pool(ledger.dsn, "test")
        await pool.open()
        settings = ArchiveSettings(database=ledger.dsn)
        worker = Worker(settings, StillRegistry(), InMemorySender(InMemoryBus()), pool, system_clock)  # type: ignore[arg-type]
        await serve(build_app(worker), listener, stop)
        await pool.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/log"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
