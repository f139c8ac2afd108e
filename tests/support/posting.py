"""A node's posting side for tests: real SQLite, keys and judge; time and ids are the test's."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tamani.core.names import Country, country_of
from tamani.core.registry import Registry
from tamani.node.api import build_app
from tamani.node.database import open_database
from tamani.node.door import Door
from tamani.node.ground import Ground
from tamani.node.keystore import Keystore
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.node.publish import Publisher
from tamani.node.reviewing import Reviews
from tamani.runtime.accounts.accounts import Accounts, open_accounts
from tamani.runtime.tokens import TokenStore
from tests.support.notices import SOURCES, key_of, new_id, registry

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


class Ticks:
    """Monotonic seconds that stand until they are turned."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        """Go forward."""
        self.now += seconds


class TestClock:
    """A clock that stands until it is turned."""

    __test__ = False

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        """Go forward."""
        self.at += timedelta(**by)


@dataclass
class Posting:
    """The parts of one node, without its tasks."""

    ground: Ground
    outbox: Outbox
    clock: TestClock
    publisher: Publisher
    reviews: Reviews
    tokens: TokenStore
    metrics: Metrics
    app: FastAPI
    door_ticks: Ticks
    accounts: Accounts
    known: list[Registry] = field(default_factory=list)

    def client(self, source: str | None = None, role: str = "validated", **headers: str) -> httpx.AsyncClient:
        """A client of the API that speaks for this body (or without a token)."""
        token = {"Authorization": f"Bearer {self.tokens.issue(source, role)}"} if source else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://node", headers=token | headers)

    async def rows(self) -> list[dict[str, Any]]:
        """The whole outbox, oldest first."""
        from sqlalchemy import select

        from tamani.node.tables import outbox

        found = await self.outbox.read(lambda c: c.execute(select(outbox).order_by(outbox.c.row_no)).all())
        return [row._asdict() for row in found]


@asynccontextmanager
async def posting(
    folder: Path, country: Country = Country.ML, make_id: Callable[[], str] = new_id, **beside: Any
) -> AsyncIterator[Posting]:
    """A node of this country with the keys of its bodies, on a file in `folder`; `beside`: what a desk tells it."""
    clock = TestClock()
    outbox = Outbox(open_database(folder / "outbox.sqlite"), clock)
    known = [registry()]
    keys = [key_of(source) for source in SOURCES if country_of(source) is country]
    keystore = Keystore({key.keyid: key for key in keys})
    ground = Ground(country, keystore, outbox, lambda: known[-1], clock, make_id, **beside)
    publisher, tokens, metrics = Publisher(ground), TokenStore(folder / "tokens.sqlite"), Metrics()
    ticks, accounts = Ticks(), open_accounts(folder, clock)
    reviews = Reviews(ground, publisher, accounts.rules.always_two)
    app = build_app(publisher, reviews, outbox, Door(tokens, accounts.sessions, ticks), metrics)
    await outbox.start()
    try:
        yield Posting(ground, outbox, clock, publisher, reviews, tokens, metrics, app, ticks, accounts, known)
    finally:
        await outbox.stop()
        accounts.close()
