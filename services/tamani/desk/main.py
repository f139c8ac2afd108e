"""Build a desk from its settings and serve it."""

import asyncio

import structlog

from tamani.core.errors import TamaniError
from tamani.desk.app import build_app
from tamani.desk.service import desk_running
from tamani.desk.settings import DeskSettings
from tamani.runtime.logging import setup_logging
from tamani.runtime.process import run_until_stopped
from tamani.runtime.serving import listen_on, serve_beside

log = structlog.get_logger(__name__)


async def run(settings: DeskSettings, stop: asyncio.Event) -> None:
    """Serve a desk until `stop`.

    Raises:
        TamaniError: it cannot start (port taken, a database of a newer version).
        Exception: a defect in one of its tasks.
    """
    listener = listen_on(settings.host, settings.port)
    async with desk_running(settings, stop) as desk:
        log.info("desk ready", country=settings.country, port=listener.getsockname()[1])
        await serve_beside(build_app(desk), listener, stop, desk.failed())


def main() -> int:
    """Run a desk with the settings of the environment; the exit status."""
    settings = DeskSettings()
    setup_logging(f"desk.{settings.country}", settings.log_level, settings.log_json)
    try:
        run_until_stopped(lambda stop: run(settings, stop))
    except TamaniError as error:
        log.error("desk stopped", code=error.code.name, detail=error.detail)
        return 1
    return 0
