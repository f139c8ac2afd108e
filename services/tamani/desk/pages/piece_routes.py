"""Handing pieces out: to whoever may read the notice that names them, and to those who write and validate it."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.caching import NEVER_KEPT
from tamani.desk.gate import Visitor
from tamani.desk.pages.documents import attachments_in
from tamani.desk.pieces.kinds import ENDINGS
from tamani.desk.service import Desk
from tamani.desk.threads import Story

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def build_pieces(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/avis/{country}/{body}/{id}/pieces/{sha256}")
    async def of_a_notice(request: Request, country: Country, body: str, id: UUID, sha256: Sha256) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        notice = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        story = Story.of(await desk.queries.threads_of(visitor.reader, [notice]))
        titles = {str(one["sha256"]): str(one["title"]) for one in attachments_in(notice.event.data)}
        if story.hides(notice) or sha256 not in titles:
            raise RefusedError("refused.piece.unknown")
        return await _handed_out(desk, notice.row.source, sha256, titles[sha256])

    @routes.get("/publier/piece/{sha256}")
    async def of_a_form(request: Request, sha256: Sha256) -> Response:
        """Before a notice names it: its author looks at it again, and the second person reads what they release."""
        visitor = await desk.gate.admit(request)
        return await _handed_out(desk, _author_or_second(visitor), sha256, "")

    return routes


def _author_or_second(visitor: Visitor) -> str:
    """The body of an officer who writes or validates.

    Raises:
        RefusedError: `refused.auth.session`, `refused.auth.role`.
    """
    who = visitor.as_officer()
    return who.source if Role.VALIDATOR in who.roles else visitor.as_officer(Role.POSTER).source


async def _handed_out(desk: Desk, source: str, sha256: str, title: str) -> Response:
    """As a file to keep, never as a page of this site; under its title, for browsers that read RFC 8187."""
    found, raw = await desk.pieces.content(source, sha256)
    ending = ENDINGS[found.mime]
    name = f'attachment; filename="piece-{sha256[:12]}.{ending}"'
    if title:
        name += f"; filename*=UTF-8''{quote(f'{title}.{ending}', safe='')}"
    headers = {"Content-Disposition": name, "Content-Security-Policy": "sandbox"}
    return Response(raw, media_type=found.mime, headers=NEVER_KEPT | headers)
