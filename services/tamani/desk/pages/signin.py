"""Signing in and out of the pages: a token is pasted once, the browser then holds a random cookie and nothing else.

What changes something must come from a page of this site (`Origin`); the cookie is HttpOnly and SameSite=Strict.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import RefusedError
from tamani.desk.gate import Visitor
from tamani.desk.pages.languages import LANGUAGES
from tamani.desk.pages.page import LANGUAGE_COOKIE, language_of, local_path, page_of
from tamani.desk.pages.rendering import render
from tamani.desk.service import Desk
from tamani.desk.sessions import COOKIE, sid_of
from tamani.runtime.tokens import token_digest

HTML = "text/html; charset=utf-8"
YEAR = 365 * 24 * 3600


def build_signin(desk: Desk) -> APIRouter:
    """The routes of the door."""
    routes = APIRouter(include_in_schema=False)
    secure = (desk.settings.public_url or "").startswith("https://")

    @routes.get("/connexion")
    async def ask(request: Request, retour: Annotated[str | None, Query()] = None) -> Response:
        return _form(desk, request, Visitor(), local_path(retour))

    @routes.post("/connexion")
    async def sign_in(
        request: Request, jeton: Annotated[str, Form()] = "", retour: Annotated[str, Form()] = "/"
    ) -> Response:
        check_origin(desk, request)
        digest = token_digest(jeton.strip())
        try:
            desk.gate.admit_token(digest)
        except RefusedError as error:
            return _form(desk, request, Visitor(), local_path(retour), error)
        cookie = await desk.sessions.start(digest)
        answer = RedirectResponse(local_path(retour), 303)
        age = int(desk.sessions.lifetime.total_seconds())
        answer.set_cookie(COOKIE, cookie, max_age=age, httponly=True, samesite="strict", secure=secure)
        return answer

    @routes.post("/deconnexion")
    async def sign_out(request: Request) -> Response:
        check_origin(desk, request)
        cookie = request.cookies.get(COOKIE)
        if cookie:
            await desk.sessions.end(sid_of(cookie))
        answer = RedirectResponse("/", 303, {"Clear-Site-Data": '"cache"'})
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=secure)
        return answer

    routes.include_router(_build_language(secure=secure))
    return routes


def _build_language(*, secure: bool) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/langue/{lang}")
    async def language(lang: str, retour: Annotated[str | None, Query()] = None) -> Response:
        answer = RedirectResponse(local_path(retour), 303)
        if lang in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR, samesite="lax", secure=secure)
        return answer

    return routes


def check_origin(desk: Desk, request: Request) -> None:
    """Let nobody but our own pages change anything.

    Raises:
        RefusedError: `refused.auth.origin`.
    """
    ours = {request.headers.get("host", "")}
    if desk.settings.public_url:
        ours.add(urlsplit(desk.settings.public_url).netloc)
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc not in ours:
        raise RefusedError("refused.auth.origin", origin or "")


def _form(desk: Desk, request: Request, visitor: Visitor, back: str, error: RefusedError | None = None) -> Response:
    page = page_of(desk, request, visitor, None)
    body = render(
        page.lang,
        "signin.html",
        page=page,
        back=back,
        hours=desk.settings.session_hours,
        error=error.code.sentence(language_of(request)) if error else "",
    )
    return Response(body, error.code.status if error else 200, {"Cache-Control": "no-store"}, HTML)
