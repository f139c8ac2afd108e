"""The addresses of forms about another notice: each is opened from its page, and sent to where it was opened."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import uuid_utils
from fastapi import APIRouter, Request, Response

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.roles import Role
from tamani.desk.gate import Visitor
from tamani.desk.opened_by import taken_up
from tamani.desk.pages.about import About, first_form, take
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.publish import given_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story

Build = Callable[[Desk, Request, Visitor, Notice, Story], About]


def about_routes(desk: Desk, pages: Mapping[str, Build]) -> APIRouter:
    """A form for each of these, by the last part of its address."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    def add(path: str, build: Build) -> None:
        @routes.get("/avis/{country}/{body}/{id}/" + path)
        async def ask(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
            visitor = await desk.gate.admit(request)
            visitor.as_officer(Role.POSTER)
            found = await _found(desk, visitor, f"/{country}/{body}", str(id))
            about = build(desk, request, visitor, *found)
            return await first_form(desk, request, visitor, about, str(uuid_utils.uuid7()))

        @routes.post("/avis/{country}/{body}/{id}/" + path)
        async def say(
            request: Request,
            country: Country,
            body: str,
            id: UUID,  # noqa: A002
            visitor: Annotated[Visitor, poster],
        ) -> Response:
            found = await _found(desk, visitor, f"/{country}/{body}", str(id))
            return await take(desk, request, visitor, build(desk, request, visitor, *found), await given_of(request))

    for path, build in pages.items():
        add(path, build)
    return routes


async def _found(desk: Desk, visitor: Visitor, source: str, id_: str) -> tuple[Notice, Story]:
    """The notice and its thread, if the reader may read it; a sealed one is opened."""
    found, story = await taken_up(desk, visitor, source, id_)
    if found.row.system or story.hides(found):
        raise RefusedError("refused.request.notice")
    return found, story
