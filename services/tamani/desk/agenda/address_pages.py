"""The page of a body's personal calendar addresses: make one (shown once, also as a code to scan), renew, revoke."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from tamani.core.errors import RefusedError
from tamani.desk.agenda.addresses import LONGEST_LABEL, Address
from tamani.desk.agenda.asked import Asked
from tamani.desk.agenda.views import asked_words
from tamani.desk.atom import base_of
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.pages.views import Viewer
from tamani.desk.service import Desk

HERE = "/agenda/adresses"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class AddressView:
    """A line of the page."""

    number: int
    label: str
    created: str
    last_read: str
    revoked: str
    asked: str
    personal: bool
    own: bool


@dataclass(frozen=True, slots=True)
class FreshView:
    """A new address, in the one answer that shows it."""

    url: str
    webcal: str
    code: Markup


def build_address_pages(desk: Desk) -> APIRouter:
    """The routes; every one of them is for who reads for a body, and concerns that body alone."""
    routes = APIRouter(include_in_schema=False)
    Posting = Annotated[Visitor, officer_who_posts(desk)]  # noqa: N806

    @routes.get(HERE)
    async def show(request: Request) -> Response:
        visitor, _body = await signed_in(desk, request)
        return await _page(desk, request, visitor)

    @routes.post(HERE)
    async def make(request: Request, visitor: Posting, nom: Annotated[str, Form()] = "") -> Response:
        """For a member of the body who has no account, by function."""
        asked = asked_of(request)
        return await _page(desk, request, visitor, await desk.addresses.make(body_of(visitor), nom, asked))

    @routes.post(HERE + "/la-mienne")
    async def make_own(request: Request, visitor: Posting) -> Response:
        """The officer's own: it ends with their account."""
        who = visitor.as_officer()
        end = f" ({who.login})"
        label = who.function[: LONGEST_LABEL - len(end)] + end
        made = await desk.addresses.make(who.source, label, asked_of(request), who.id)
        return await _page(desk, request, visitor, made)

    @routes.post(HERE + "/{number}/renouveler")
    async def renew(request: Request, number: Number, visitor: Posting) -> Response:
        return await _page(desk, request, visitor, await desk.addresses.renew(number, body_of(visitor)))

    @routes.post(HERE + "/{number}/revoquer")
    async def revoke(number: Number, visitor: Posting) -> Response:
        await desk.addresses.revoke(number, body_of(visitor))
        return RedirectResponse(HERE, 303)

    return routes


async def signed_in(desk: Desk, request: Request) -> tuple[Visitor, str]:
    """Who reads, and for which body.

    Raises:
        RefusedError: `refused.auth.session`: for none.
    """
    visitor = await desk.gate.admit(request)
    return visitor, body_of(visitor)


def body_of(visitor: Visitor) -> str:
    """The body for which somebody reads.

    Raises:
        RefusedError: `refused.auth.session`: for none.
    """
    if visitor.reader.body is None:
        raise RefusedError("refused.auth.session")
    return visitor.reader.body


async def _page(desk: Desk, request: Request, visitor: Visitor, secret: str | None = None) -> Response:
    page = page_of(desk, request, visitor, await desk.queries.position())
    viewer = viewer_of(desk, request)
    rows = [_row(viewer, visitor, one) for one in await desk.addresses.all(visitor.reader.body)]
    fresh = _fresh(base_of(desk, request), secret) if secret else None
    asked = asked_of(request)
    who = visitor.officer
    made = render(
        page.lang,
        "addresses.html",
        page=page,
        rows=rows,
        fresh=fresh,
        words=asked_words(viewer.labels, asked),
        query=f"?{urlencode(asked.query())}" if asked.query() else "",
        mine=who is not None and any(one.own and not one.revoked for one in rows),
    )
    return answer(request, made, HTML, visitor, {"Cache-Control": "no-store"})


def asked_of(request: Request) -> Asked:
    """What the calendar that one comes from was narrowed to."""
    return Asked.read(request.query_params.multi_items())


def _row(viewer: Viewer, visitor: Visitor, one: Address) -> AddressView:
    day = viewer.dates.short_day
    return AddressView(
        number=one.number,
        label=one.label,
        created=day(viewer.dates.home(one.created).date()),
        last_read=day(one.last_read) if one.last_read else "",
        revoked=day(viewer.dates.home(one.revoked).date()) if one.revoked else "",
        asked=asked_words(viewer.labels, one.asked),
        personal=one.officer is not None,
        own=one.officer is not None and visitor.officer is not None and one.officer == visitor.officer.id,
    )


def _fresh(base: str, secret: str) -> FreshView:
    url = f"{base}/agenda/{secret}.ics"
    drawn = segno.make(url, error="m").svg_inline(scale=4, border=3, omitsize=True)
    return FreshView(url, "webcal://" + url.partition("://")[2], Markup(drawn))  # noqa: S704 - segno draws a path
