"""The pages' addresses: the list, a notice, what is unreadable, and the files they need."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.codes import code
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.desk.agenda.address_pages import build_address_pages
from tamani.desk.agenda.pages import build_agenda
from tamani.desk.caching import NEVER_KEPT, answer
from tamani.desk.cursors import Cursor
from tamani.desk.filters import Filters
from tamani.desk.gate import Visitor
from tamani.desk.mail.pages import build_mail_pages
from tamani.desk.opened_by import open_for
from tamani.desk.pages.account import build_account
from tamani.desk.pages.acts import acts_of
from tamani.desk.pages.assets import address, assets
from tamani.desk.pages.attested import with_attestations
from tamani.desk.pages.changed import changes_in
from tamani.desk.pages.demands import build_demands, panel_of
from tamani.desk.pages.detail import NO_LINKS, make_detail
from tamani.desk.pages.documents import documents_in
from tamani.desk.pages.dossier import build_dossier
from tamani.desk.pages.drafts import build_drafts
from tamani.desk.pages.erased import build_erased, erased_page
from tamani.desk.pages.exchanging import build_exchanging
from tamani.desk.pages.follow_up import build_follow_up
from tamani.desk.pages.following import build_following
from tamani.desk.pages.from_notice import build_from_notice
from tamani.desk.pages.home import build_home
from tamani.desk.pages.imports import build_imports
from tamani.desk.pages.invitation import build_invitation
from tamani.desk.pages.languages import sentence_of
from tamani.desk.pages.law_steps import law_view
from tamani.desk.pages.laws import build_laws
from tamani.desk.pages.letter import build_letter
from tamani.desk.pages.listing import make_list
from tamani.desk.pages.naming import with_titles
from tamani.desk.pages.officers import build_officers
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.piece_routes import build_pieces
from tamani.desk.pages.proving import build_proving
from tamani.desk.pages.publish import build_publish, zone_of
from tamani.desk.pages.publishing import build_publishing
from tamani.desk.pages.rendering import render
from tamani.desk.pages.reviews import build_reviews
from tamani.desk.pages.showing import HTML
from tamani.desk.pages.signin import build_signin
from tamani.desk.pages.views import Viewer
from tamani.desk.references import Links, links_of
from tamani.desk.rows import Notice
from tamani.desk.saved.pages import build_saved_pages, saved_links
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path
from tamani.runtime.routes import join

BUILDERS = (
    build_signin,
    build_invitation,
    build_account,
    build_officers,
    build_home,
    build_demands,
    build_publish,
    build_publishing,
    build_pieces,
    build_drafts,
    build_reviews,
    build_exchanging,
    build_follow_up,
    build_from_notice,
    build_letter,
    build_dossier,
    build_imports,
    build_following,
    build_proving,
    build_erased,
    build_saved_pages,
)


def build_pages(desk: Desk) -> APIRouter:
    """The routes for people."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def first(request: Request, avant: Annotated[str | None, Query()] = None) -> Response:
        visitor = await desk.gate.admit(request)
        page = page_of(desk, request, visitor, await desk.queries.position())
        filters = Filters.read(request.query_params.multi_items())
        made = await make_list(desk, viewer_of(desk, request), visitor.reader, filters, Cursor.read(avant))
        shown = {"list": made, "saved": await saved_links(desk, visitor)}
        return answer(request, render(page.lang, "list.html", page=page, **shown), HTML, visitor)

    @routes.get("/avis/{country}/{body}/{id}")
    async def notice(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        try:
            found = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        except RefusedError as error:
            if error.code.name != "refused.erased":
                raise
            return await erased_page(desk, request, visitor, f"/{country}/{body}", str(id))
        place = await desk.queries.position()
        story = Story.of(await desk.queries.threads_of(visitor.reader, [found]))
        page = page_of(desk, request, visitor, place)
        viewer = await with_attestations(desk, viewer_of(desk, request), [found])
        viewer = await with_titles(desk.queries, visitor.reader, viewer, *(one.event.data for one in story.notices))
        links = await links_of(desk.queries, visitor.reader, found)
        view = make_detail(viewer, found, story, visitor.reader, place, links=links)
        where = f"{page_path(found.row.source, found.row.id)}/pieces/"
        fetched, data = desk.fetching is not None, found.event.data
        documents = await documents_in(desk.pieces, viewer, found.row.source, data, where, fetched=fetched)
        view = replace(view, attachments=documents)
        said = await _around(desk, viewer, visitor, found, story, links=links)
        said |= {"law": law_view(viewer, story, found)}
        return answer(request, render(page.lang, "notice.html", page=page, view=view, **said), HTML, visitor)

    @routes.get("/avis/{country}/{body}/{id}/ouvert")
    async def opened(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        found = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        within = await open_for(desk, visitor, found)
        place = await desk.queries.position()
        page = page_of(desk, request, visitor, place)
        inner, story, viewer = within.notice, within.story, viewer_of(desk, request)
        view = make_detail(viewer, inner, story, visitor.reader, place)
        shown = replace(view, opened=True, beyond_rights=within.beyond_rights)
        said = await _around(desk, viewer, visitor, inner, story)
        return Response(
            render(page.lang, "notice.html", page=page, view=shown, law=None, **said), 200, NEVER_KEPT, HTML
        )

    join(routes, build_agenda(desk), build_address_pages(desk), build_mail_pages(desk), build_laws(desk))
    join(routes, _build_unreadable(desk), _build_files(), *(build(desk) for build in BUILDERS))
    return routes


async def _around(
    desk: Desk, viewer: Viewer, visitor: Visitor, notice: Notice, story: Story, *, links: Links = NO_LINKS
) -> dict[str, Any]:
    """What a notice's page says beside its words: what is asked, what one may do, what changed."""
    return {
        "panel": await panel_of(desk, viewer, visitor, notice, story=story, links=links),
        "acts": acts_of(desk, viewer.labels, visitor, notice, story),
        "changes": changes_in(viewer, story, notice),
        "zone": zone_of(desk),
    }


def _build_unreadable(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/illisibles")
    async def unreadable(request: Request) -> Response:
        """For bodies only: how many entries there are tells of notices that not everybody may read."""
        visitor = await desk.gate.admit(request)
        if not visitor.signed_in:
            raise RefusedError("refused.auth.session")
        page, viewer = page_of(desk, request, visitor, await desk.queries.position()), viewer_of(desk, request)
        rows = [
            {
                "number": failed.feed_index,
                "when": viewer.dates.both(failed.recordedtime) if failed.recordedtime else "–",
                "why": sentence_of(code(failed.code), page.lang),
                "code": failed.code,
            }
            for failed in await desk.queries.unreadable()
        ]
        return answer(request, render(page.lang, "unreadable.html", page=page, rows=rows), HTML, visitor)

    return routes


def _build_files() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{name}")
    async def static(request: Request, name: str) -> Response:
        asset = assets().get(name)
        if asset is None:
            raise RefusedError("refused.request.unknown")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                asset.compressed, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.media_type
            )
        return Response(asset.body, headers=headers, media_type=asset.media_type)

    @routes.get("/favicon.ico")
    async def favicon() -> Response:
        return RedirectResponse(address("favicon.svg"), 301)

    return routes
