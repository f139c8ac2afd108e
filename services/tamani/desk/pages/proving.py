"""Pages of proof: what proves a notice and how to check it, the check in the reader's own browser, and open alarms."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from tamani.core.codes import code
from tamani.core.errors import OutageError, RefusedError
from tamani.core.names import Country
from tamani.core.proven import WORDS, Step
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.pages.attested import with_attestations
from tamani.desk.pages.languages import sentence_of
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.wire import page_path


def build_proving(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    _add_proof(routes, desk)
    _add_check(routes, desk)
    _add_alarms(routes, desk)
    return routes


def _add_proof(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/avis/{country}/{body}/{id}/preuve")
    async def proof(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        """What the file proves, to whom, and how to check it."""
        visitor, notice = await _found(desk, request, f"/{country}/{body}", id)
        page = page_of(desk, request, visitor, await desk.queries.position())
        viewer = await with_attestations(desk, viewer_of(desk, request), [notice])
        context = {
            "standing": viewer.standings.get(notice.row.feed_index),
            "ready": await _bundle(desk, notice) is not None,
            "record": f"/v1/records/{notice.row.number(visitor.reader)}",
            "notice": page_path(notice.row.source, notice.row.id),
            "id": notice.row.id,
            "public": notice.row.tlp == "CLEAR",
            "steps": [words[page.lang == "en"] for words in WORDS.values()],
        }
        return answer(request, render(page.lang, "proof.html", page=page, **context), HTML, visitor)


def _add_check(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/avis/{country}/{body}/{id}/verifier")
    async def check(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
        """The check of one public notice, in the browser: the proof is in the page, and nothing leaves it."""
        visitor, notice = await _found(desk, request, f"/{country}/{body}", id)
        if notice.row.tlp != "CLEAR":
            raise RefusedError("refused.request.notice")
        bundle = await _bundle(desk, notice)
        if bundle is None:
            raise OutageError("failed.proof.pending")
        path = page_path(notice.row.source, notice.row.id)
        return await _checking(desk, request, visitor, bundle.decode(), path)

    @routes.get("/verifier")
    async def check_file(request: Request) -> Response:
        """The same for a file that somebody was given."""
        return await _checking(desk, request, await desk.gate.admit(request), "", "")


def _add_alarms(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/alarmes")
    async def alarms(request: Request) -> Response:
        """What the log lacks or contradicts: for bodies, who are to act on it."""
        visitor = await _body(desk, request)
        page, viewer = page_of(desk, request, visitor, await desk.queries.position()), viewer_of(desk, request)
        rows = [
            {
                "number": alarm.number,
                "notice": alarm.feed_index,
                "when": viewer.dates.both(alarm.seen),
                "why": sentence_of(code(alarm.code), page.lang),
                "code": alarm.code,
            }
            for alarm in await desk.attestations.alarms()
        ]
        return answer(request, render(page.lang, "alarms.html", page=page, rows=rows), HTML, visitor)

    @routes.get("/alarmes/{number}/preuve")
    async def evidence(request: Request, number: int) -> Response:
        """The log's answer, byte for byte."""
        visitor = await _body(desk, request)
        name = {"Content-Disposition": f'attachment; filename="alarme-{number}.bin"'}
        return answer(request, await desk.attestations.evidence(number), "application/octet-stream", visitor, name)


async def _found(desk: Desk, request: Request, source: str, id_: UUID) -> tuple[Visitor, Notice]:
    visitor = await desk.gate.admit(request)
    return visitor, await desk.queries.said(visitor.reader, source, str(id_))


async def _checking(desk: Desk, request: Request, visitor: Visitor, bundle: str, notice: str) -> Response:
    """The page that checks: what is put into it, or the file that its reader chooses."""
    page = page_of(desk, request, visitor, await desk.queries.position())
    steps = [words[page.lang == "en"] for words in WORDS.values()]
    context = {"bundle": bundle, "notice": notice, "steps": steps, "numbers": [step.value for step in Step]}
    return answer(request, render(page.lang, "verify.html", page=page, **context), HTML, visitor)


async def _body(desk: Desk, request: Request) -> Visitor:
    visitor = await desk.gate.admit(request)
    if not visitor.signed_in:
        raise RefusedError("refused.auth.session")
    return visitor


async def _bundle(desk: Desk, notice: Notice) -> bytes | None:
    """The file, once it can be made."""
    try:
        return await desk.attestations.proof(notice)
    except (OutageError, RefusedError) as error:
        if error.code.name in {"failed.proof.pending", "refused.proof.none"}:
            return None
        raise
