"""Pages of erasure: an erased notice's own page, all erasures with who has not confirmed, and drawing up an order.

A page never signs: it hands out the order as a file, which two officers sign where their keys are.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import and_

from tamani.core.erasure.confirming import DESK
from tamani.core.erasure.officers import signers
from tamani.core.erasure.order import BASES, LONGEST, draw_up
from tamani.core.erasure.sheet import basis_words, kind_of
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.desk.caching import NEVER_KEPT, answer
from tamani.desk.erasure_api import Present, present
from tamani.desk.erasures import Erasure
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML, show
from tamani.desk.pages.views import Viewer
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.tables import erasure
from tamani.desk.wire import page_path

AT_DESK = _("Bureau de lecture : %(country)s")
AT_NODE = _("Nœud d'envoi : %(name)s")
ENDING = ".ordre.json"


@dataclass(frozen=True, slots=True)
class Place:
    """A place that held the notice: its name, and since when it is known to have forgotten it."""

    word: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class ErasedView:
    """An erased notice, in words."""

    href: str
    id: str
    tlp: str
    kind: str
    body: str
    recorded: str
    erased: str
    basis: str
    reason: str
    officers: list[str]
    done: list[Place]
    waiting: list[Place]
    order: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A withdrawal for want of consent whose notice waits for an order."""

    href: str
    target: str
    body: str
    when: str


def make_erased(viewer: Viewer, found: Erasure) -> ErasedView:
    """What the page of an erased notice says."""
    order, labels = found.order, viewer.labels
    return ErasedView(
        href=page_path(order.source, order.id),
        id=order.id,
        tlp=order.tlp,
        kind=labels.type(kind_of(order.type)),
        body=labels.body(order.source),
        recorded=viewer.dates.both(datetime.fromisoformat(order.recorded)),
        erased=viewer.dates.both(found.recorded),
        basis=basis_words(order.basis, labels.lang),
        reason=order.reason,
        officers=sorted({labels.country(held.country.value) for held in signers(found.signed, labels.registry)}),
        done=[_place(viewer, one.part, one.recorded) for one in found.confirmations],
        waiting=[_place(viewer, str(part)) for part in found.waiting(labels.registry)],
        order=f"/v1/erasures/{order.id}",
    )


def _place(viewer: Viewer, part: str, when: datetime | None = None) -> Place:
    kind, _slash, name = part.partition("/")
    say = translations(viewer.labels.lang).gettext
    words = say(AT_DESK) % {"country": viewer.labels.country(name)} if kind == DESK else say(AT_NODE) % {"name": name}
    return Place(words, viewer.dates.both(when) if when else "")


async def erased_page(desk: Desk, request: Request, visitor: Visitor, source: str, id_: str) -> Response:
    """The page of an erased notice.

    Raises:
        RefusedError: `refused.request.notice`.
    """
    wanted = and_(erasure.c.source == source, erasure.c.id == id_)
    found = await desk.erasures.one(visitor.reader, wanted)
    page = page_of(desk, request, visitor, await desk.queries.position())
    view = make_erased(viewer_of(desk, request), found)
    made = answer(request, render(page.lang, "erased.html", page=page, view=view), HTML, visitor)
    made.status_code = 410 if made.status_code == 200 else made.status_code
    return made


def _asked(viewer: Viewer, said: Notice) -> Asked:
    target = said.event.data["target"]
    return Asked(
        href=page_path(said.row.source, said.row.id),
        target=page_path(target["source"], target["id"]),
        body=viewer.labels.body(said.row.source),
        when=viewer.dates.both(said.row.recordedtime),
    )


def build_erased(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    _add_drawing_up(routes, desk)

    @routes.get("/effacements")
    async def erasures(request: Request) -> Response:
        """All that was erased and that the reader could have read; what waits for an order."""
        visitor = await desk.gate.admit(request)
        page, viewer = page_of(desk, request, visitor, await desk.queries.position()), viewer_of(desk, request)
        views = [make_erased(viewer, one) for one in await desk.erasures.all(visitor.reader)]
        asked = await desk.erasures.asked_for(visitor.reader) if visitor.signed_in else ()
        waiting = [_asked(viewer, one) for one in asked]
        body = render(page.lang, "erasures.html", page=page, views=views, asked=waiting)
        return answer(request, body, HTML, visitor)

    return routes


def _add_drawing_up(routes: APIRouter, desk: Desk) -> None:
    """The form of an order, and the order."""
    posting = officer_who_posts(desk)
    OfficerWhoPosts = Annotated[Visitor, posting]  # noqa: N806

    @routes.get("/avis/{country}/{body}/{id}/effacer")
    async def ask(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        """What an order does, and the form that draws one up."""
        visitor = await desk.gate.admit(request)
        visitor.as_officer()
        found = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        return _form(desk, request, visitor, await present(desk, visitor.reader, found))

    @routes.post("/avis/{country}/{body}/{id}/effacer")
    async def order(
        request: Request,
        visitor: OfficerWhoPosts,
        *,
        country: Country,
        body: str,
        id: UUID,  # noqa: A002
        fondement: Annotated[str, Form()] = "",
        motif: Annotated[str, Form()] = "",
    ) -> Response:
        """The order as a file, unsigned."""
        found = await present(
            desk, visitor.reader, await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        )
        try:
            signed = draw_up(found.facts, fondement, motif, desk.clock().replace(microsecond=0))
        except RefusedError as error:
            return _form(desk, request, visitor, found, error=error, given=(fondement, motif))
        name = {"Content-Disposition": f'attachment; filename="{id}{ENDING}"'}
        return Response(signed.encode() + b"\n", media_type="application/json", headers=NEVER_KEPT | name)


def _form(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    found: Present,
    *,
    error: RefusedError | None = None,
    given: tuple[str, str] = ("", ""),
) -> Response:
    """The form, with what was typed if it was refused."""
    labels, facts = viewer_of(desk, request).labels, found.facts
    return show(
        desk,
        request,
        "erase.html",
        visitor,
        error,
        href=page_path(facts["source"], facts["id"]),
        id=facts["id"],
        title=found.title,
        kind=labels.type(kind_of(facts["type"])),
        body=labels.body(facts["source"]),
        bases=[(basis, basis_words(basis, labels.lang)) for basis in BASES],
        given=given,
        most=LONGEST,
        others=[(page_path(one.source, one.id), one.title, labels.type(one.type)) for one in found.thread],
    )
