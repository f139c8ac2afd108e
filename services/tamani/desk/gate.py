"""The door: from a request to a reader, by a program's bearer token or an officer's session, asked again as one reads.

A token in an address counts for nothing. Whoever shows none reads what is CLEAR.
"""

import asyncio
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from tamani.core.errors import RefusedError
from tamani.core.policy import PUBLIC, Reader
from tamani.core.roles import Role, check_role
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.sessions import Sessions, Stage, sid_of
from tamani.runtime.clock import Clock
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.tokens import CONFIRMER, TokenStore, bearer, token_digest


@dataclass(frozen=True, slots=True)
class Visitor:
    """A reader, and what to ask again to know that they still are: the hashes of their token or session."""

    reader: Reader = PUBLIC
    token: bytes | None = None
    sid: bytes | None = None
    officer: Officer | None = None
    # The browser showed a session that no longer runs: a page says so instead of silently showing less.
    expired: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether they read for a body."""
        return self.reader.body is not None

    def as_officer(self, role: Role | None = None) -> Officer:
        """The officer, if one is signed in and has this role.

        Raises:
            RefusedError: `refused.auth.session`, `refused.auth.role`.
        """
        if self.officer is None:
            raise RefusedError("refused.auth.session")
        if role is not None:
            check_role(self.officer.roles, role)
        return self.officer


class Gate:
    """Decides who reads. `cookie` is the name under which browsers keep their session."""

    def __init__(
        self, tokens: TokenStore, sessions: Sessions, registry: RegistryHolder, clock: Clock, cookie: str
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._registry = registry
        self._clock = clock
        self.cookie = cookie

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
        cookie = request.cookies.get(self.cookie)
        if not cookie:
            return Visitor()
        try:
            return await asyncio.to_thread(self._admit_session, sid_of(cookie), seen=True)
        except RefusedError:
            return Visitor(expired=True)

    async def renew(self, visitor: Visitor) -> Visitor:
        """The same visitor, if they still may: the token not revoked, the session not ended, the body enrolled.

        Raises:
            RefusedError: they no longer may.
        """
        if visitor.sid is not None:
            return await asyncio.to_thread(self._admit_session, visitor.sid, seen=False)
        return visitor if visitor.token is None else self.admit_token(visitor.token)

    def recheck(self, visitor: Visitor) -> None:
        """`renew` for every single event of a stream: one look-up by key.

        Raises:
            RefusedError: they no longer may.
        """
        if visitor.sid is not None:
            self._admit_session(visitor.sid, seen=False)
        elif visitor.token is not None:
            self.admit_token(visitor.token)

    def _admit_session(self, sid: bytes, *, seen: bool) -> Visitor:
        """`seen`: the person is there; a stream that is left open is no sign of it."""
        found = self._sessions.find(sid, seen=seen)
        if found is None:
            raise RefusedError("refused.auth.session")
        if found.stage is not Stage.OPEN:
            return Visitor()
        self._check_body(found.officer.source)
        return Visitor(Reader(found.officer.source), sid=sid, officer=found.officer)

    def admit_token(self, token: bytes) -> Visitor:
        """The visitor whom the token of this SHA-256 stands for.

        Raises:
            RefusedError: `refused.auth.token`, `refused.auth.role` (it reads nothing), `refused.policy.body`.
        """
        found = self._tokens.find_digest(token)
        if found.role == CONFIRMER:
            raise RefusedError("refused.auth.role", found.role)
        self._check_body(found.source)
        return Visitor(Reader(found.source), token)

    def admit_confirmer(self, request: HTTPConnection) -> None:
        """A node of this country that stands elsewhere, by the one kind of token that opens this door and no other.

        Raises:
            RefusedError: `refused.auth.token`, `refused.auth.role`, `refused.policy.body`.
        """
        found = self._tokens.find(bearer(request.headers.get("authorization")) or "")
        if found.role != CONFIRMER:
            raise RefusedError("refused.auth.role", found.role)
        self._check_body(found.source)

    def _check_body(self, source: str) -> None:
        body = self._registry.current.body(source)
        if body is None or not body.stands(self._clock()):
            raise RefusedError("refused.policy.body", source)
