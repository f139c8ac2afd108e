"""What changes something must come from a form of ours: same origin, and the session's own token in it.

The cookie alone proves nothing: a browser would send it along with another site's form, were it not SameSite=Strict.
"""

import hmac
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request, Response

from tamani.core.errors import RefusedError
from tamani.core.roles import Role
from tamani.desk.gate import Visitor
from tamani.desk.service import Desk
from tamani.runtime.accounts.sessions import form_token

# The name of the token's field in every form.
FIELD = "jeton_formulaire"
# The longest form there is: a text of 300 articles.
MOST_FIELDS = 2000
FormToken = Annotated[str, Form(alias=FIELD)]


def check_origin(desk: Desk, request: Request) -> None:
    """Let nobody but our own pages change anything (Fetch Metadata, and `Origin`, which every browser sends).

    Raises:
        RefusedError: `refused.auth.origin`.
    """
    ours = {request.headers.get("host", "")}
    if desk.settings.public_url:
        ours.add(urlsplit(desk.settings.public_url).netloc)
    origin = request.headers.get("origin")
    foreign = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    if foreign or origin is None or urlsplit(origin).netloc not in ours:
        raise RefusedError("refused.auth.origin", origin or "")


def check_form(desk: Desk, request: Request, given: str) -> str:
    """The session's cookie of a form that is ours and of this session.

    Raises:
        RefusedError: `refused.auth.origin`, `refused.auth.session` (no cookie), `refused.auth.form`.
    """
    check_origin(desk, request)
    cookie = request.cookies.get(desk.gate.cookie)
    if not cookie:
        raise RefusedError("refused.auth.session")
    if not hmac.compare_digest(form_token(cookie).encode(), given.encode()):
        raise RefusedError("refused.auth.form")
    return cookie


def officer_who_posts(desk: Desk, role: Role | None = None) -> object:
    """As a dependency: the signed-in officer of a form of ours, with this role.

    Raises:
        RefusedError: as `check_form`, or `refused.auth.role`.
    """

    async def admitted(request: Request) -> AsyncIterator[Visitor]:
        # Whoever has no session is told so before a form with files is read.
        check_origin(desk, request)
        visitor = await desk.gate.admit(request)
        visitor.as_officer(role)
        async with request.form(max_fields=MOST_FIELDS) as form:
            check_form(desk, request, str(form.get(FIELD, "")))
            yield visitor

    return Depends(admitted)


def set_session(desk: Desk, answer: Response, cookie: str) -> None:
    """Hand the browser its session."""
    age = desk.accounts.sessions.ends.absolute
    answer.set_cookie(
        desk.gate.cookie, cookie, max_age=age, path="/", httponly=True, samesite="strict", secure=desk.settings.https
    )


def drop_session(desk: Desk, answer: Response) -> None:
    """Take the session's cookie back."""
    answer.delete_cookie(desk.gate.cookie, path="/", httponly=True, samesite="strict", secure=desk.settings.https)
