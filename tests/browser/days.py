"""What the tests in a browser share: a node beside a desk, the way in through the door, a slow link, bus and mail."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Locator

from tamani.core.event import Event
from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.support.cadre import Cadre
from tests.support.officers import Person
from tests.support.posting import Posting, posting
from tests.support.slow_link import SlowLink, slow_link
from tests.support.waiting import until

if TYPE_CHECKING:
    from tests.browser.conftest import Reader


@asynccontextmanager
async def with_node(fed: Fed, folder: Path) -> AsyncIterator[Posting]:
    """The desk with the node of its site, which goes by today's clock."""
    async with (
        posting(folder) as node,
        httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api,
    ):
        node.clock.at = system_clock()
        fed.desk.posting = Api(api)
        yield node


async def sign_in(reader: "Reader", person: Person) -> None:
    """Through the door, with password and telephone; then on the first page."""
    page = reader.page
    await reader.goes_to("/connexion")
    await page.locator("#identifiant").fill(person.officer.login)
    await page.locator("#mot_de_passe").fill(person.password)
    await page.locator("main form button").click()
    await page.wait_for_url("**/connexion/code**")
    await page.locator("#code").fill(person.code)
    await page.locator("main form button").click()
    await page.wait_for_url("**/accueil")


async def published(cadre: Cadre, reader: "Reader") -> Event:
    """What was just published from this page, once each commission has it at its own site."""
    await reader.page.wait_for_url("**/publier/envoi/**")
    return await cadre.crossed(reader.page.url.rpartition("/")[2])


async def shows(reader: "Reader", what: Locator) -> None:
    """Look again until the page shows it."""

    async def there() -> bool:
        if await what.count():
            return True
        await reader.page.reload()
        return bool(await what.count())

    await until(there, f"{what} on {reader.page.url}")


async def behind_a_slow_link(stack: AsyncExitStack, reader: "Reader") -> None:
    """From now on this reader reaches the site by 64 kbit/s and 800 ms."""
    there = urlsplit(reader.address)
    link = await stack.enter_async_context(slow_link(SlowLink(("127.0.0.1", there.port or 0))))
    reader.address = f"http://127.0.0.1:{link.port}"


def size_of(reader: "Reader") -> str:
    """`phone` or `desk`."""
    size = reader.page.viewport_size
    return "phone" if size and size["width"] < 500 else "desk"
