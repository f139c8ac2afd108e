"""Waiting for conditions, never for time: a test says what must become true and how long it may take at worst."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
BETWEEN = 0.05


async def until(
    found: Callable[[], Awaitable[T | None]], what: str, seconds: float = 60.0, between: float = BETWEEN
) -> T:
    """Ask again until the answer is neither None nor false, and give it.

    Raises:
        AssertionError: it did not come in time; the message says what was awaited and the last answer.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await found()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(between)


async def reaches(count: Callable[[], Awaitable[int]], least: int, what: str, seconds: float = 60.0) -> int:
    """Wait until a count is at least that high, and give it; progress extends nothing, `seconds` is the whole.

    Raises:
        AssertionError: it did not come in time; the message gives the last count.
    """
    deadline = time.monotonic() + seconds
    while (now := await count()) < least:
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what} reached {now} of {least}")
        await asyncio.sleep(BETWEEN)
    return now


async def elapses(since: float, seconds: float) -> None:
    """Where a duration is itself the promise under test (an outage of so long): until it has passed since `since`."""
    await asyncio.sleep(max(0.0, since + seconds - time.monotonic()))
