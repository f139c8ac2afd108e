"""A form has a size before it is read: what announces too much, or nothing, is refused unread."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tamani.core.codes import code
from tamani.core.envelope import MAX_EVENT
from tamani.desk.imports.limits import FILE
from tamani.runtime.problems import lang_of, problem

# A form writes one byte as three; twice an event leaves room for the names of its fields.
MOST = 6 * MAX_EVENT
# A table comes with the words of its form around it.
TABLES, MOST_TABLE = "/importer/", FILE + MAX_EVENT


class BodyLimit:
    """Stands before everything that reads a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            request = Request(scope)
            announced = request.headers.get("content-length", "")
            most, name = (
                (MOST_TABLE, "refused.import.size") if scope["path"].startswith(TABLES) else (MOST, "refused.size")
            )
            if not announced.isdecimal() or int(announced) > most:
                refusal = problem(code(name), f"{announced or '?'} > {most}", lang_of(request))
                return await refusal(scope, receive, send)
        return await self._app(scope, receive, send)
