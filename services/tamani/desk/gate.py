"""The door: from a request to a reader, by bearer token or by the browser's session, asked again as long as one reads.

A token in an address counts for nothing. Whoever shows none reads what is CLEAR.
"""

from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection

from tamani.core.errors import RefusedError
from tamani.core.policy import PUBLIC, Reader
from tamani.desk.sessions import COOKIE, Sessions, sid_of
from tamani.runtime.clock import Clock
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import TokenStore, bearer, token_digest


@dataclass(frozen=True, slots=True)
class Visitor:
    """A reader, and what to ask again to know that they still are: the hashes of their token and session."""

    reader: Reader = PUBLIC
    token: bytes | None = None
    sid: bytes | None = None
    # The browser showed a session that no longer runs: a page says so instead of silently showing less.
    expired: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether they read for a body."""
        return self.reader.body is not None


class Gate:
    """Decides who reads."""

    def __init__(self, tokens: TokenStore, sessions: Sessions, registry: RegistryHolder, clock: Clock) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._registry = registry
        self._clock = clock

    async def admit(self, request: HTTPConnection) -> Visitor:
        """The visitor of a request.

        Raises:
            RefusedError: `refused.auth.token`, `refused.policy.body`; a session that ended is no error.
        """
        header = request.headers.get("authorization")
        if header is not None:
            token = bearer(header)
            if token is None:
                raise RefusedError("refused.auth.token")
            return self.admit_token(token_digest(token))
        cookie = request.cookies.get(COOKIE)
        return await self._from_session(sid_of(cookie)) if cookie else Visitor()

    async def renew(self, visitor: Visitor) -> Visitor:
        """The same visitor, if they still may: the token not revoked, the session not ended, the body enrolled.

        Raises:
            RefusedError: they no longer may.
        """
        if visitor.sid is not None:
            return replace(await self._from_session(visitor.sid, strict=True), sid=visitor.sid)
        return visitor if visitor.token is None else self.admit_token(visitor.token)

    def recheck(self, visitor: Visitor) -> None:
        """The part of `renew` that is cheap enough for every single event: token and body.

        Raises:
            RefusedError: they no longer may.
        """
        if visitor.token is not None:
            self.admit_token(visitor.token)

    async def _from_session(self, sid: bytes, *, strict: bool = False) -> Visitor:
        token = await self._sessions.token(sid)
        try:
            if token is None:
                raise RefusedError("refused.auth.token")
            return replace(self.admit_token(token), sid=sid)
        except RefusedError:
            if strict:
                raise
            return Visitor(expired=True)

    def admit_token(self, token: bytes) -> Visitor:
        """The visitor whom the token of this SHA-256 stands for.

        Raises:
            RefusedError: `refused.auth.token`, `refused.policy.body`.
        """
        source = self._tokens.find_digest(token).source
        body = self._registry.current.body(source)
        if body is None or not body.stands(self._clock()):
            raise RefusedError("refused.policy.body", source)
        return Visitor(Reader(source), token)
