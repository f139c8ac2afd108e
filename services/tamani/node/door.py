"""Who is at the door: a program's bearer token or, from a page of the same site, an officer's session; and their body.

Either way the same function decides here, whatever a page has shown.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from tamani.core.errors import RefusedError
from tamani.core.roles import Role, check_role
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.sessions import SCHEME, Sessions, Stage, sid_of
from tamani.runtime.tokens import Token, TokenStore, bearer

# A token is looked up again after this long: so much later at most is a revoked one refused.
REMEMBERED_SECONDS = 5.0
MOST = 1024


@dataclass(frozen=True, slots=True)
class Poster:
    """Somebody who may post: for which body, which officer (nothing for a program), under what name in the trail."""

    source: str
    officer: str
    name: str
    vouches: bool = False


class Door:
    """Lets in those whose token may post; a look-up is remembered for a few seconds."""

    def __init__(self, tokens: TokenStore, sessions: Sessions, ticks: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._ticks = ticks
        self._remembered: dict[str, tuple[float, Token]] = {}

    async def poster(self, request: Request) -> Poster:
        """Somebody who may post: an officer of that role, or a program with such a token.

        Raises:
            RefusedError: `refused.auth.token`, `refused.auth.session`, `refused.auth.role`.
        """
        cookie = bearer(request.headers.get("authorization"), SCHEME)
        if cookie is not None:
            who = await asyncio.to_thread(self._officer, cookie)
            check_role(who.roles, Role.POSTER)
            return Poster(who.source, who.id, who.function)
        token = await self._find(request)
        if not token.may_post:
            raise RefusedError("refused.auth.role", token.role)
        return Poster(token.source, "", token.label, token.vouches)

    async def officer(self, request: Request, *roles: Role) -> Officer:
        """An officer with one of these roles; a program is no person, whatever its token opens.

        Raises:
            RefusedError: `refused.auth.session`, `refused.auth.role`.
        """
        cookie = bearer(request.headers.get("authorization"), SCHEME)
        if cookie is None:
            raise RefusedError("refused.auth.session")
        who = await asyncio.to_thread(self._officer, cookie)
        if not who.roles & set(roles):
            raise RefusedError("refused.auth.role", roles[0].value)
        return who

    def _officer(self, cookie: str) -> Officer:
        """Looked up each time: a closed account does nothing more."""
        found = self._sessions.find(sid_of(cookie))
        if found is None or found.stage is not Stage.OPEN:
            raise RefusedError("refused.auth.session")
        return found.officer

    async def _find(self, request: Request) -> Token:
        secret = bearer(request.headers.get("authorization"))
        if secret is None:
            raise RefusedError("refused.auth.token")
        now = self._ticks()
        until, token = self._remembered.get(secret, (0.0, None))
        if token is not None and now < until:
            return token
        self._remembered.pop(secret, None)
        token = await asyncio.to_thread(self._tokens.find, secret)
        if len(self._remembered) >= MOST:
            self._remembered.clear()
        self._remembered[secret] = (now + REMEMBERED_SECONDS, token)
        return token
