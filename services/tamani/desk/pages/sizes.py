"""A form has a size before it is read: what announces too much, or nothing, is refused unread."""

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tamani.core.codes import Code, code
from tamani.core.envelope import MAX_EVENT
from tamani.desk.imports.limits import FILE
from tamani.desk.pages.errors import error_page, wants_page
from tamani.desk.pieces.limits import REQUEST
from tamani.desk.service import Desk
from tamani.runtime.problems import lang_of, problem

# A form writes one byte as three; twice an event leaves room for the names of its fields.
MOST = 6 * MAX_EVENT
# A form that brings files along.
FORMS, FILES = ("/publier/", "/avis/"), "multipart/form-data"
# A table comes with the words of its form around it.
TABLES, MOST_TABLE = "/importer/", FILE + MAX_EVENT


class BodyLimit:
    """Stands before everything that reads a body."""

    def __init__(self, app: ASGIApp, *, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            request = Request(scope)
            announced = request.headers.get("content-length", "")
            most, name = _limit(scope["path"], request.headers.get("content-type", ""))
            if not announced.isdecimal() or int(announced) > most:
                refusal = await self._refusal(request, code(name), f"{announced or '?'} > {most}")
                return await refusal(scope, receive, send)
        return await self._app(scope, receive, send)

    async def _refusal(self, request: Request, found: Code, detail: str) -> Response:
        if wants_page(request):
            return await error_page(self._desk, request, found)
        return problem(found, detail, lang_of(request))


def _limit(path: str, kind: str) -> tuple[int, str]:
    """How much a request to this path may bring, and the code of the refusal of more."""
    if path.startswith(TABLES):
        return MOST_TABLE, "refused.import.size"
    if path.startswith(FORMS) and kind.startswith(FILES):
        return REQUEST + MOST, "refused.piece.size"
    return MOST, "refused.size"
