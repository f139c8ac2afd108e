"""The first sign-in by a one-time link: choose a password, set up the telephone, keep the recovery codes.

Opening the link uses nothing up: mail programs open links by themselves. Only the form does.
"""

import asyncio
from io import BytesIO
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Query, Request, Response

from tamani.core.errors import RefusedError
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import FormToken, check_form, check_origin, set_session
from tamani.desk.pages.page import local_path
from tamani.desk.pages.showing import show
from tamani.desk.pages.signin import entered
from tamani.desk.service import Desk
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.second_factor import address_of, grouped
from tamani.runtime.routes import join


def build_invitation(desk: Desk) -> APIRouter:
    """The routes of the first sign-in."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/invitation/{link}")
    async def ask(request: Request, link: str) -> Response:
        return show(desk, request, "invitation.html", Visitor(), who=await _invited(desk, link))

    @routes.post("/invitation/{link}")
    async def accept(
        request: Request,
        link: str,
        mot_de_passe: Annotated[str, Form()] = "",
        encore: Annotated[str, Form()] = "",
    ) -> Response:
        check_origin(desk, request)
        who = await _invited(desk, link)
        try:
            if mot_de_passe != encore:
                raise RefusedError("refused.officer.password.differs")
            cookie, stage = await asyncio.to_thread(desk.accounts.signin.accept, link, mot_de_passe)
        except RefusedError as error:
            return show(desk, request, "invitation.html", Visitor(), error, who=who)
        return entered(desk, cookie, stage, "/")

    join(routes, _build_second_factor(desk))
    return routes


def _build_second_factor(desk: Desk) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/compte/second-facteur")
    async def ask(request: Request, retour: Annotated[str | None, Query()] = None) -> Response:
        who, secret = await _enrolling(desk, request)
        return show(desk, request, "second_factor.html", Visitor(), who=who, secret=grouped(secret), back=retour)

    @routes.get("/compte/second-facteur/carre.svg")
    async def square(request: Request) -> Response:
        """The secret as a square for the telephone's camera: an answer of its own, kept nowhere."""
        who, secret = await _enrolling(desk, request)
        drawn = BytesIO()
        segno.make(address_of(secret, who.login), error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff")
        return Response(drawn.getvalue(), headers={"Cache-Control": "no-store"}, media_type="image/svg+xml")

    @routes.post("/compte/second-facteur")
    async def check(
        request: Request,
        code: Annotated[str, Form()] = "",
        retour: Annotated[str, Form()] = "/",
        jeton_formulaire: FormToken = "",
    ) -> Response:
        cookie, back = check_form(desk, request, jeton_formulaire), local_path(retour)
        who, secret = await _enrolling(desk, request)
        try:
            opened, codes = await asyncio.to_thread(desk.accounts.signin.enrol, cookie, code[:64])
        except RefusedError as error:
            shown = {"who": who, "secret": grouped(secret), "back": back}
            return show(desk, request, "second_factor.html", Visitor(), error, **shown)
        answer = show(desk, request, "recovery_codes.html", Visitor(), codes=codes, back=back, first=True)
        set_session(desk, answer, opened)
        return answer

    return routes


async def _invited(desk: Desk, link: str) -> Officer:
    return await asyncio.to_thread(desk.accounts.signin.invited, link)


async def _enrolling(desk: Desk, request: Request) -> tuple[Officer, str]:
    cookie = request.cookies.get(desk.gate.cookie, "")
    return await asyncio.to_thread(desk.accounts.signin.enrolling, cookie)
