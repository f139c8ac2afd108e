"""The convocation as a letter, for who convenes on paper: from the sitting's notice, in the style of its dossier."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.policy import NAMED
from tamani.desk.agenda import clocks
from tamani.desk.agenda.meetings import TYPE, Meeting
from tamani.desk.pages.assets import address
from tamani.desk.pages.detail import READERS_WORDS
from tamani.desk.pages.dossier import STYLE
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie"}


def build_letter(desk: Desk) -> APIRouter:
    """The route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/avis/{country}/{body}/{id}/lettre")
    async def letter(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        found = await desk.queries.said(visitor.reader, f"/{country}/{body}", str(id))
        story = Story.of(await desk.queries.threads_of(visitor.reader, [found]))
        meeting = Meeting.of(story) if found.row.type == TYPE else None
        if meeting is None or meeting.state == "withdrawn":
            raise RefusedError("refused.request.notice")
        viewer = viewer_of(desk, request)
        shown = _told(viewer, meeting) | {"style": address(STYLE), "demo": desk.demo}
        return Response(render(viewer.labels.lang, "letter.html", **shown), 200, HEADERS, HTML)

    return routes


def _told(viewer: Viewer, meeting: Meeting) -> dict[str, Any]:
    """What the letter says: the version in force, with the hours that it has had before."""
    notice, labels, data = meeting.notice, viewer.labels, meeting.data
    row, reply_by = notice.row, data.get("reply_by")
    named = row.tlp in NAMED or row.audience
    everybody = translations(labels.lang).gettext(READERS_WORDS[row.tlp])
    return {
        "labels": labels,
        "row": row,
        "data": data,
        "digest": notice.digest,
        "page": page_path(row.source, row.id),
        "title": said_in(notice, labels.lang).title,
        "summary": said_in(notice, labels.lang).summary,
        "profile": labels.profile(row.type, row.profile),
        "convening": labels.body(str(data["body"])),
        "addressed": [labels.body(source) for source in row.audience] if named else [everybody],
        "written": viewer.dates.short_day(viewer.dates.home(row.time).date()),
        "hours": clocks.dated(viewer.dates, meeting.hours),
        "before": [clocks.dated(viewer.dates, one) for one in meeting.before],
        "off": meeting.off,
        "reply_by": viewer.dates.written(str(reply_by)) if reply_by else "",
    }
