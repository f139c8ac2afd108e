"""What is folded from many threads is made once when a desk starts, so that no morning's first reader waits for it.

It is made for those who will ask: the public, and the bodies whose officers sign in here, as many as are kept. Each
part asks for some threads and then lets others have their turn, so that the desk answers meanwhile.
"""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass

import structlog

from tamani.core.errors import OutageError
from tamani.core.policy import PUBLIC, Reader
from tamani.desk.agenda.clocks import home_zone
from tamani.desk.agenda.periods import read_period
from tamani.desk.agenda.search import Gathered, kept_between
from tamani.desk.database import Database
from tamani.desk.demands.search import Finder
from tamani.desk.folded import Folded
from tamani.desk.laws.gathering import Laws, kept_laws
from tamani.desk.queries import Queries
from tamani.desk.settings import DeskSettings
from tamani.desk.told import Told
from tamani.runtime.accounts.accounts import Accounts
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class Preparing:
    """What one desk keeps between requests, and for how many readers."""

    settings: DeskSettings
    database: Database
    queries: Queries
    accounts: Accounts
    laws: Folded[Reader, Laws]
    meetings: Folded[Hashable, Gathered]
    told: Told
    clock: Clock
    most: int

    async def run(self) -> None:
        """Prepare once; a database that is away is waited for. Whatever else fails is logged, and gone without."""
        while True:
            try:
                readers = await self.prepare()
                log.info("desk.prepared", readers=len(readers))
                await asyncio.Event().wait()
            except OutageError as error:
                log.warning("desk.prepares_later", code=error.code.name)
                await asyncio.sleep(AGAIN)
            except Exception:  # a desk that ended here would prepare the same again at each start
                log.exception("desk.unprepared")
                await asyncio.Event().wait()

    async def prepare(self) -> list[Reader]:
        """Make what a first page, the laws and this month's calendar are made of; for whom, in order.

        Raises:
            OutageError: `failed.database`.
        """
        zone = home_zone(self.settings.country)
        month = read_period(None, None, self.clock().astimezone(zone).date()).instants(zone)
        readers = self._readers()
        for reader in readers:
            finder = Finder(self.database, self.told)
            await finder.owed_by(reader, self.clock())
            await finder.owed_to(reader, self.clock())
            await kept_between(self.meetings, self.database, reader, *month)
            await kept_laws(self.laws, self.queries, reader)
        return readers

    def _readers(self) -> list[Reader]:
        """The bodies that have officers here, by name, and the public; the last one is kept longest."""
        bodies = sorted({one.source for one in self.accounts.officers.of_body(None) if one.state == "active"})
        return [PUBLIC, *map(Reader, bodies[: self.most - 1])]
