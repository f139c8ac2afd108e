"""Handing pieces out: to whoever may read the notice that names them, and to those who write and validate it."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.caching import NEVER_KEPT
from tamani.desk.gate import Visitor
from tamani.desk.pages.documents import attachments_in
from tamani.desk.pages.errors import wants_page
from tamani.desk.pages.piece_waits import waits_page
from tamani.desk.pieces.at_hand import at_hand, wanted_of
from tamani.desk.pieces.kinds import ENDINGS, TEXT
from tamani.desk.pieces.store import Piece
from tamani.desk.service import Desk
from tamani.desk.threads import Story

# How long a reader waits for what must be fetched, before the page says how far it is (seconds).
PATIENCE = 8.0
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def build_pieces(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/avis/{country}/{body}/{id}/pieces/{sha256}")
    async def of_a_notice(request: Request, country: Country, body: str, id: UUID, sha256: Sha256) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        notice = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        story = Story.of(await desk.queries.threads_of(visitor.reader, [notice]))
        named = {str(one["sha256"]): one for one in attachments_in(notice.event.data)}
        if story.hides(notice) or sha256 not in named:
            raise RefusedError("refused.piece.unknown")
        wanted, title = wanted_of(notice.row.source, notice.row.id, named[sha256]), str(named[sha256]["title"])
        try:
            known = visitor.signed_in
            found = await at_hand(desk.pieces, desk.fetching, wanted, PATIENCE, signed_in=known)
        except OutageError as error:
            if not wants_page(request) or error.code.name == "failed.database":
                raise
            return waits_page(desk, request, visitor, error, wanted=wanted, title=title)
        return _handed_out(desk, wanted.source, found, title)

    @routes.get("/publier/piece/{sha256}")
    async def of_a_form(request: Request, sha256: Sha256) -> Response:
        """Before a notice names it: its author looks at it again, and the second person reads what they release."""
        visitor = await desk.gate.admit(request)
        source = _author_or_second(visitor)
        return _handed_out(desk, source, await desk.pieces.one(source, sha256), "")

    return routes


def _author_or_second(visitor: Visitor) -> str:
    """The body of an officer who writes or validates.

    Raises:
        RefusedError: `refused.auth.session`, `refused.auth.role`.
    """
    who = visitor.as_officer()
    return who.source if Role.VALIDATOR in who.roles else visitor.as_officer(Role.POSTER).source


def _handed_out(desk: Desk, source: str, found: Piece, title: str) -> Response:
    """As a file to keep, never as a page of this site; under its title, for browsers that read RFC 8187."""
    ending = ENDINGS[found.mime]
    name = f'attachment; filename="piece-{found.sha256[:12]}.{ending}"'
    if title:
        name += f"; filename*=UTF-8''{quote(f'{title}.{ending}', safe='')}"
    headers = {"Content-Disposition": name, "Content-Security-Policy": "sandbox", "Content-Length": str(found.size)}
    if found.mime != TEXT:
        headers["Content-Encoding"] = "identity"  # compressed by their nature: whoever waits sees how much is to come
    parts = desk.pieces.parts(source, found)
    return StreamingResponse(parts, media_type=found.mime, headers=NEVER_KEPT | headers)
