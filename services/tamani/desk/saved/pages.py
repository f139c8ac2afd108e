"""The pages of an officer's saved searches: keep the present filters, rename, delete, open and close an address."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import RefusedError
from tamani.desk.atom import base_of
from tamani.desk.filters import Filters
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.listing import words_of_filters
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.showing import show
from tamani.desk.pages.views import Viewer
from tamani.desk.saved.feeds import HERE as FOLLOWED
from tamani.desk.saved.searches import LONGEST_NAME, Owner, Saved
from tamani.desk.service import Desk

HERE = "/recherches"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Name = Annotated[str, Form(alias="nom")]


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved search in words: where it leads, what it asks for, whether it has an address."""

    number: int
    name: str
    href: str
    words: str
    opened: str
    last_read: str


@dataclass(frozen=True, slots=True)
class FreshView:
    """A new address, in the one answer that shows it."""

    number: int
    atom: str
    ics: str
    webcal: str


def build_saved_pages(desk: Desk) -> APIRouter:
    """The routes; every one of them is an officer's, and concerns what they have saved themselves."""
    routes = APIRouter(include_in_schema=False)
    Posting = Annotated[Visitor, officer_who_posts(desk)]  # noqa: N806

    @routes.get(HERE)
    async def page(request: Request) -> Response:
        return await _page(desk, request, await desk.gate.admit(request))

    @routes.post(HERE)
    async def save(
        request: Request, visitor: Posting, nom: Name = "", filtres: Annotated[str, Form()] = ""
    ) -> Response:
        filters = Filters.read(parse_qsl(filtres))
        try:
            await desk.saved.save(owner_of(visitor), nom, filters)
        except RefusedError as error:
            return await _page(desk, request, visitor, error, asked=filters, name=nom)
        return RedirectResponse(HERE, 303)

    @routes.post(HERE + "/{number}/nom")
    async def rename(request: Request, number: Number, visitor: Posting, nom: Name = "") -> Response:
        try:
            await desk.saved.rename(owner_of(visitor), number, nom)
        except RefusedError as error:
            return await _page(desk, request, visitor, error)
        return RedirectResponse(HERE, 303)

    @routes.post(HERE + "/{number}/supprimer")
    async def delete(number: Number, visitor: Posting) -> Response:
        await desk.saved.delete(owner_of(visitor), number)
        return RedirectResponse(HERE, 303)

    @routes.post(HERE + "/{number}/adresse")
    async def address(request: Request, number: Number, visitor: Posting) -> Response:
        secret = await desk.saved.open(owner_of(visitor), number)
        return await _page(desk, request, visitor, fresh=_fresh(base_of(desk, request), number, secret))

    @routes.post(HERE + "/{number}/fermer")
    async def close(number: Number, visitor: Posting) -> Response:
        await desk.saved.close(owner_of(visitor), number)
        return RedirectResponse(HERE, 303)

    return routes


def owner_of(visitor: Visitor) -> Owner:
    """Whose searches these are.

    Raises:
        RefusedError: `refused.auth.session`: nobody's who is not signed in as an officer.
    """
    officer = visitor.as_officer()
    return Owner(officer.id, officer.source)


async def saved_links(desk: Desk, visitor: Visitor) -> list[tuple[str, str]]:
    """Name and address of each search that a visitor has saved; none for who is no officer."""
    if visitor.officer is None:
        return []
    return [(one.name, _href(one)) for one in await desk.saved.all(owner_of(visitor))]


async def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    error: RefusedError | None = None,
    *,
    fresh: FreshView | None = None,
    asked: Filters | None = None,
    name: str = "",
) -> Response:
    """The list; with a form to try again, where a name was refused."""
    viewer = viewer_of(desk, request)
    rows = [_row(viewer, one) for one in await desk.saved.all(owner_of(visitor))]
    again = {"filters": urlencode(asked.query()), "words": words_of_filters(viewer, asked)} if asked else None
    shown = {"rows": rows, "fresh": fresh, "again": again, "name": name[: LONGEST_NAME * 2], "longest": LONGEST_NAME}
    return show(desk, request, "saved.html", visitor, error, **shown)


def _row(viewer: Viewer, one: Saved) -> SavedView:
    day = viewer.dates.short_day
    return SavedView(
        number=one.number,
        name=one.name,
        href=_href(one),
        words=words_of_filters(viewer, one.filters),
        opened=day(viewer.dates.home(one.opened).date()) if one.opened else "",
        last_read=day(one.last_read) if one.last_read else "",
    )


def _href(one: Saved) -> str:
    return f"/?{one.query}" if one.query else "/"


def _fresh(base: str, number: int, secret: str) -> FreshView:
    url = f"{base}{FOLLOWED}{secret}"
    return FreshView(number, f"{url}.atom", f"{url}.ics", f"webcal://{url.partition('://')[2]}.ics")
