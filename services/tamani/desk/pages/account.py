"""An officer's own account: what it is, another password, new recovery codes."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from tamani.core.errors import RefusedError
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk
from tamani.runtime.accounts.sessions import SignedIn, Stage


def build_account(desk: Desk) -> APIRouter:
    """The routes of one's own account."""
    routes = APIRouter(include_in_schema=False)
    owner: Any = officer_who_posts(desk)

    @routes.get("/compte")
    async def account(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        return show(desk, request, "account.html", visitor, who=visitor.as_officer(), done=False)

    @routes.post("/compte")
    async def change_password(
        request: Request,
        visitor: Annotated[Visitor, owner],
        ancien: Annotated[str, Form()] = "",
        mot_de_passe: Annotated[str, Form()] = "",
        encore: Annotated[str, Form()] = "",
    ) -> Response:
        who = visitor.as_officer()
        try:
            if mot_de_passe != encore:
                raise RefusedError("refused.officer.password.differs")
            signed_in = SignedIn(visitor.sid or b"", who, Stage.OPEN)
            await asyncio.to_thread(desk.accounts.signin.change_password, signed_in, ancien, mot_de_passe)
        except RefusedError as error:
            return show(desk, request, "account.html", visitor, error, who=who, done=False)
        return show(desk, request, "account.html", visitor, who=who, done=True)

    @routes.get("/compte/codes")
    async def codes(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        return show(desk, request, "codes.html", visitor, who=visitor.as_officer())

    @routes.post("/compte/codes")
    async def renew_codes(
        request: Request,
        visitor: Annotated[Visitor, owner],
        mot_de_passe: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
    ) -> Response:
        signed_in = SignedIn(visitor.sid or b"", visitor.as_officer(), Stage.OPEN)
        renew = desk.accounts.signin.renew_recovery
        try:
            made = await asyncio.to_thread(renew, signed_in, mot_de_passe, code[:64])
        except RefusedError as error:
            return show(desk, request, "codes.html", visitor, error, who=signed_in.officer)
        return show(desk, request, "recovery_codes.html", visitor, codes=made, back="/compte", first=False)

    return routes
