"""One Chromium (Debian's) for many tests: each comes to it by its DevTools door and leaves no window behind.

A test has an event loop of its own, so the browser lives in a thread with another.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from shutil import which

from playwright.async_api import Browser, async_playwright

from tests.support.ports import free_ports

CHROMIUM = which("chromium") or which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_SECONDS = 60.0


@contextmanager
def running_chromium() -> Iterator[str]:
    """Its door, for as long as the block lasts."""
    (port,) = free_ports(1)
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_live(port, ready)), name="chromium")
    thread.start()
    loop, enough = ready.result(START_SECONDS)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(enough.set)
        thread.join()


async def _live(port: int, ready: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]") -> None:
    enough = asyncio.Event()
    try:
        async with async_playwright() as playwright:
            door = f"--remote-debugging-port={port}"
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, door])
            ready.set_result((asyncio.get_running_loop(), enough))
            await enough.wait()
            await browser.close()
    except Exception as error:
        if ready.done():
            raise
        ready.set_exception(error)


@asynccontextmanager
async def visited(door: str) -> AsyncIterator[Browser]:
    """The browser behind a door, for one test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(door)
        try:
            yield browser
        finally:
            await browser.close()
