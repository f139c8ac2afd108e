"""Nobody renewed the registry, and a body changes its key: notices flow all the while, nothing stops, all is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx
import psycopg
import pytest
from confluent_kafka import Producer

from tamani.core.names import REGISTRY, Country
from tamani.core.trust.metadata import to_text
from tamani.core.trust.statements import merged, possession, succession
from tamani.core.trust.writing import make_root, sign
from tamani.node.keystore import save_key
from tests.support.authors import Author
from tests.support.bus import PASSPHRASE, Bus, running_bus
from tests.support.notices import COMMISSION_ML, SOURCES, key_of, key_row, registry
from tests.support.oracle import settled
from tests.support.poster import Poster, Promise
from tests.support.registries import CHARTER, COUNTRIES, NOW, first_root, office_key, seats, value_of
from tests.support.waiting import reaches, until

SOME = 20
# The root lasted a year from then, the publisher's time-stamp a month.
LAST_SIGNED = datetime(2025, 2, 1, tzinfo=UTC)
OVER = "Le registre des organismes n’a pas été renouvelé depuis le"
PAGES = ("/", "/agenda", "/lois", "/connexion", "/verifier", "/effacements", "/nulle-part")
OLD, NEW = (key_of(COMMISSION_ML, number) for number in (0, 1))

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]


async def test_a_registry_past_its_date_and_a_new_key_stop_nothing() -> None:
    """Root and time-stamp are over, and the old key names the new: both are taken, by the processes that were there."""
    async with running_bus((Country.ML,)) as bus:
        pids = {name: part.pid for name, part in bus.parts.items()}
        async with _posting(bus) as poster:
            await reaches(bus.archived, SOME, "the ledger")
            assert (await _site_health(bus))["node"]["registry_warning"] == ""
            save_key(bus.site_folder(Country.ML) / "keys", COMMISSION_ML, NEW, PASSPHRASE)
            _publish(bus)
            await until(lambda: _signs_with_the_new(bus), "the new key is used", 120)
            await _is_told(bus)
            await reaches(bus.archived, len(poster.promises) + SOME, "the ledger, with a registry that is over")
        await settled(bus, poster.promises)
        assert {name: part.pid for name, part in bus.parts.items()} == pids
        assert await _said(bus, "SELECT DISTINCT verdict FROM answer") == {"archived"}
        assert await _keys(bus) == {OLD.keyid, NEW.keyid}
        await until(lambda: _is_read(bus, poster.promises[-1]), "the desk shows the last that was posted", 60)


@asynccontextmanager
async def _posting(bus: Bus) -> AsyncIterator[Poster]:
    """One notice after the other, for as long as the block lasts."""
    poster, author = bus.poster(), Author("runs out", (COMMISSION_ML,))
    async with httpx.AsyncClient(timeout=10) as client:

        async def post() -> None:
            while not enough.is_set():
                await poster.post(client, author.notice())

        enough = asyncio.Event()
        task = asyncio.create_task(post(), name="posting")
        try:
            yield poster
        finally:
            enough.set()
            await task


def _publish(bus: Bus) -> None:
    """Version 2: under a root whose date is past, with the second key, which the first has named."""
    text, fingerprint = first_root()
    root = make_root(seats(), CHARTER.model_copy(update={"previous": fingerprint}), 2, LAST_SIGNED)
    sign(root, *(office_key("root", country) for country in COUNTRIES))
    rows = registry(SOURCES).model_dump(mode="json")["keys"]
    rows = [row | {"superseded_by": NEW.keyid} if row["keyid"] == OLD.keyid else row for row in rows]
    enrolled = {"enrolled": {"version": 2, "at": NOW}, "not_before": NOW}
    wish, named = possession(COMMISSION_ML, NEW.keyid), succession(COMMISSION_ML, OLD.keyid, NEW.keyid)
    document = registry(SOURCES, 2, keys=[*rows, key_row(COMMISSION_ML, 1, **enrolled)])
    signatures = merged({wish.digest: (wish.sign(NEW),)}, {named.digest: (named.sign(OLD),)})
    value = value_of(document, signatures=signatures, roots=(text, to_text(root)), now=LAST_SIGNED)
    producer = Producer(bus.kafka.confluent("registry"))
    producer.produce(REGISTRY, value, b"registry")
    assert producer.flush(30) == 0


async def _is_told(bus: Bus) -> None:
    """Every page bears the sentence, and every service's health says that it is over."""
    async with httpx.AsyncClient(base_url=bus.url(Country.ML), timeout=20) as site:
        for path in PAGES:
            page = await site.get(path, headers={"Accept": "text/html"})
            assert OVER in unescape(page.text), path
    for name in ("router-1", "archive-1"):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bus.ports[name]}", timeout=20) as service:
            assert (await service.get("/healthz")).json()["registry_warning"] == "over", name
    both = await _site_health(bus)
    assert [both[side]["registry_warning"] for side in ("node", "desk")] == ["over", "over"]


async def _is_read(bus: Bus, promise: Promise) -> bool:
    headers = {"Authorization": f"Bearer {bus.tokens[COMMISSION_ML]}"}
    async with httpx.AsyncClient(base_url=bus.url(Country.ML), headers=headers, timeout=20) as site:
        page = (await site.get("/v1/records", params={"limit": 100, "order": "desc"})).json()
    return promise.notice.id in [record["event"]["id"] for record in page["records"]]


async def _signs_with_the_new(bus: Bus) -> bool:
    return NEW.keyid in await _keys(bus)


async def _keys(bus: Bus) -> set[str]:
    return await _said(bus, "SELECT DISTINCT encode(keyid, 'hex') FROM ledger")


async def _said(bus: Bus, query: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        return {str(value) async for (value,) in await connection.execute(query)}


async def _site_health(bus: Bus) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=bus.url(Country.ML), timeout=20) as site:
        found: dict[str, Any] = (await site.get("/healthz")).json()
    return found
