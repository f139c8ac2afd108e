"""Errors on HTTP as problem+json (RFC 9457), each with its code and its sentence in French and in English."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tamani.core.codes import Code, code
from tamani.core.errors import TamaniError

log = structlog.get_logger()
# The code again: the answer to a `HEAD` has no words, and what stands between us and the caller has other errors.
CODE = "Tamani-Code"
_BY_STATUS = {404: "refused.request.unknown", 405: "refused.request.method", 415: "refused.request.type"}


def problem(found: Code, detail: str = "", lang: str = "fr", **more: object) -> JSONResponse:
    """The answer that tells this code; `more` adds members (RFC 9457 §3.2)."""
    body = {
        "type": f"urn:tamani:problem:{found.name}",
        "title": found.sentence(lang),
        "status": found.status,
        "code": found.name,
        "detail": detail,
        "detail_fr": found.fr,
        "detail_en": found.en,
        "retriable": found.retriable,
    }
    headers = {CODE: found.name}
    if found.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="tamani"'
    if found.retriable and found.status in {429, 503}:
        headers["Retry-After"] = "30"
    return JSONResponse(body | more, found.status, headers=headers, media_type="application/problem+json")


def install_problems(app: FastAPI) -> None:
    """Make every failure of this application a problem+json."""

    async def tamani_error(request: Request, error: TamaniError) -> JSONResponse:
        return problem(error.code, error.detail, lang_of(request))

    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [{"at": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
        detail = f"{faults[0]['at']}: {faults[0]['message']}" if faults else ""
        return problem(code("refused.request"), detail, lang_of(request), faults=faults)

    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        return problem(code(_BY_STATUS.get(error.status_code, "refused.request")), "", lang_of(request))

    async def unknown(request: Request, error: Exception) -> JSONResponse:
        # The address as it is written in the program: what stood in its place may be a secret (a calendar's address).
        route = getattr(request.scope.get("route"), "path", "")
        log.error("unexpected", path=route, error=type(error).__name__, exc_info=error)
        return problem(code("failed.internal"), "", lang_of(request))

    app.exception_handler(TamaniError)(tamani_error)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(HTTPException)(http_error)
    app.exception_handler(Exception)(unknown)


def lang_of(request: Request) -> str:
    """`fr` unless the reader's browser or program asks for English first."""
    asked = request.headers.get("accept-language", "fr").lower().strip()
    return "en" if asked.startswith("en") else "fr"
