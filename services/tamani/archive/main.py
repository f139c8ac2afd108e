"""Build an archive worker from its settings and run it."""

import asyncio
import socket
from pathlib import Path

import structlog

from tamani.archive.api import build_app
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.core.errors import TamaniError
from tamani.runtime.clock import system_clock
from tamani.runtime.database import make_pool, through_outages
from tamani.runtime.logging import setup_logging
from tamani.runtime.migrate import upgrade
from tamani.runtime.process import run_until_stopped
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.sender import KafkaSender
from tamani.runtime.serving import listen_on, serve
from tamani.runtime.worker import StoppedError, leave, together, unless_stopped

log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: ArchiveSettings, stop: asyncio.Event) -> None:
    """Keep, publish and answer until `stop`.

    Raises:
        TamaniError: it cannot start, or the database went back in time.
        Exception: a defect; the process must end, nothing under way was acknowledged.
    """
    listener = listen_on(settings.host, settings.port)
    conninfo = settings.conninfo
    await unless_stopped(stop, through_outages(lambda: asyncio.to_thread(upgrade, conninfo, MIGRATIONS), "migrations"))
    pool = make_pool(conninfo, "archive-api")
    await pool.open()
    registry = await RegistryHolder(settings, settings.registry_path).start()
    sender = KafkaSender(settings)
    worker = Worker(settings, registry, sender, pool, system_clock)
    log.info("archive ready", instance=settings.instance, port=listener.getsockname()[1])
    await together(work=worker.run(stop), http=_serve(worker, listener, stop))
    await registry.stop()
    await sender.stop()
    await pool.close()


async def _serve(worker: Worker, listener: socket.socket, stop: asyncio.Event) -> None:
    """HTTP ends before the work does; the work says when all has ended."""
    await serve(build_app(worker), listener, stop)
    await asyncio.Event().wait()


async def run_and_leave(settings: ArchiveSettings, stop: asyncio.Event) -> None:
    """`run`, and then the end of the process with a status: no thread of a library may keep a failed worker alive."""
    try:
        await run(settings, stop)
    except StoppedError:
        leave(0)
    except TamaniError as error:
        log.error("archive stopped", code=error.code.name, detail=error.detail)
        leave(1)
    except Exception as error:
        log.critical("archive failed", exc_info=error)
        leave(1)
    leave(0)


def main() -> int:
    """Run an archive worker with the settings of the environment."""
    settings = ArchiveSettings()
    setup_logging("archive", settings.log_level, settings.log_json)
    run_until_stopped(lambda stop: run_and_leave(settings, stop))
    return 0
