"""The pages of drafts: open one again as it was put aside, under the form of today; delete it. No script is needed."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.roles import Role
from tamani.desk.forms.fitting import everything, fitting
from tamani.desk.forms.layout import opening
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.publish import Asked, form_page, publishable
from tamani.desk.pages.put_aside import VERSION, Reopened, aside_of, reopen
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk

PUBLISH = "/publier/"


def build_drafts(desk: Desk) -> APIRouter:
    """The routes of drafts."""
    routes = APIRouter(include_in_schema=False, prefix="/brouillons")
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/{id}")
    async def again(request: Request, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        found = await reopen(desk, visitor, str(id))
        if found.path.startswith(PUBLISH):
            return await _form(desk, request, visitor, found)
        # A form about another notice is made where that notice is: its address opens the draft itself.
        asked = {VERSION: str(id)} | ({"garde": "1"} if "garde" in request.query_params else {})
        return RedirectResponse(f"{found.path}?{urlencode(asked)}", 303)

    @routes.post("/{id}/supprimer")
    async def delete(request: Request, id: UUID, visitor: Annotated[Visitor, poster]) -> Response:  # noqa: A002
        await asyncio.to_thread(desk.accounts.drafts.drop, visitor.as_officer(), str(id))
        return RedirectResponse("/publier", 303)

    return routes


async def _form(desk: Desk, request: Request, visitor: Visitor, found: Reopened) -> Response:
    """The form as it was put aside; what has no place in it any more stands above it, to be copied."""
    kind, given = found.kind, found.given
    profiles = publishable(desk, visitor.as_officer().source).get(kind)
    if not profiles:
        aside = aside_of(desk, request, found, everything(given))
        return show(desk, request, "draft_left.html", visitor, aside=aside, kind=kind)
    asked = Asked.of(kind, given)
    if asked.profile not in profiles:
        given = given | {"profil": [profiles[0]]}
        asked = Asked.of(kind, given)
    bodies = {body.source for body in desk.registry.current.bodies}
    fits, left = fitting(opening(kind, asked.profile), given, bodies)
    more = {"aside": aside_of(desk, request, found, left)}
    return await form_page(desk, request, visitor, asked, fits, more=more)
