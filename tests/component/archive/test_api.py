"""The archive over HTTP: whose feed a token opens, page by page, under today's rights; figures for this machine."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tamani.archive.api import build_app
from tamani.archive.desk_tokens import issue_desk_token
from tamani.archive.settings import ArchiveSettings
from tamani.archive.work import Worker
from tamani.core.feed import FeedEntry
from tamani.core.names import Country
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.component.archive.conftest import MakeKeeper
from tests.support.cluster import Database
from tests.support.notices import BUREAU, OBSERVATORY_NE, SOURCES, Speaker, registry, seal
from tests.support.region import NOW, StillRegistry, record

RIGHTS = StillRegistry()


@pytest.fixture
async def app(ledger: Database) -> AsyncIterator[FastAPI]:
    """The application over this ledger; its broker is not asked."""
    RIGHTS.current = registry()
    pool = make_pool(ledger.dsn, "test")
    await pool.open()
    settings = ArchiveSettings(database=ledger.dsn)
    yield build_app(Worker(settings, RIGHTS, InMemorySender(InMemoryBus()), pool, lambda: NOW))  # type: ignore[arg-type]
    await pool.close()


def client(app: FastAPI, token: str | None = None, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    """Somebody who calls, from this machine unless another is named."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app, client=(peer, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://archive", headers=headers)


async def fill(make_keeper: MakeKeeper) -> None:
    """Ten notices for all, the sixth for Niger and the bureau alone."""
    said = [Speaker().says() for _ in range(9)]
    said.insert(5, Speaker(BUREAU).says(tlp="AMBER", audience=OBSERVATORY_NE))
    await make_keeper().keep([record(seal(e), e.source, e.subject, n) for n, e in enumerate(said)])


async def test_a_desk_reads_its_feed_page_by_page(app: FastAPI, ledger: Database, make_keeper: MakeKeeper) -> None:
    """What follows an index, in order, chained, with exact envelopes."""
    await fill(make_keeper)
    token = issue_desk_token(ledger.dsn, Country.NE, "essai")
    found: list[FeedEntry] = []
    async with client(app, token) as desk:
        while True:
            after = found[-1].feed_index if found else 0
            page = (await desk.get("/v1/feed", params={"cc": "ne", "after": after, "limit": 4})).json()["entries"]
            if not page:
                break
            found += [FeedEntry.model_validate(entry) for entry in page]

    assert [entry.feed_index for entry in found] == [*range(1, 11)]
    assert [entry.prev for entry in found[1:]] == [entry.digest for entry in found[:-1]]
    assert all(entry.envelope for entry in found)


async def test_a_token_opens_one_feed(app: FastAPI, ledger: Database) -> None:
    """Another country's is refused; so is no token, a wrong one and a revoked one."""
    token = issue_desk_token(ledger.dsn, Country.NE)
    async with client(app, token) as desk:
        other = await desk.get("/v1/feed", params={"cc": "ml"})
    async with client(app) as nobody:
        without = await nobody.get("/v1/feed", params={"cc": "ne"})
    async with client(app, token + "x") as stranger:
        wrong = await stranger.get("/v1/feed", params={"cc": "ne"})

    assert (other.status_code, other.json()["code"]) == (403, "refused.auth.role")
    for answer in (without, wrong):
        assert (answer.status_code, answer.json()["code"]) == (401, "refused.auth.token")
        assert answer.json()["detail_fr"] != answer.json()["detail_en"]


@pytest.mark.parametrize("query", ["cc=xx", "cc=ne&after=-1", "cc=ne&limit=0", "cc=ne&limit=5000", "cc=ne&after=x"])
async def test_a_malformed_question_has_its_code(app: FastAPI, ledger: Database, query: str) -> None:
    """Problem+json, never a trace."""
    async with client(app, issue_desk_token(ledger.dsn, Country.NE)) as desk:
        answer = await desk.get(f"/v1/feed?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "refused.request")


async def test_what_nobody_of_the_country_may_read_any_more_is_withheld(
    app: FastAPI, ledger: Database, make_keeper: MakeKeeper
) -> None:
    """Rights are today's; the entry keeps its number and its link, so that the chain has no hole."""
    await fill(make_keeper)
    RIGHTS.current = registry(sources=tuple(source for source in SOURCES if source != OBSERVATORY_NE))
    async with client(app, issue_desk_token(ledger.dsn, Country.NE)) as desk:
        page = (await desk.get("/v1/feed", params={"cc": "ne"})).json()["entries"]

    assert [entry["feed_index"] for entry in page if "envelope" not in entry] == [6]
    assert set(page[5]) == {"v", "epoch", "feed_index", "prev", "kind", "recordedtime", "digest"}
    assert page[6]["prev"] == page[5]["digest"]


async def test_figures_are_for_this_machine_alone(app: FastAPI, make_keeper: MakeKeeper) -> None:
    """The ledger's size counts notices that not everybody may read."""
    await fill(make_keeper)
    async with client(app) as here:
        status = (await here.get("/v1/status", params={"counted": True})).json()
        metrics = await here.get("/metrics")
    async with client(app, peer="192.0.2.7") as elsewhere:
        hidden = [(await elsewhere.get(path)).status_code for path in ("/v1/status", "/metrics")]
        health = (await elsewhere.get("/healthz")).json()

    assert (status["size"], status["epoch"], status["answers_pending"]) == (10, 1, 10)
    assert status["last_recorded"] == "2026-03-02T10:00:00Z"
    assert status["feeds_pending"] == {"bf": 9, "ml": 9, "ne": 10, "rg": 10}
    assert status["answers"] == [{"verdict": "archived", "code": "archived", "count": 10}]
    for figure in ("publishing 0.0", "size 10.0", "answers_pending 10.0", 'feed_pending{cc="ml"} 9.0'):
        assert f"tamani_archive_{figure}" in metrics.text
    assert hidden == [404, 404]
    assert health["status"] == "ok"
    assert "size" not in health
