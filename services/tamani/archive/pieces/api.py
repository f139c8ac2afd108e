"""The door for pieces: up from the site of the body that posts, down to any site whose country may read the notice."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response
from psycopg import AsyncConnection, OperationalError
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from tamani.archive.desk_tokens import country_of_token
from tamani.archive.pieces.naming import find_naming, is_told
from tamani.archive.pieces.store import Held, Taken, content_of, how_far, readable, take
from tamani.archive.rights import may_have
from tamani.archive.work import Worker
from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import SOURCE, Country, country_of
from tamani.core.pieces import COMPLETE, OFFSET, PART, Span
from tamani.runtime.tokens import bearer

BYTES = "application/octet-stream"
# Whoever waits holds a connection that the feed's past may need.
PATIENCE = "SET LOCAL lock_timeout = '2s'"
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The digest that the notice names")]
Authorization = Annotated[str | None, Header()]


class Named(BaseModel):
    """The notice by which a piece is asked for: its digest alone opens nothing."""

    source: str = Field(pattern=f"^{SOURCE.pattern}$", description="The body that says the notice")
    id: UUID = Field(description="The notice's id")


By = Annotated[Named, Query()]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_PART = {"content": {BYTES: {"schema": {"type": "string", "format": "binary", "maxLength": PART}}}, "required": True}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Jeton inconnu ou révoqué / token unknown or revoked", **_PROBLEM},
    403: {"description": "Jeton d'un autre pays / token of another country", **_PROBLEM},
    404: {"description": "Rien que vous puissiez lire / nothing that you may read", **_PROBLEM},
    410: {"description": "Avis effacé / notice erased", **_PROBLEM},
    503: {"description": "En route, ou réessayez / under way, or try again", **_PROBLEM},
}
_TAKING: dict[int | str, dict[str, Any]] = {
    409: {"description": "Ne commence pas où la précédente finit / does not begin where the last ended", **_PROBLEM},
    413: {"description": "Trop volumineux / too large", **_PROBLEM},
    422: {"description": "Pas nommée ainsi, ou fausse empreinte / not named so, or a false digest", **_PROBLEM},
}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "La pièce / the piece", "content": {BYTES: {}}},
    206: {"description": "Une partie / a part", "content": {BYTES: {}}},
}


def build_pieces(worker: Worker) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1/blobs", tags=["archive"], responses=_REFUSALS)

    @routes.head("/{sha256}", status_code=204, responses=_TAKING)
    async def far(sha256: Sha256, by: By, authorization: Authorization = None) -> Response:
        """How much of a piece of your own has come (`Upload-Offset`), and whether that is all (`Upload-Complete`)."""
        async with _connected(worker) as connection:
            await _origin(connection, authorization, by.source)
            notice = await find_naming(connection, by.source, by.id)
            return _told(await how_far(connection, notice.file(sha256), notice.taken_size(sha256)))

    @routes.put("/{sha256}", status_code=204, responses=_TAKING, openapi_extra={"requestBody": _PART})
    async def up(
        request: Request,
        sha256: Sha256,
        by: By,
        content_range: Annotated[str, Header(description="bytes 0-262143/1048576")] = "",
        authorization: Authorization = None,
    ) -> Response:
        """Hand over the next part of a piece that an archived notice of your country names; at most 256 KiB."""
        async with _connected(worker) as connection:
            await _origin(connection, authorization, by.source)
        span = Span.sent(content_range)
        content = await _limited(request)
        if span is None or len(content) != span.end - span.start:
            raise RefusedError("refused.piece.range", content_range[:60])
        async with _connected(worker) as connection:
            notice = await find_naming(connection, by.source, by.id, hold=True)
            if notice.taken_size(sha256) != span.size:
                raise RefusedError("refused.piece.named", f"{span.size}")
            taken, held = await take(connection, notice.file(sha256), span, content)
        if taken is Taken.FALSE:
            raise RefusedError("refused.piece.digest", sha256)
        if taken is Taken.ASTRAY:
            raise RefusedError("refused.piece.range", f"{OFFSET}: {held.held}")
        return _told(held)

    @routes.get("/{sha256}", response_class=Response, responses=_GIVEN)
    async def down(
        sha256: Sha256,
        by: By,
        wanted: Annotated[str, Header(alias="Range", description="bytes=0-262143, or nothing: the whole")] = "",
        authorization: Authorization = None,
    ) -> Response:
        """A piece of a notice that your country's feed carries, or a part of it, under today's rights."""
        async with _connected(worker) as connection:
            country = await country_of_token(connection, bearer(authorization))
            notice = await find_naming(connection, by.source, by.id)
            if not await is_told(connection, notice, country):
                raise RefusedError("refused.request.notice", str(by.id))
            size = notice.size_of(sha256)
            if not may_have(worker.registry.current, country, notice.tlp, notice.value):
                raise RefusedError("refused.request.notice", str(by.id))
            if size is None:
                raise RefusedError("refused.piece.unknown", sha256)
            await readable(connection, notice.file(sha256), size)
            span = Span.asked(wanted, size)
            content = await content_of(connection, notice.file(sha256), span or Span(0, size, size))
        if span is None:
            return Response(content, media_type=BYTES, headers={"Accept-Ranges": "bytes"})
        return Response(content, 206, {"Content-Range": str(span), "Accept-Ranges": "bytes"}, BYTES)

    return routes


def _told(held: Held) -> Response:
    """How far a piece is, as a structured boolean (RFC 9651 §3.3.6) and a number."""
    return Response(status_code=204, headers={OFFSET: str(held.held), COMPLETE: "?1" if held.whole else "?0"})


async def _origin(connection: AsyncConnection[Any], authorization: str | None, source: str) -> Country:
    """The country that may hand over files of this body: its own.

    Raises:
        RefusedError: `refused.auth.token`, `refused.auth.role`.
    """
    country = await country_of_token(connection, bearer(authorization))
    if country_of(source) is not country:
        raise RefusedError("refused.auth.role", country)
    return country


async def _limited(request: Request) -> bytes:
    """The part, whole or not at all: a line that is cut is nothing unusual here."""
    content = b""
    with contextlib.suppress(ClientDisconnect):
        async for part in request.stream():
            content += part
            if len(content) > PART:
                raise RefusedError("refused.piece.range", f"> {PART}")
    return content


@asynccontextmanager
async def _connected(worker: Worker) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection whose transaction ends with the block.

    Raises:
        OutageError: `failed.database`, also where a lock is not had: the tables may be being written anew.
    """
    try:
        async with worker.pool.connection() as connection:
            await connection.execute(PATIENCE)
            yield connection
    except OperationalError as error:
        raise OutageError("failed.database") from error
