"""The desk for programs: notices by position, one with its thread, its exact envelope, the live stream, an Atom feed.

Every answer is for one reader (`gate.admit`) and says up to where it is complete.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.policy import Reader
from tamani.desk.atom import ATOM, asked_channel, base_of, make_atom
from tamani.desk.caching import NEVER_KEPT, answer
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.gate import Visitor
from tamani.desk.opened_by import open_for
from tamani.desk.opening import opened_json
from tamani.desk.references import links_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.stream import Stream
from tamani.desk.threads import Story, stories
from tamani.desk.wire import links_json, record_json, records_json, thread_json

JSON = "application/json"
MOST = 500
ENTRIES = 50
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Position de lecture invalide / invalid reading position", **_PROBLEM},
    401: {"description": "Jeton inconnu ou révoqué / token unknown or revoked", **_PROBLEM},
    403: {"description": "Organisme non inscrit / body not enrolled", **_PROBLEM},
    409: {"description": "Clé de lecture pas encore arrivée / reading key not yet here", **_PROBLEM},
    410: {"description": "Clé de lecture expirée ou effacée / reading key expired or erased", **_PROBLEM},
    404: {"description": "Rien que vous puissiez lire / nothing that you may read", **_PROBLEM},
    422: {"description": "Demande mal formée / malformed request", **_PROBLEM},
    503: {"description": "Réessayez / try again", **_PROBLEM},
}


class AskedFor(BaseModel):
    """The filters of an address: one of them, repeated, takes any of its values; between them all must hold."""

    type: list[str] = Field([], description="monitor.alert, agenda.meeting…")
    profile: list[str] = Field([], description="alerte, conjointe…")
    origin: list[Country] = Field([], description="bf, ml, ne, rg")
    area: list[str] = Field([], description="ne-tillaberi…")
    theme: list[str] = Field([], description="temoins, entraide-judiciaire…")
    body: list[str] = Field([], description="/ml/commission-defense…")
    severity: list[str] = Field([], description="Extreme, Severe, Moderate, Minor, Unknown")
    lang: list[str] = Field([], description="fr, en, ha…")
    thread: list[str] = Field([], description="subject of a thread")
    q: str = Field("", description='mots : a b, "une suite", or, -sans / words (not on the live stream)')
    since: str | None = Field(None, description="a day or an instant, of recordedtime")
    until: str | None = Field(None, description="a day or an instant, of recordedtime")


class FromCursor(AskedFor):
    """Filters and a place to go on from."""

    cursor: str | None = Field(None, description="go on after this `next`, feed_index or event id")


class AskedPage(FromCursor):
    """A page of notices."""

    limit: int = Field(100, ge=1, le=MOST)
    order: Literal["asc", "desc"] = Field("asc", description="oldest first, or newest first")


Number = Annotated[int, Path(ge=1, le=10**18)]


def build_api(desk: Desk) -> APIRouter:
    """The routes under `/v1`, and the Atom feed."""
    routes = APIRouter(responses=_REFUSALS, tags=["desk"])
    admitted = Depends(_admit(desk))
    _add_records(routes, desk, admitted)
    _add_sealed(routes, desk, admitted)
    _add_live(routes, desk, admitted)
    return routes


def _add_records(routes: APIRouter, desk: Desk, admitted: Any) -> None:
    Admitted = Annotated[Visitor, admitted]  # noqa: N806

    @routes.get("/v1/records")
    async def records(
        request: Request,
        visitor: Admitted,
        asked: Annotated[AskedPage, Query()],
    ) -> Response:
        """Notices by position, never by time: go on with `next` while there is `more`.

        No notice of yours up to `complete_through` is missing.
        """
        ask = desk.queries.after if asked.order == "asc" else desk.queries.before
        page = await ask(visitor.reader, _filters(request), Cursor.read(asked.cursor), asked.limit)
        about = {"complete_through": page.complete_through, "epoch": page.edition, "next": page.next, "more": page.more}
        return answer(request, records_json(page.notices, visitor.reader, **about), JSON, visitor)

    @routes.get("/v1/records/{feed_index}")
    async def one(request: Request, visitor: Admitted, feed_index: Number) -> Response:
        """One notice with the state and history of its thread."""
        notice = await desk.queries.one(visitor.reader, feed_index)
        thread = await desk.queries.threads_of(visitor.reader, [notice])
        links = links_json(await links_of(desk.queries, visitor.reader, notice), visitor.reader)
        told = record_json(notice, visitor.reader, thread=_state(thread, visitor.reader), references=links)
        return answer(request, told, JSON, visitor)

    @routes.get("/v1/records/{feed_index}/envelope")
    async def envelope(request: Request, visitor: Admitted, feed_index: Number) -> Response:
        """The exact bytes that were signed and archived, to be verified by anybody."""
        notice = await desk.queries.one(visitor.reader, feed_index)
        name = f'attachment; filename="{notice.row.id}.dsse.json"'
        return answer(request, notice.value, "application/vnd.dsse+json", visitor, {"Content-Disposition": name})


def _add_sealed(routes: APIRouter, desk: Desk, admitted: Any) -> None:
    Admitted = Annotated[Visitor, admitted]  # noqa: N806

    @routes.get("/v1/records/{feed_index}/opened")
    async def opened(visitor: Admitted, feed_index: Number) -> Response:
        """What a sealed notice says, for a body that it was sealed for; never kept, here nor on the way."""
        notice = await desk.queries.one(visitor.reader, feed_index)
        found = await open_for(desk, visitor, notice)
        return JSONResponse(opened_json(found), headers=NEVER_KEPT)

    @routes.get("/v1/records/{feed_index}/capsule")
    async def capsule(visitor: Admitted, feed_index: Number) -> Response:
        """The age file that holds its key, wrapped to your origin's readers: with it an auditor opens the original."""
        notice = await desk.queries.one(visitor.reader, feed_index)
        value = await desk.opener.capsule(visitor.reader, notice)
        name = f'attachment; filename="{notice.row.id}.age"'
        return Response(value, media_type="application/age", headers=NEVER_KEPT | {"Content-Disposition": name})


