"""A desk on a real PostgreSQL, fed by hand (the tests of the mirror feed it through a real Kafka)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tamani.core.names import Country
from tamani.desk.app import build_app
from tamani.desk.database import MIGRATIONS, Database
from tamani.desk.intake import Intake
from tamani.desk.service import Desk, make_desk
from tamani.desk.settings import DeskSettings
from tamani.runtime.migrate import upgrade
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import TokenStore
from tests.component.desk.feeds import Feed
from tests.support import cluster
from tests.support.notices import TRUSTED, registry_value
from tests.support.officers import passphrase_in, session_of


def desk_settings(database: cluster.Database, folder: Path, **changes: object) -> DeskSettings:
    """Settings of a desk of Mali on this database; no archive and no Kafka unless given."""
    given: dict[str, object] = {
        "country": Country.ML,
        "database": database.dsn,
        "data_dir": folder,
        "registry_trust": TRUSTED,
        "passphrase_file": passphrase_in(folder),
        "archive_url": None,
    }
    return DeskSettings.model_validate(given | changes)


@dataclass
class Fed:
    """A desk and the feed that it takes in."""

    desk: Desk
    tokens: TokenStore
    feed: Feed = field(default_factory=Feed)
    _app: FastAPI | None = None
    _parts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.intake = Intake(self.desk.database, self.desk.registry)

    async def take(self) -> None:
        """Take in what the feed has beyond the desk's head."""
        place = await self.intake.load()
        fresh = [entry for entry in self.feed.entries if entry.feed_index > place.head]
        if fresh and fresh[0].epoch > place.epoch:
            place = await self.intake.truncate(place, fresh[0].epoch, fresh[0].feed_index)
        if fresh:
            await self.intake.take(place, fresh)

    async def rewind(self, head: int) -> None:
        """A later epoch replaces what followed this entry."""
        self.feed.rewind(head)
        await self.intake.truncate(await self.intake.load(), self.feed.epoch, head + 1)

    async def learn(self, value: bytes) -> None:
        """A newer registry comes: what could not be shown is tried again."""
        assert self.desk.registry.offer(value)
        await self.intake.read_again(await self.intake.load())

    def token(self, source: str) -> str:
        """A reader's token for this body."""
        return self.tokens.issue(source, "reader", "test")

    def cookie(self, source: str) -> str:
        """What the browser of an officer of this body holds."""
        return session_of(self.desk.accounts, source)

    def client(self, source: str | None = None) -> httpx.AsyncClient:
        """A program that reads for this body, or for nobody."""
        headers = {"Authorization": f"Bearer {self.token(source)}"} if source else {}
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 1))
        return httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers)

    @property
    def app(self) -> FastAPI:
        """The desk's application; its two hundred routes are built again only if the desk was given other parts."""
        parts = [getattr(self.desk, one.name) for one in fields(self.desk)]
        if self._app is None or any(one is not other for one, other in zip(parts, self._parts, strict=True)):
            self._app, self._parts = build_app(self.desk), parts
        return self._app


@pytest.fixture(scope="session")
def desk_tables(postgres: cluster.PostgresCluster) -> cluster.Database:
    """A database with a desk's tables, for copies: to make them anew for each test takes longer than the tests."""
    made = postgres.fresh()
    upgrade(made.dsn, MIGRATIONS)
    return made


@pytest.fixture
def desk_database(postgres: cluster.PostgresCluster, desk_tables: cluster.Database) -> Iterator[cluster.Database]:
    """A new database with a desk's empty tables."""
    made = postgres.copy_of(desk_tables)
    yield made
    postgres.drop(made)


@pytest.fixture
async def fed(desk_database: cluster.Database, tmp_path: Path) -> AsyncIterator[Fed]:
    """An empty desk of Mali that knows the bodies of the tests."""
    async with running(desk_settings(desk_database, tmp_path)) as made:
        yield made


@asynccontextmanager
async def running(settings: DeskSettings, registry: bytes | None = None) -> AsyncIterator[Fed]:
    """An empty desk with these settings that knows the bodies of the tests, or those of this registry."""
    holder = RegistryHolder(settings, settings.registry_path)
    assert holder.offer(registry or registry_value())
    tables = Database(settings.conninfo)
    desk = make_desk(settings, tables, holder, None)
    hub = asyncio.create_task(desk.hub.run())
    await desk.hub.ready()
    yield Fed(desk, TokenStore(settings.tokens_path))
    assert not hub.done(), hub.exception()
    hub.cancel()
    await asyncio.gather(hub, return_exceptions=True)
    desk.accounts.close()
    for client in (desk.upward, desk.fetching):
        if client is not None:
            await client.close()
    await tables.close()


@pytest.fixture
async def browser(fed: Fed) -> AsyncIterator[httpx.AsyncClient]:
    """A reader without JavaScript who has not signed in."""
    async with fed.client() as client:
        client.headers["Accept"] = "text/html"
        yield client
