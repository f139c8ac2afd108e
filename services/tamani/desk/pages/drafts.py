"""The pages of drafts: put a form aside, open it again under today's form, delete it. No script is needed."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import RefusedError, TamaniError
from tamani.core.event import UUID7
from tamani.core.roles import Role
from tamani.desk.forms.fitting import everything, fitting
from tamani.desk.forms.layout import opening
from tamani.desk.forms.reading import compacted
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.publish import Asked, form_page, given_of, known_profile, profiles_of, publishable
from tamani.desk.pages.put_aside import put_aside, read_kept, until
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk


def build_drafts(desk: Desk) -> APIRouter:
    """The routes of drafts."""
    routes = APIRouter(include_in_schema=False, prefix="/brouillons")
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.post("/nouveau/{kind}")
    async def save(request: Request, kind: str, visitor: Annotated[Visitor, poster]) -> Response:
        sent = await given_of(request)
        asked = Asked.of(kind, sent)
        given = compacted(opening(kind, known_profile(profiles_of(desk, visitor, kind), asked.profile)), sent)
        try:
            if not UUID7.fullmatch(asked.id):
                raise RefusedError("refused.event.id", asked.id[:40])
            await put_aside(desk, visitor, kind, given)
        except TamaniError as error:
            return form_page(desk, request, visitor, asked, given, error=error)
        return RedirectResponse(f"/brouillons/{asked.id}?garde=1", 303)

    @routes.get("/{id}")
    async def reopen(request: Request, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        return await _open(desk, request, visitor, str(id))

    @routes.post("/{id}/supprimer")
    async def delete(request: Request, id: UUID, visitor: Annotated[Visitor, poster]) -> Response:  # noqa: A002
        await asyncio.to_thread(desk.accounts.drafts.drop, visitor.as_officer(), str(id))
        return RedirectResponse("/publier", 303)

    return routes


async def _open(desk: Desk, request: Request, visitor: Visitor, id_: str) -> Response:
    """The form as it was put aside; what has no place in it any more stands above it, to be copied."""
    who = visitor.as_officer(Role.POSTER)
    kept = await asyncio.to_thread(desk.accounts.drafts.open, who, id_)
    kind, given = read_kept(kept)
    aside = {"until": until(desk, request, kept), "saved": "garde" in request.query_params, "id": id_, "left": []}
    profiles = publishable(desk, who.source).get(kind)
    if not profiles:
        return show(desk, request, "draft_left.html", visitor, aside=aside | {"left": everything(given)}, kind=kind)
    asked = Asked.of(kind, given)
    if asked.profile not in profiles:
        given, asked = given | {"profil": [profiles[0]]}, Asked.of(kind, given | {"profil": [profiles[0]]})
    bodies = {body.source for body in desk.registry.current.bodies}
    fits, left = fitting(opening(kind, asked.profile), given, bodies)
    return form_page(desk, request, visitor, asked, fits, more={"aside": aside | {"left": left}})
