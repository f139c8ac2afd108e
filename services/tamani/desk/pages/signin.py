"""Signing in and out: a login and a password, then a code where the roles ask for one. In a demo, a click will do."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import RefusedError
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import FormToken, check_form, check_origin, drop_session, set_session
from tamani.desk.pages.languages import LANGUAGES
from tamani.desk.pages.page import LANGUAGE_COOKIE, local_path
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk
from tamani.runtime.accounts.sessions import Stage, sid_of
from tamani.runtime.routes import join

YEAR = 365 * 24 * 3600
HOME = "/accueil"
NEXT = {Stage.CODE: "/connexion/code", Stage.ENROL: "/compte/second-facteur"}


def build_signin(desk: Desk) -> APIRouter:
    """The routes of the door."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/connexion")
    async def ask(request: Request, retour: Annotated[str | None, Query()] = None) -> Response:
        return _form(desk, request, local_path(retour))

    @routes.post("/connexion")
    async def sign_in(
        request: Request,
        identifiant: Annotated[str, Form()] = "",
        mot_de_passe: Annotated[str, Form()] = "",
        retour: Annotated[str, Form()] = "/",
    ) -> Response:
        check_origin(desk, request)
        back = local_path(retour)
        try:
            cookie, stage = await asyncio.to_thread(desk.accounts.signin.by_password, identifiant, mot_de_passe)
        except RefusedError as error:
            return _form(desk, request, back, error, login=identifiant)
        return entered(desk, cookie, stage, back)

    @routes.post("/connexion/demo")
    async def enter_demo(request: Request, identifiant: Annotated[str, Form()] = "") -> Response:
        """Only where the signed registry says that nothing is real."""
        check_origin(desk, request)
        if not desk.registry.current.demo:
            raise RefusedError("refused.request.unknown")
        return entered(desk, await asyncio.to_thread(desk.accounts.signin.enter_demo, identifiant), Stage.OPEN, "/")

    @routes.post("/deconnexion")
    async def sign_out(request: Request, jeton_formulaire: FormToken = "") -> Response:
        cookie = check_form(desk, request, jeton_formulaire)
        await asyncio.to_thread(desk.accounts.sessions.end, sid_of(cookie))
        answer = RedirectResponse("/", 303, {"Clear-Site-Data": '"cache"'})
        drop_session(desk, answer)
        return answer

    join(routes, _build_code(desk), _build_language(secure=desk.settings.https))
    return routes


def _build_code(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/connexion/code")
    async def ask(request: Request, retour: Annotated[str | None, Query()] = None) -> Response:
        return show(desk, request, "code.html", Visitor(), back=local_path(retour))

    @routes.post("/connexion/code")
    async def check(
        request: Request,
        code: Annotated[str, Form()] = "",
        retour: Annotated[str, Form()] = "/",
        jeton_formulaire: FormToken = "",
    ) -> Response:
        cookie, back = check_form(desk, request, jeton_formulaire), local_path(retour)
        try:
            opened = await asyncio.to_thread(desk.accounts.signin.by_code, cookie, code[:64])
        except RefusedError as error:
            if error.code.name == "refused.auth.session":
                return _form(desk, request, back, error)
            return show(desk, request, "code.html", Visitor(), error, back=back)
        return entered(desk, opened, Stage.OPEN, back)

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


def entered(desk: Desk, cookie: str, stage: Stage, back: str) -> Response:
    """The way on after a proof: to the page asked for, or to the next proof."""
    further = urlencode({"retour": back})
    if stage is Stage.OPEN and back == "/":
        back = HOME
    answer = RedirectResponse(back if stage is Stage.OPEN else f"{NEXT[stage]}?{further}", 303)
    set_session(desk, answer, cookie)
    return answer


def _form(desk: Desk, request: Request, back: str, error: RefusedError | None = None, login: str = "") -> Response:
    demo = desk.accounts.officers.of_body(None) if desk.registry.current.demo else []
    open_ = (one for one in demo if one.demo and one.state == "active")
    # Of each body, who can do most comes first.
    entries = sorted(open_, key=lambda one: (one.source, -len(one.roles)))
    return show(desk, request, "signin.html", Visitor(), error, back=back, login=login, entries=entries)
