"""The life of a service's process: it runs until it fails or is asked to stop (SIGTERM, SIGINT)."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

Run = Callable[[asyncio.Event], Awaitable[None]]


def run_until_stopped(run: Run) -> None:
    """Call `run` with an event that a signal sets; return when it has ended."""
    asyncio.run(_run(run))


async def _run(run: Run) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)
