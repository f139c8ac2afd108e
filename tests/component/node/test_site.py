"""A site: node and desk at one address; without PostgreSQL and without a bus it still takes notices, and says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tamani.cli.site import run
from tamani.core.names import Country
from tamani.desk.settings import DeskSettings
from tests.support.cluster import Database
from tests.support.node_folder import NodeFolder
from tests.support.notices import COMMISSION_ML, api_body, id_of, registry_value
from tests.support.ports import free_ports
from tests.support.waiting import until


@pytest.fixture
def home(tmp_path: Path) -> NodeFolder:
    """The site's folder."""
    return NodeFolder(tmp_path / "ml")


async def serving(home: NodeFolder, database: str) -> AsyncIterator[httpx.AsyncClient]:
    """The site of Mali without a bus, on this database, and a client of it."""
    port, nobody = free_ports(2)
    away = {"kafka_bootstrap": f"127.0.0.1:{nobody}"}
    desk = DeskSettings(
        country=Country.ML,
        data_dir=home.folder,
        database=database,
        archive_url=None,
        kafka_bootstrap=away["kafka_bootstrap"],
    )
    stop = asyncio.Event()
    task = asyncio.create_task(run(home.settings(away, port=port), desk, stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=home.bearer(COMMISSION_ML)) as client:

        async def up() -> bool:
            assert not task.done(), task.exception()
            try:
                return (await client.get("/healthz")).status_code == 200
            except httpx.TransportError:
                return False

        await until(up, "the site answers", 30)
        yield client
    stop.set()
    await asyncio.wait_for(task, 20)


@pytest.fixture
async def alone(home: NodeFolder) -> AsyncIterator[httpx.AsyncClient]:
    """A site whose PostgreSQL is away."""
    (nobody,) = free_ports(1)
    async for client in serving(home, f"host=127.0.0.1 port={nobody} dbname=x user=x"):
        yield client


@pytest.fixture
async def whole(home: NodeFolder, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A site with its PostgreSQL."""
    async for client in serving(home, database.dsn):
        yield client


async def test_posting_does_not_need_the_reading_side(alone: httpx.AsyncClient) -> None:
    """Notices are taken; pages and the reading API ask to wait, in words."""
    posted = await alone.post("/v1/messages", json=api_body(id=id_of(1)))
    assert posted.status_code == 202, posted.text
    health = (await alone.get("/healthz")).json()
    assert (health["status"], health["desk"]["status"]) == ("ok", "starting")
    assert health["node"]["queued"] == {"normal": 1, "urgent": 0}
    for path in ("/", "/v1/records"):
        answer = await alone.get(path, headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (503, "failed.database")
        assert answer.json()["title"].startswith("The database cannot be reached")
    registry = await alone.get("/v1/registry")
    assert (registry.status_code, registry.content) == (200, registry_value()), "the reading side is not needed for it"
    assert (health["node"]["registry"], health["node"]["registry_warning"]) == (1, "")
    figures = (await alone.get("/metrics")).text
    assert "tamani_node_registry_version 1.0" in figures
    assert 'tamani_node_outbox_queued{lane="normal"} 1.0' in figures
    assert 'tamani_node_posts_total{outcome="accepted"} 1.0' in figures


@pytest.mark.postgres
async def test_both_sides_answer_at_one_address(whole: httpx.AsyncClient) -> None:
    """Each request goes to the side it is for; health, figures and the API's description are of both."""

    async def reading() -> bool:
        return (await whole.get("/v1/records")).status_code == 200

    await until(reading, "the desk answers", 30)
    assert (await whole.post("/v1/messages", json=api_body())).status_code == 202
    assert (await whole.get("/")).headers["content-type"].startswith("text/html")
    assert {"node", "desk"} <= set((await whole.get("/healthz")).json())
    figures = (await whole.get("/metrics")).text
    assert "tamani_node_outbox_open" in figures
    assert "tamani_desk_feed_index" in figures
    paths = (await whole.get("/openapi.json")).json()["paths"]
    assert {"/v1/messages", "/v1/envelopes", "/v1/records"} <= set(paths)
    unknown = await whole.get("/v1/rien")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "refused.request.unknown")
