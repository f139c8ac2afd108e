"""*Publier*: all that an officer can publish, the forms they have put aside, and what waits for a second person."""

from typing import Any

from fastapi import APIRouter, Request, Response

from tamani.core.roles import Role
from tamani.desk.pages.home import tiles_of
from tamani.desk.pages.put_aside import drafts_of
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk


def build_publishing(desk: Desk) -> APIRouter:
    """The route of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/publier")
    async def all_of_it(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        visitor.as_officer(Role.POSTER)
        shown: dict[str, Any] = {
            "tiles": tiles_of(desk, request, visitor),
            "drafts": await drafts_of(desk, request, visitor),
        }
        return show(desk, request, "publishing.html", visitor, **shown)

    return routes
