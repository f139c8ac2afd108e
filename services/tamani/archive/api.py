"""The archive over HTTP: a desk reads what its topic no longer holds, under today's rights; operators see figures."""

import asyncio
import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool

from tamani import __version__
from tamani.archive.desk_tokens import country_of_token
from tamani.archive.erasure_api import build_erasures
from tamani.archive.feeds import read_feeds
from tamani.archive.log.api import make_routes
from tamani.archive.pieces.api import build_pieces
from tamani.archive.rights import may_have
from tamani.archive.status import read_status
from tamani.archive.wire import Row, feed_value
from tamani.archive.work import Worker
from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.runtime.problems import install_problems
from tamani.runtime.registry_door import registry_facts, registry_routes
from tamani.runtime.routes import join
from tamani.runtime.tokens import bearer

LOOPBACK = frozenset({"127.0.0.1", "::1"})
# Whoever asks how we are will ask again.
PATIENCE = 2.0
# A page ends here even if fewer entries were asked for: notices of 64 KiB must not make a page of 40 MB.
PAGE_BYTES = 4 * 1024 * 1024


def build_app(worker: Worker) -> FastAPI:
    """The application of one worker."""
    app = FastAPI(title="Tamani archive", version=__version__)
    install_problems(app)
    join(app, _feed(worker.pool, worker), build_erasures(worker), build_pieces(worker), _figures(worker))
    join(app, registry_routes(worker.registry), make_routes(worker.pool))
    return app


def _feed(pool: AsyncConnectionPool[Any], worker: Worker) -> APIRouter:
    routes = APIRouter(tags=["archive"])

    @routes.get("/v1/feed")
    async def feed(
        cc: Country,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The entries of a country's feed that follow an index, in order."""
        try:
            async with pool.connection() as connection:
                if await country_of_token(connection, bearer(authorization)) is not cc:
                    raise RefusedError("refused.auth.role", cc)
                rows = await read_feeds(connection, {cc: after}, limit)
        except OperationalError as error:
            raise OutageError("failed.database") from error
        body = await asyncio.to_thread(_page, rows, worker.registry.current, cc)
        return Response(body, media_type="application/json")

    return routes


def _page(rows: list[Row], registry: Registry, country: Country) -> bytes:
    entries: list[bytes] = []
    size = 0
    for row in rows:
        entries.append(feed_value(row, withheld=not _entitled(row, registry, country)))
        size += len(entries[-1])
        if size > PAGE_BYTES:
            break
    return b'{"entries":[' + b",".join(entries) + b"]}"


def _entitled(row: Row, registry: Registry, country: Country) -> bool:
    """Whether some body of this origin may read the notice as rights stand today. Who was told it hears of its end."""
    if row.document is not None:
        return True
    return may_have(registry, country, row.notice.tlp, row.notice.value)


def _figures(worker: Worker) -> APIRouter:
    routes = APIRouter(tags=["operators"])

    def local(request: Request) -> None:
        """The ledger's size tells of notices that not everybody may read: this machine alone is told."""
        if not worker.settings.metrics_open and (request.client is None or request.client.host not in LOOPBACK):
            raise RefusedError("refused.request.unknown")

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """Up, and what it is doing. A worker that waits for a broker or a database is well."""
        return {
            "status": "ok",
            "service": "archive",
            "instance": worker.settings.instance,
            "version": __version__,
            "state": worker.state,
            **registry_facts(worker.registry.current, worker.clock()),
        }

    @routes.get("/v1/status")
    async def status(request: Request, counted: bool = False) -> dict[str, Any]:
        """How far the archive has come; `counted` adds all answers by verdict and code."""
        local(request)
        try:
            found = await figures(counted)
        except OperationalError as error:
            raise OutageError("failed.database") from error
        found["log"] |= worker.log.shown() if worker.log else {"state": "unsigned"}
        found["findings_refused"] = worker.findings.refusal if worker.findings else None
        return found

    async def figures(counted: bool) -> dict[str, Any]:
        async with worker.pool.connection(timeout=PATIENCE) as connection:
            return await read_status(connection, worker.settings, worker.cluster, counted)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        local(request)
        with contextlib.suppress(OperationalError):  # the figures of before are told while the database is away
            worker.metrics.status(await figures(counted=False))
        return Response(worker.metrics.text(worker.publishing, worker.refusing), media_type=CONTENT_TYPE_LATEST)

    return routes
