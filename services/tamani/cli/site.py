"""A site: node and desk in one process, at one address.

The node comes first and stands alone: while PostgreSQL is away, the desk's pages say so and posting goes on.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import structlog
from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tamani.cli.beside import BesideDesk
from tamani.core.codes import code
from tamani.core.errors import DefectError
from tamani.desk.app import build_app
from tamani.desk.service import desk_running
from tamani.desk.settings import DeskSettings
from tamani.node.main import running
from tamani.node.service import NodeService
from tamani.node.settings import NodeSettings
from tamani.runtime.problems import lang_of, problem
from tamani.runtime.serving import listen_on, serve

log = structlog.get_logger(__name__)
NODE_PATHS = ("/v1/messages", "/v1/envelopes", "/v1/reviews", "/v1/registry")


class SiteApp:
    """Hands each request to the side it is for; health, figures and the OpenAPI document are of both."""

    def __init__(self, node: FastAPI) -> None:
        self.node = node
        self.desk: FastAPI | None = None
        self._shared = Router(
            [
                Route("/healthz", self._health),
                Route("/metrics", self._metrics),
                Route("/openapi.json", self._openapi),
            ],
            default=self._read,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        path = scope.get("path", "")
        if path.startswith(NODE_PATHS):
            await self.node(scope, receive, send)
        else:
            await self._shared(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.desk is not None:
            return await self.desk(scope, receive, send)
        answer = problem(code("failed.database"), "", lang_of(Request(scope)))
        return await answer(scope, receive, send)

    async def _health(self, request: Request) -> Response:
        parts = {side: (await _ask(app, request)) for side, app in self._sides()}
        body = {side: answer.json() for side, answer in parts.items()}
        # A desk that waits for its database must not make a supervisor restart the node beside it.
        return JSONResponse({"status": "ok", "service": "site", "desk": {"status": "starting"}} | body)

    async def _metrics(self, request: Request) -> Response:
        answers = [await _ask(app, request) for _, app in self._sides()]
        if any(answer.status_code != httpx.codes.OK for answer in answers):
            return Response(answers[0].content, answers[0].status_code, dict(answers[0].headers))
        return Response(b"".join(answer.content for answer in answers), media_type=answers[0].headers["content-type"])

    async def _openapi(self, _request: Request) -> Response:
        merged: dict[str, Any] = self.node.openapi()
        for _, app in self._sides():
            other = app.openapi()
            merged = merged | {
                "info": {"title": "Tamani", "version": "1"},
                "paths": merged["paths"] | other["paths"],
                "components": _merged(merged.get("components", {}), other.get("components", {})),
            }
        return JSONResponse(merged)

    def _sides(self) -> list[tuple[str, FastAPI]]:
        return [("node", self.node)] + ([("desk", self.desk)] if self.desk is not None else [])


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: one.get(name, {}) | other.get(name, {}) for name in one.keys() | other.keys()}


async def _ask(app: ASGIApp, request: Request) -> httpx.Response:
    """The same question to one side, as from the same client."""
    client = (request.client.host, request.client.port) if request.client else ("", 0)
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as http:
        return await http.get(request.url.path, headers={"accept": request.headers.get("accept", "*/*")})


async def run(node_settings: NodeSettings, desk_settings: DeskSettings, stop: asyncio.Event) -> None:
    """Serve a site until `stop`.

    Raises:
        TamaniError: it cannot start.
        Exception: a defect in one of its tasks.
    """
    if node_settings.desk_url is not None:
        raise DefectError("failed.settings", "TAMANI_NODE_DESK_URL: this site has a desk of its own")
    listener = listen_on(node_settings.host, node_settings.port)
    beside = BesideDesk()
    async with running(node_settings, beside, beside.named, beside.erased) as node:
        app = SiteApp(node.app)
        log.info("site ready", name=node_settings.name, port=listener.getsockname()[1])
        await _first_of(
            stop,
            lambda: serve(app, listener, stop),
            node.failed,
            lambda: _desk(app, node, desk_settings, stop, beside),
        )


async def _desk(
    app: SiteApp, node: NodeService, settings: DeskSettings, stop: asyncio.Event, beside: BesideDesk
) -> None:
    api = httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node")
    clear = node.outbox.clear
    async with api, desk_running(settings, stop, registry=node.registry, node=api, clear=clear) as desk:
        app.desk, beside.queries, beside.erasures = build_app(desk), desk.queries, desk.erasures
        log.info("desk ready", country=settings.country)
        try:
            await desk.failed()
        finally:
            app.desk = beside.queries = beside.erasures = None


async def _first_of(stop: asyncio.Event, *jobs: Callable[[], Awaitable[None]]) -> None:
    """Run all until one ends (the server at `stop`, any other by a defect), then end the rest; raise what ended it."""
    tasks = [asyncio.ensure_future(job()) for job in jobs]
    done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server = tasks[0]
    with contextlib.suppress(asyncio.CancelledError):
        await server
    for task in left - {server}:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
