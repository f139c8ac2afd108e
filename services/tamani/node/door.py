"""Who is at the door: the bearer token of a request, and the body that it stands for."""

import asyncio
import time
from collections.abc import Callable

from starlette.requests import Request

from tamani.core.errors import RefusedError
from tamani.runtime.tokens import Token, TokenStore, bearer

# A token is looked up again after this long: so much later at most is a revoked one refused.
REMEMBERED_SECONDS = 5.0
MOST = 1024


class Door:
    """Lets in those whose token may post; a look-up is remembered for a few seconds."""

    def __init__(self, tokens: TokenStore, ticks: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._ticks = ticks
        self._remembered: dict[str, tuple[float, Token]] = {}

    async def poster(self, request: Request) -> Token:
        """The token of somebody who may post.

        Raises:
            RefusedError: `refused.auth.token`, `refused.auth.role`.
        """
        token = await self._find(request)
        if not token.may_post:
            raise RefusedError("refused.auth.role", token.role)
        return token

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
