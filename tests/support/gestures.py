"""What a task costs whoever does it in a browser: gestures, fields that are seen, bytes, and seconds on their link."""

import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Locator, Page, Request

CONTROLS = ":is(input, select, textarea):visible"
FIELDS = f"main {CONTROLS}"
# The link that pages are made for: bits a second, and seconds for a question and its answer.
RATE, ROUND_TRIP = 64_000, 0.8


@dataclass
class Hands:
    """Does what a person does, and counts: a gesture is a press, a value chosen or a field filled in."""

    page: Page
    gestures: int = 0
    fields: int = 0
    seconds: float = 0.0
    # What the task's bytes and requests take on that link, one request after the other, on a machine of any speed.
    link_seconds: float = 0.0
    told: list[str] = field(default_factory=list)
    _requests: list[Request] = field(default_factory=list)
    _aside: float = 0.0

    def __post_init__(self) -> None:
        self.page.on("requestfinished", self._asked)

    def _asked(self, request: Request) -> None:
        self._requests.append(request)

    async def press(self, target: Locator) -> None:
        """A link or a button."""
        self.gestures += 1
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        """A field."""
        self.gestures += 1
        await target.fill(text)

    async def choose(self, target: Locator, value: str) -> None:
        """One of a list."""
        self.gestures += 1
        await target.select_option(value)

    async def tick(self, target: Locator) -> None:
        """A box."""
        self.gestures += 1
        await target.check()

    async def look(self) -> None:
        """How many fields the page shows, once it is whole: the most of any page of the task."""
        await self.page.wait_for_load_state()
        self.fields = max(self.fields, await self.page.locator(FIELDS).count())

    async def aside(self, work: Awaitable[None]) -> None:
        """What a person would not do, and so does not count."""
        began = time.monotonic()
        await work
        self._aside += time.monotonic() - began

    @asynccontextmanager
    async def task(self, name: str) -> AsyncIterator[None]:
        """One task; its costs are told when it is done."""
        self.gestures, self.fields, self._aside, began = 0, 0, 0.0, time.monotonic()
        self._requests.clear()
        yield
        await self.page.wait_for_load_state("networkidle")
        self.seconds = time.monotonic() - began - self._aside
        carried = sum([await _size(request) for request in self._requests])
        self.link_seconds = carried * 8 / RATE + len(self._requests) * ROUND_TRIP
        said = f"{name}: {self.gestures} gestures, {self.fields} fields, {carried / 1000:.1f} kB, {self.seconds:.1f} s"
        self.told.append(f"{said} here, {self.link_seconds:.1f} s by bytes and requests")


async def _size(request: Request) -> int:
    """Bytes both ways, with their headers."""
    size = await request.sizes()
    sent = size["requestHeadersSize"] + size["requestBodySize"]
    return sent + size["responseHeadersSize"] + size["responseBodySize"]
