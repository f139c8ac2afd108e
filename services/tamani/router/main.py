"""Build a router worker from its settings and run it."""

import asyncio
import socket

import structlog

from tamani.core.errors import TamaniError
from tamani.router.api import build_app
from tamani.router.forwarder import Forwarder
from tamani.router.limit import Refusals
from tamani.router.metrics import Metrics
from tamani.router.settings import RouterSettings
from tamani.router.work import Worker
from tamani.runtime.clock import system_clock
from tamani.runtime.logging import setup_logging
from tamani.runtime.process import run_until_stopped
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.registry_door import watch_registry
from tamani.runtime.sender import KafkaSender
from tamani.runtime.serving import listen_on, serve
from tamani.runtime.worker import StoppedError, leave, together

log = structlog.get_logger(__name__)


async def run(settings: RouterSettings, stop: asyncio.Event) -> None:
    """Judge and route until `stop`.

    Raises:
        StoppedError: before the work had begun.
        TamaniError: it cannot start or go on.
        Exception: a defect; the process must end, nothing under way was acknowledged.
    """
    listener = listen_on(settings.host, settings.port)
    registry = await RegistryHolder(settings, settings.registry_path).start()
    sender, metrics = KafkaSender(settings), Metrics()
    watch_registry(metrics.registry, "router", lambda: registry.current)
    forwarder = Forwarder(registry, sender, Refusals(settings.limit), metrics, system_clock)
    worker = Worker(settings, registry, forwarder, metrics)
    log.info("router ready", instance=settings.instance, port=listener.getsockname()[1])
    await together(work=worker.run(stop), http=_serve(worker, listener, stop))
    await registry.stop()
    await sender.stop()


async def _serve(worker: Worker, listener: socket.socket, stop: asyncio.Event) -> None:
    """HTTP ends before the work does; the work says when all has ended."""
    await serve(build_app(worker), listener, stop)
    await asyncio.Event().wait()


async def run_and_leave(settings: RouterSettings, stop: asyncio.Event) -> None:
    """`run`, and then the end of the process with a status: no thread of a library may keep a failed worker alive."""
    try:
        await run(settings, stop)
    except StoppedError:
        leave(0)
    except TamaniError as error:
        log.error("router stopped", code=error.code.name, detail=error.detail)
        leave(1)
    except Exception as error:
        log.critical("router failed", exc_info=error)
        leave(1)
    leave(0)


def main() -> int:
    """Run a router worker with the settings of the environment."""
    settings = RouterSettings()
    setup_logging("router", settings.log_level, settings.log_json)
    run_until_stopped(lambda stop: run_and_leave(settings, stop))
    return 0
