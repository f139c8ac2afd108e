"""A day at two sites, in Bamako and in Niamey, for the stories of those who work there.

Desks, nodes, databases, calendar and mail server are real. The region's part is done by hand: what waits in either
outbox comes back in the feed that both desks read.
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
from tamani.core.names import Country
from tamani.desk.posting import Posting as Api
from tamani.runtime.clock import system_clock
from tests.component.desk.conftest import Fed, desk_settings, running
from tests.component.desk.serving import served
from tests.component.desk.test_mail import Bureau
from tests.support import cluster
from tests.support.mail import smtp_server
from tests.support.notices import COMMISSION_ML
from tests.support.posting import Posting, posting
from tests.support.slow_link import SlowLink, slow_link

if TYPE_CHECKING:
    from tests.browser.conftest import Reader


@dataclass
class Site:
    """A desk with the node of its country beside it, at one address."""

    fed: Fed
    node: Posting
    address: str = ""
    archived: int = 0

    async def said(self) -> list[bytes]:
        """What has come into its outbox since the last time."""
        rows = await self.node.rows()
        fresh, self.archived = rows[self.archived :], len(rows)
        return [bytes(row["value"]) for row in fresh]


@dataclass
class Day:
    """Our site with a calendar's mail, the other country's, and the region's part done by hand."""

    ours: Site
    theirs: Site
    bureau: Bureau

    @property
    def fed(self) -> Fed:
        """Our desk."""
        return self.ours.fed

    async def region(self) -> Event:
        """Archive what waits in the outboxes, and tell both desks; the last of it."""
        values = [value for site in (self.ours, self.theirs) for value in await site.said()]
        for value in values:
            self.fed.feed.append_value(value)
        for site in (self.ours, self.theirs):
            await site.fed.take()
        return decode_event(decode_envelope(values[-1]).payload)


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
async def site(fed: Fed, folder: Path, country: Country = Country.ML) -> AsyncIterator[Site]:
    """The desk with its node, each of which asks the other, as in a country's site."""
    beside = BesideDesk()
    beside.queries = fed.desk.queries
    async with (
        posting(folder, country, beside=beside, named=beside.named) as node,
        httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as api,
    ):
        # Sessions are of today; the mail goes by the days on which the tests' archive records.
        node.clock.at = system_clock()
        fed.desk.posting = Api(api)
        yield Site(fed, node)


@asynccontextmanager
async def morning(fed: Fed, folder: Path, database: cluster.Database) -> AsyncIterator[Day]:
    """The morning of a clerk in Bamako; a member's telephone gets the convocations by mail. `database` is Niger's."""
    away = folder / "ne"
    away.mkdir()
    async with (
        smtp_server() as box,
        site(fed, folder) as ours,
        running(desk_settings(database, away, country=Country.NE)) as neighbour,
        site(neighbour, away, Country.NE) as theirs,
        served(neighbour.desk) as theirs.address,
    ):
        neighbour.feed = fed.feed
        bureau = Bureau(fed, box)
        await bureau.subscribe(COMMISSION_ML)
        yield Day(ours, theirs, bureau)


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
