"""The doors by which a program follows a saved search: Atom, and the meetings among what it finds as a calendar.

Nothing above TLP:GREEN leaves here, and of a sealed notice not even that there is one. What is answered names neither
the search nor its filters: the address goes to whoever runs the reader's program.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from tamani.core.codes import code
from tamani.core.policy import Reader
from tamani.desk.agenda.asked import Asked
from tamani.desk.agenda.feeds import KEEP, meetings_for, writer_of
from tamani.desk.agenda.ics import MEDIA_TYPE
from tamani.desk.agenda.meetings import TYPE
from tamani.desk.atom import ATOM, Channel, base_of, make_atom
from tamani.desk.caching import answer
from tamani.desk.cursors import Cursor
from tamani.desk.gate import Visitor
from tamani.desk.owners import still_theirs
from tamani.desk.saved.searches import Saved
from tamani.desk.service import Desk
from tamani.desk.threads import stories
from tamani.runtime.problems import problem

HERE = "/suivre/"
LABELS = ("CLEAR", "GREEN")
ENTRIES = 50
Secret = Annotated[str, Path(min_length=1, max_length=128)]
Make = Callable[[Desk, Request, Saved], Awaitable[bytes]]


def build_saved_feeds(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(HERE + "{secret}.atom")
    async def atom(request: Request, secret: Secret) -> Response:
        return await _answer(desk, request, secret, _atom, ATOM)

    @routes.get(HERE + "{secret}.ics")
    async def calendar(request: Request, secret: Secret) -> Response:
        return await _answer(desk, request, secret, _calendar, MEDIA_TYPE)

    return routes


async def _answer(desk: Desk, request: Request, secret: str, make: Make, kind: str) -> Response:
    saved = await desk.saved.find(secret)
    if saved is None or not still_theirs(desk, saved.owner.officer, saved.owner.body):
        # Word for word the same whether it never was or no longer is.
        return problem(code("refused.request.unknown"))
    return answer(request, await make(desk, request, saved), kind, Visitor(), KEEP)


async def _atom(desk: Desk, request: Request, saved: Saved) -> bytes:
    reader = Reader(saved.owner.body)
    notices = (await desk.queries.before(reader, saved.filters, Cursor(), ENTRIES, LABELS)).notices
    threads = stories(await desk.queries.threads_of(reader, notices))
    country = desk.settings.country
    channel = Channel(f"urn:tamani:{country}:recherche:{saved.number}", f"Tamani · {country} · {saved.number}")
    return make_atom(desk, base_of(desk, request), channel, notices, threads)


async def _calendar(desk: Desk, request: Request, saved: Saved) -> bytes:
    """Of the meetings that a calendar of this body would hold, those that the search finds."""
    reader, kinds = Reader(saved.owner.body), saved.filters.type
    found = set()
    if not kinds or TYPE in kinds:
        found = await desk.queries.threads_found(reader, replace(saved.filters, type=(TYPE,)))
    every = await meetings_for(desk, reader, Asked())
    meetings = [one for one in every if (one.notice.row.source, one.notice.row.thread) in found]
    return writer_of(desk, request).calendar(meetings, f"Tamani · agenda {saved.number}")
