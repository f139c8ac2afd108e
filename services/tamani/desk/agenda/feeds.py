"""The doors by which meetings leave for a calendar: a public feed, a personal one, a file for a single meeting."""

from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from tamani.core.codes import code
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.policy import PUBLIC, Reader
from tamani.desk.agenda.addresses import Address
from tamani.desk.agenda.asked import Asked
from tamani.desk.agenda.ics import CLASSES, MEDIA_TYPE, Writer
from tamani.desk.agenda.meetings import TYPE, Meeting
from tamani.desk.agenda.search import Gathered, gather, meeting_of
from tamani.desk.atom import base_of
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.owners import body_stands, still_theirs
from tamani.desk.service import Desk
from tamani.runtime.problems import problem

# A meeting that is over or off stays this long after its hour and after its last change: calendars read feeds every few
# hours, telephones are off for weeks, and what is only missing from a feed would go on standing in some of them.
KEPT = timedelta(days=90)
AHEAD = datetime(2101, 1, 1, tzinfo=UTC)
NAME = "Tamani · agenda"
KEEP = {"Cache-Control": "private, no-cache"}
Secret = Annotated[str, Path(min_length=1, max_length=128)]


class AskedMeetings(BaseModel):
    """The filters of an address: one of them, repeated, takes any of its values; between them all must hold."""

    body: list[str] = Field([], description="/ml/commission-defense…: convenes, or is invited")
    origin: list[str] = Field([], description="bf, ml, ne, rg: concerned")
    profile: list[str] = Field([], description="ordinaire, conjointe…")
    theme: list[str] = Field([], description="temoins, entraide-judiciaire…")


def build_feeds(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["agenda"])

    @routes.get("/agenda.ics", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
    async def public(request: Request, _asked: Annotated[AskedMeetings, Query()]) -> Response:
        """The meetings that everybody may read (iCalendar), from 90 days ago on; a token changes nothing here."""
        asked = Asked.read(request.query_params.multi_items())
        return answer(request, await _calendar(desk, request, PUBLIC, asked), MEDIA_TYPE, Visitor())

    @routes.get("/agenda/{secret}.ics", include_in_schema=False)
    async def personal(request: Request, secret: Secret) -> Response:
        address = await desk.addresses.find(secret)
        if address is None or not _open(desk, address):
            # Word for word the same whether it never was or no longer is; and nobody's own words come back.
            return problem(code("refused.request.unknown"))
        asked = Asked.read(request.query_params.multi_items())
        asked = asked if asked.query() else address.asked
        made = await _calendar(desk, request, Reader(address.body), asked)
        return answer(request, made, MEDIA_TYPE, Visitor(), KEEP)

    @routes.get("/avis/{country}/{body}/{id}.ics", include_in_schema=False)
    async def single(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        meeting = await _meeting(desk, visitor.reader, f"/{country}/{body}", str(id))
        name = f'attachment; filename="tamani-{meeting.uid[:8]}.ics"'
        made = writer_of(desk, request).one(meeting)
        return answer(request, made, MEDIA_TYPE, visitor, {"Content-Disposition": name})

    return routes


def _open(desk: Desk, address: Address) -> bool:
    """Whether who it was made for may still read."""
    if address.officer is None:
        return body_stands(desk, address.body)
    return still_theirs(desk, address.officer, address.body)


def writer_of(desk: Desk, request: Request) -> Writer:
    """Writes calendars under the address by which this desk was asked."""
    return Writer(base_of(desk, request), desk.registry.current, desk.demo)


async def _calendar(desk: Desk, request: Request, reader: Reader, asked: Asked) -> bytes:
    """The feed's bytes, kept for the next program that reads them: as long as day, meetings and names are the same."""
    writer = writer_of(desk, request)

    async def make(_before: bytes | None) -> bytes:
        return writer.calendar(await meetings_for(desk, reader, asked), NAME)

    return await desk.calendars.get((reader, asked, writer.base, desk.clock().date(), writer.registry.version), make)


async def meetings_for(desk: Desk, reader: Reader, asked: Asked) -> list[Meeting]:
    """What is to come, what was lately, and what was lately called off."""
    since = datetime.combine(desk.clock().date(), clock.min, UTC) - KEPT

    async def make(before: Gathered | None) -> Gathered:
        return await gather(desk.database, reader, since, AHEAD, changed_since=since, before=before)

    found = await desk.meetings.get((reader, since, AHEAD, True), make)
    return [meeting for meeting in found.in_order() if meeting.notice.row.tlp in CLASSES and asked.match(meeting)]


async def _meeting(desk: Desk, reader: Reader, source: str, id_: str) -> Meeting:
    """The meeting whose thread this notice belongs to.

    Raises:
        RefusedError: `refused.request.notice`, `refused.calendar.tlp`.
    """
    notice = await desk.queries.said(reader, source, id_)
    meeting = await meeting_of(desk.database, reader, notice.thread) if notice.row.type == TYPE else None
    if meeting is None:
        raise RefusedError("refused.request.notice")
    if meeting.notice.row.tlp not in CLASSES:
        raise RefusedError("refused.calendar.tlp", meeting.notice.row.tlp)
    return meeting
