"""The dossier of a sitting as a page for paper, and as one file to take along."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from tamani.core.bundle import ENDING
from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import Country
from tamani.desk.agenda.feeds import writer_of
from tamani.desk.agenda.ics import CLASSES
from tamani.desk.dossier.parts import Binder, Dossier
from tamani.desk.dossier.telling import Teller
from tamani.desk.dossier.zipping import File, whole, zipped
from tamani.desk.laws.sheets import to_csv
from tamani.desk.pages.assets import address, assets
from tamani.desk.pages.enclosed import enclosed
from tamani.desk.pages.law_words import sheet_of
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.showing import HTML
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

ZIP = "application/zip"
STYLE = "dossier.css"
# Of what has no proof yet there is none in the file: it is no reason to keep the rest from anybody.
NO_PROOF = frozenset({"failed.proof.pending", "refused.proof.none"})
HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie"}


def build_dossier(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/avis/{country}/{body}/{id}/dossier")
    async def shown(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        teller = await _teller(desk, request, f"/{country}/{body}", str(id), address(STYLE))
        return StreamingResponse(teller.pieces(), media_type=HTML, headers=HEADERS)

    @routes.get("/avis/{country}/{body}/{id}/dossier.zip")
    async def taken(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        teller = await _teller(desk, request, f"/{country}/{body}", str(id), "style.css", leaves=True)
        meeting = teller.dossier.meeting
        name = f"seance-{meeting.hours.start.date()}-{meeting.notice.row.id[-12:]}.zip"
        headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
        made = zipped(_files(desk, request, teller), teller.dossier.when)
        return StreamingResponse(made, media_type=ZIP, headers=headers)

    return routes


async def _teller(desk: Desk, request: Request, source: str, id_: str, style: str, *, leaves: bool = False) -> Teller:
    visitor = await desk.gate.admit(request)
    binder = Binder(desk.queries, desk.registry.current)
    dossier = await binder.open(visitor.reader, source, id_)
    base = writer_of(desk, request).base if leaves else ""
    # By the clock of its newest part: asked for again tomorrow, the same parts, and the same pieces here, make the same
    # bytes.
    viewer = replace(viewer_of(desk, request), now=dossier.when)
    documents = await enclosed(desk, viewer, binder, dossier, leaves=leaves)
    return Teller(dossier, binder, viewer, style, base, desk.demo, leaves, documents)


async def _files(desk: Desk, request: Request, teller: Teller) -> AsyncIterator[File]:
    """What is in the file: page and style, the calendar entry where it may leave, tables, pieces, originals, proofs."""
    dossier = teller.dossier
    yield File("index.html", teller.pieces())
    yield File("style.css", whole(_style()))
    if dossier.meeting.notice.row.tlp in CLASSES:
        yield File("seance.ics", whole(writer_of(desk, request).one(dossier.meeting)))
    yield File("points.csv", whole(to_csv(teller.points_sheet())))
    for theme in dossier.themes:
        sheet = sheet_of(await teller.binder.matrix(dossier.reader, theme), teller.viewer, dossier.reader)
        yield File(f"comparaison-{theme}.csv", whole(to_csv(sheet)))
    for (source, _id), documents in teller.documents.items():
        for one in documents:
            if one.href:
                try:
                    found = await desk.pieces.one(source, one.digest)
                except RefusedError:
                    continue  # erased since the page was made, which still gives its digest
                yield File(one.href, desk.pieces.parts(source, found))
    async for file in _originals(desk, teller.binder, dossier):
        yield file


async def _originals(desk: Desk, binder: Binder, dossier: Dossier) -> AsyncIterator[File]:
    """The exact envelopes, one at a time, each followed by what proves it, where that can be told already."""
    for number, row in enumerate(dossier.rows, 1):
        notice = await binder.original(dossier.reader, row)
        if notice is None:
            continue
        name = f"{number:03}-{row.type}-{row.id}"
        yield File(f"originaux/{name}.dsse.json", whole(notice.value))
        if (proof := await _proof(desk, notice)) is not None:
            yield File(f"preuves/{name}{ENDING}", whole(proof))


async def _proof(desk: Desk, notice: Notice) -> bytes | None:
    try:
        return await desk.attestations.proof(notice)
    except (OutageError, RefusedError) as error:
        if error.code.name in NO_PROOF:
            return None
        raise


def _style() -> bytes:
    return assets()[address(STYLE).rpartition("/")[2]].body
