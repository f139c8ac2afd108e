"""A worker of the region: several tasks that live and die together, and leaving at once when one of them fails."""

import asyncio
import logging
import os
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class StoppedError(Exception):
    """Asked to stop before the work had begun."""


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is abandoned if `stop` comes first.

    Raises:
        StoppedError: it came first.
    """
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise StoppedError
        return task.result()
    finally:
        task.cancel()
        stopping.cancel()


async def together(**jobs: Coroutine[Any, Any, None]) -> None:
    """Run all until the first ends, then cancel the others.

    Raises:
        Exception: what ended it.
    """
    tasks = {asyncio.create_task(job, name=name) for name, job in jobs.items()}
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


def leave(status: int) -> NoReturn:
    """End the process now. What was not acknowledged is read again; no thread of a library can hold us back."""
    logging.shutdown()
    os._exit(status)
