"""A real Chromium (Debian's) on a real desk. A machine without one skips, and says how to get it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.component.desk.conftest import Fed, desk_database, desk_tables, fed  # noqa: F401 - fixtures of ours, too
from tests.component.desk.serving import served
from tests.support.cadre import Cadre, running_cadre
from tests.support.chromium import CHROMIUM, running_chromium, visited

PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
SIZES = {"phone": PHONE, "desk": DESK}


@pytest.fixture(scope="session")
def devtools() -> Iterator[str]:
    """The door of the browser that all tests of this process visit."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with running_chromium() as door:
        yield door


@pytest.fixture
async def chromium(devtools: str) -> AsyncIterator[Browser]:
    """The browser."""
    async with visited(devtools) as browser:
        yield browser


@pytest.fixture
async def address(fed: Fed) -> AsyncIterator[str]:  # noqa: F811
    """The desk's address."""
    async with served(fed.desk) as url:
        yield url


@pytest.fixture(scope="session")
def cadre(jars: Path) -> Iterator[Cadre]:
    """The sites of three commissions over a real bus, for the stories."""
    with running_cadre() as made:
        yield made


class Reader:
    """A page, and what it complained about or asked of others."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: self.hosts.add(request.url.partition("//")[2].partition("/")[0]))

    async def goes_to(self, path: str) -> None:
        """Open a path of the desk."""
        await self.page.goto(self.address + path)

    async def follows(self, *names: str) -> None:
        """Go from page to page by the links that bear these words."""
        for name in names:
            # On a slow link the page before stays, with links of the same words.
            async with self.page.expect_navigation():
                await self.page.get_by_role("link", name=name).first.click()

    async def overflow(self) -> int:
        """How many pixels wider than the window the page is."""
        width: int = await self.page.evaluate(OVERFLOW)
        return width

    async def enter(self, cookie: str) -> None:
        """As an officer who has signed in (`test_door.py` shows how)."""
        await self.page.context.add_cookies([{"name": "tamani_session", "value": cookie, "url": self.address}])
        await self.goes_to("/")

    def is_content(self) -> None:
        """Nothing failed on the page, and nothing was asked of anybody else."""
        assert self.complaints == []
        assert self.hosts == {self.address.partition("//")[2]}


@pytest.fixture
def shots(pytestconfig: pytest.Config) -> Path | None:
    """Where pictures of the pages go: `--shots FOLDER`; nowhere otherwise."""
    folder = pytestconfig.getoption("--shots")
    return Path(folder) if folder else None


OpenReader = Callable[..., Awaitable[Reader]]


@pytest.fixture
async def windows(chromium: Browser) -> AsyncIterator[OpenReader]:
    """Opens a window of a size, with or without JavaScript, at the site of an address."""
    async with AsyncExitStack() as stack:

        async def open_(address: str, size: str = "desk", script: bool = True, **options: Any) -> Reader:
            window = await stack.enter_async_context(_context(chromium, size, script, options))
            return Reader(await window.new_page(), address)

        yield open_


@pytest.fixture
def opens(windows: OpenReader, address: str) -> OpenReader:
    """The same, at our site."""
    return partial(windows, address)


@asynccontextmanager
async def _context(browser: Browser, size: str, script: bool, options: dict[str, Any]) -> AsyncIterator[Any]:
    viewport: Any = SIZES[size]
    context = await browser.new_context(viewport=viewport, java_script_enabled=script, locale="fr-FR", **options)
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        await context.close()
