"""A day at a site in Bamako, for the stories of those who work there.

Desk, node, database, calendar and mail server are real. The region's part is done by hand: each notice of the outbox
comes back in the country's feed.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from tamani.cli.beside import BesideDesk
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed
from tests.component.desk.test_mail import Bureau
from tests.support.mail import smtp_server
from tests.support.notices import COMMISSION_ML, seal
from tests.support.posting import Posting, posting
from tests.support.slow_link import SlowLink, slow_link

if TYPE_CHECKING:
    from tests.browser.conftest import Reader


@dataclass
class Day:
    """A site with its node, a calendar's mail, and the region's part done by hand."""

    fed: Fed
    node: Posting
    bureau: Bureau
    archived: int = 0

    async def region(self) -> Event:
        """Archive what waits in the outbox; the last of it."""
        rows = await self.node.rows()
        events = [decode_event(decode_envelope(row["value"]).payload) for row in rows[self.archived :]]
        for event in events:
            self.fed.feed.append_value(seal(event))
        self.archived = len(rows)
        await self.fed.take()
        return events[-1]


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


@asynccontextmanager
async def morning(fed: Fed, folder: Path) -> AsyncIterator[Day]:
    """The morning of a clerk in Bamako; a member's telephone gets the convocations by mail."""
    beside = BesideDesk()
    beside.queries = fed.desk.queries
    async with (
        smtp_server() as box,
        posting(folder, beside=beside, named=beside.named) as node,
        httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api,
    ):
        # Sessions are of today; the mail goes by the days on which the tests' archive records.
        node.clock.at = system_clock()
        bureau = Bureau(fed, box)
        fed.desk.posting = Api(api)
        await bureau.subscribe(COMMISSION_ML)
        yield Day(fed, node, bureau)


async def behind_a_slow_link(stack: AsyncExitStack, reader: "Reader") -> None:
    """From now on this reader reaches the site by 64 kbit/s and 800 ms."""
    there = urlsplit(reader.address)
    link = await stack.enter_async_context(slow_link(SlowLink(("127.0.0.1", there.port or 0))))
    reader.address = f"http://127.0.0.1:{link.port}"
    reader.page.context.set_default_timeout(60_000)


def size_of(reader: "Reader") -> str:
    """`phone` or `desk`."""
    size = reader.page.viewport_size
    return "phone" if size and size["width"] < 500 else "desk"
