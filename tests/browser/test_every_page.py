"""Every page, empty and full, refused and missing, on a phone and on a desk: axe, contrast, width and weight."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.async_api import CDPSession, Page

from tamani.desk.app import build_app
from tests.browser.conftest import OVERFLOW, SIZES, OpenReader, Reader
from tests.browser.places import PAGES, Place, dressing, empty_places, pages_of
from tests.browser.test_desk import CONTRAST, HEAVIEST
from tests.browser.test_door import GRAVE
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_ML
from tests.support.officers import ALL, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.timeout(600)]
# Which rules a page breaks gravely, and by what.
AXE = """async (grave) => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  const shown = (nodes) => nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
  return violations.filter((one) => grave.includes(one.impact)).map((one) => [one.id, shown(one.nodes)]);
}"""


async def test_every_page_is_known(fed: Fed) -> None:
    """A page that is not in the list is looked at by nobody."""
    assert pages_of(build_app(fed.desk).routes) == set(PAGES)


async def test_every_page_can_be_read(
    fed: Fed, opens: OpenReader, tmp_path: Path, shots: Path | None, tell: Tell
) -> None:
    """A new site first, then one with something of everything; each fault is told with its page and its window."""
    looks = Looks(opens, shots)
    await looks.over(empty_places(), {"officer": session_of(fed.desk.accounts, COMMISSION_ML, ALL)}, "vide")
    async with dressing(fed, tmp_path) as dressed:
        await looks.over(dressed.places, dressed.cookies, "plein")
        assert {place.route for place in dressed.places} >= set(PAGES)
    heaviest, path = max(looks.weights)
    assert min(looks.weights)[0] > 0, "every page was weighed"
    tell(f"{looks.seen} pages in two windows, the heaviest {heaviest / 1000:.1f} kB: {path}")
    assert looks.faults == []


class Looks:
    """Looks at pages as one after the other of those who may see them, and keeps what is amiss.

    A page is asked for once, by a phone, and then looked at in a wider window: what it is made of knows no width, its
    style alone does.
    """

    def __init__(self, opens: OpenReader, shots: Path | None) -> None:
        self._opens, self._shots = opens, shots
        self.faults: list[tuple[str, Any]] = []
        self.weights: list[tuple[int, str]] = []
        self.seen = 0

    async def over(self, places: list[Place], cookies: dict[str, str], name: str) -> None:
        """Look at each."""
        for who in dict.fromkeys(place.who for place in places):
            reader = await self._opens("phone")
            if who in cookies:
                await reader.enter(cookies[who])
            await reader.page.context.add_init_script(AXE_SCRIPT)
            scales = Scales(await reader.page.context.new_cdp_session(reader.page))
            await scales.start()
            for place in (one for one in places if one.who == who):
                await self._at(reader, scales, place, name)

    async def _at(self, reader: Reader, scales: "Scales", place: Place, name: str) -> None:
        self.seen += 1
        self._keep(name, place, await _opened(reader, place))
        weight = scales.read()
        self.weights.append((weight, place.path))
        self._keep(name, place, [("weight", weight)] if weight > HEAVIEST else [])
        for size, window in SIZES.items():
            await reader.page.set_viewport_size(window)
            self._keep(f"{name} {size}", place, await _faults(reader.page))
            await self._shoot(reader.page, place, f"{name}-{self.seen:03}-{size}")
        complaints = (one for one in reader.complaints if f"status of {place.status}" not in one)
        self._keep(name, place, list(complaints))

    def _keep(self, name: str, place: Place, found: list[Any]) -> None:
        self.faults += [(f"{name} {place.who} {place.path}", one) for one in found]

    async def _shoot(self, page: Page, place: Place, name: str) -> None:
        if self._shots is not None:
            shown = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", place.path.lower()))[:60]
            await page.screenshot(path=self._shots / f"{name}-{place.who}{shown}.png", full_page=True)


class Scales:
    """What crosses the line for each page, headers included, with nothing kept from the page before."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._sizes: list[int] = []
        session.on("Network.loadingFinished", lambda event: self._sizes.append(int(event["encodedDataLength"])))

    async def start(self) -> None:
        """Begin to weigh."""
        await self._session.send("Network.enable")
        await self._session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def read(self) -> int:
        """The weight since the last reading (bytes)."""
        total = sum(self._sizes)
        self._sizes.clear()
        return total


async def _opened(reader: Reader, place: Place) -> list[Any]:
    """Ask for a page, in the window of a phone. Chromium itself complains of an answer that is an error."""
    reader.complaints.clear()
    await reader.page.set_viewport_size(SIZES["phone"])
    answer = await reader.page.goto(reader.address + place.path)
    assert answer is not None
    return [("status", answer.status)] if answer.status != place.status else []


async def _faults(page: Page) -> list[Any]:
    """What is wrong with the page as this window shows it."""
    wide = await page.evaluate(OVERFLOW)
    found: list[Any] = [("wide", wide)] if wide > 0 else []
    found += [("contrast", one) for one in await page.evaluate(CONTRAST)]
    return found + [tuple(one) for one in await page.evaluate(AXE, sorted(GRAVE))]
