"""The sites of three commissions over a real bus, with a mail server: for the stories of those who work there.

Kafka, router, archive, PostgreSQL, nodes and desks are processes, the mail server is a real one. All of it is kept by a
loop in a thread of its own, so that one serves the stories of many tests; these tell theirs apart by the titles.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from tamani.core.event import Event, decode_event
from tamani.core.names import Country, country_of
from tamani.desk.agenda.asked import Asked
from tamani.desk.database import Database
from tamani.desk.mail.subscriptions import Subscriptions
from tamani.runtime.accounts.accounts import open_accounts
from tamani.runtime.clock import system_clock
from tests.support.bus import Bus, running_bus
from tests.support.guessing import OPENING, cost
from tests.support.mail import Box, smtp_server
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, api_body, new_id
from tests.support.officers import Person, invited
from tests.support.waiting import until

COMMISSIONS = {Country.BF: COMMISSION_BF, Country.ML: COMMISSION_ML, Country.NE: COMMISSION_NE}
LAST: dict[str, str | int] = {"order": "desc", "limit": 30}


@dataclass
class Cadre:
    """The running sites, and what their mail server has taken."""

    bus: Bus
    box: Box

    def url(self, source: str) -> str:
        """The site of a body."""
        return self.bus.url(country_of(source))

    async def says(self, kind: str, source: str, **changes: Any) -> Event:
        """A body says something by the API of its site; as every commission reads it."""
        body = api_body(kind, **({"id": new_id()} | changes))
        headers = self.bus.poster().bearer(source)
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.post(self.url(source) + "/v1/messages", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return await self.crossed(body["id"])

    async def crossed(self, id_: str) -> Event:
        """A notice for all, once it has come through the region to each commission's own site."""
        for source in COMMISSIONS.values():
            event = await self.reaches(source, id_)
        return event

    async def reaches(self, source: str, id_: str) -> Event:
        """A notice, once the site of this body has it for this body to read."""
        headers = self.bus.poster().bearer(source)
        async with httpx.AsyncClient(base_url=self.url(source), headers=headers, timeout=20) as client:

            async def found() -> Event | None:
                answer = await client.get("/v1/records", params=LAST)
                records = answer.json()["records"] if answer.is_success else ()
                mine = (decode_event(json.dumps(one["event"]).encode()) for one in records)
                return next((one for one in mine if one.id == id_), None)

            return await until(found, f"{id_} at the site of {source}")

    def officer(self, source: str, login: str) -> Person:
        """Somebody of this body who may post, with a password and a telephone set up a minute ago."""
        folder = self.bus.site_folder(country_of(source))
        with pytest.MonkeyPatch.context() as patch:
            cost(patch, OPENING)
            accounts = open_accounts(folder, _a_minute_ago, folder / "passphrase")
            person = invited(accounts, _a_minute_ago, source, login)
            accounts.close()
        # The code of that minute is spent; at the door they show the one of now.
        person.clock = system_clock
        return person

    async def subscribe(self, source: str, address: str) -> None:
        """A member's address, asked for and confirmed (`test_member.py` shows how)."""
        tables = Database(self.bus.databases[f"desk_{country_of(source)}"].dsn)
        kept = Subscriptions(tables, system_clock)
        try:
            _, secret = await kept.ask(address, source, "fr", Asked())
            assert await kept.confirm(secret)
        finally:
            await tables.close()

    async def letters(self, address: str, words: str, count: int) -> list[EmailMessage]:
        """So many letters to this address with these words in their subject, once they have come; no more till then."""

        async def come() -> list[EmailMessage] | None:
            mine = [mail for mail in list(self.box.mails) if mail["To"] == address and words in mail["Subject"]]
            return mine if len(mine) >= count else None

        found = await until(come, f"{count} letters to {address} about {words}")
        assert len(found) == count, [mail["Subject"] for mail in found]
        return found


@contextmanager
def running_cadre() -> Iterator[Cadre]:
    """The sites for as long as the block lasts."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_cadre()) as made:
        yield made


@asynccontextmanager
async def _cadre() -> AsyncIterator[Cadre]:
    async with smtp_server() as box, running_bus(COMMISSIONS, mail=box.port) as bus:
        yield Cadre(bus, box)


def _a_minute_ago() -> datetime:
    return system_clock() - timedelta(minutes=1)
