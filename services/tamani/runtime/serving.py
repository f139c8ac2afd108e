"""Serve an application over HTTP within a process that has other work too, until it is told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Iterator
from typing import Any

import uvicorn

from tamani.core.errors import DefectError

GRACE_SECONDS = 5
BACKLOG = 2048


class _Server(uvicorn.Server):
    """Signals belong to the process, not to its web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        DefectError: `failed.port`, somebody listens there already, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise DefectError("failed.port", f"{host}:{port}: {error.strerror}") from error
    return listener


async def serve(app: Any, listener: socket.socket, stop: asyncio.Event) -> None:
    """Answer requests until `stop`; then finish those under way, streams excepted."""
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]), name="http")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


async def serve_beside(app: Any, listener: socket.socket, stop: asyncio.Event, failed: Awaitable[None]) -> None:
    """Serve until `stop`, or until a task beside the server ends (`failed` waits for that), which stops it, too.

    Raises:
        Exception: what ended the task.
    """
    serving = asyncio.create_task(serve(app, listener, stop), name="http")
    failing = asyncio.ensure_future(failed)
    await asyncio.wait({serving, failing}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await serving
    if failing.done():
        failing.result()
    failing.cancel()