def _add_live(routes: APIRouter, desk: Desk, admitted: Any) -> None:
    Admitted = Annotated[Visitor, admitted]  # noqa: N806

    @routes.get("/v1/stream")
    async def stream(request: Request, visitor: Admitted, asked: Annotated[FromCursor, Query()]) -> Response:
        """New notices as they come (SSE), from after `Last-Event-ID` or `cursor`, else from now."""
        told = request.headers.get("last-event-id") or asked.cursor
        start = Cursor.read(told) if told else None
        filters = _filters(request)
        if filters.q:
            raise RefusedError("refused.request", "q")
        live = Stream(desk.database, desk.hub, desk.gate, visitor, filters)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(live.events(start), media_type="text/event-stream", headers=headers)

    @routes.get("/feed.atom")
    async def feed(request: Request, visitor: Admitted, _asked: Annotated[AskedFor, Query()]) -> Response:
        """The newest notices for a feed reader; above TLP:GREEN nothing leaves by this door."""
        notices = (await desk.queries.before(visitor.reader, _filters(request), Cursor(), ENTRIES)).notices
        threads = stories(await desk.queries.threads_of(visitor.reader, notices))
        made = make_atom(desk, base_of(desk, request), asked_channel(desk, request), notices, threads)
        return answer(request, made, ATOM, visitor)


def _admit(desk: Desk) -> Callable[[Request], Awaitable[Visitor]]:
    async def admitted(request: Request) -> Visitor:
        return await desk.gate.admit(request)

    return admitted


def _filters(request: Request) -> Filters:
    return Filters.read(request.query_params.multi_items())


def _state(thread: list[Notice], reader: Reader) -> dict[str, Any]:
    """The state as this reader sees it: a function of the set of what they may read."""
    numbers = {notice.row.feed_index: notice.row.number(reader) for notice in thread}
    return thread_json(Story.of(thread).state, numbers)
