"""Signed-in browsers: a random cookie here, the hash of a token there. The token itself is never kept."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, insert, select

from tamani.desk.database import Database
from tamani.desk.tables import session
from tamani.runtime.clock import Clock

COOKIE = "tamani_session"


class Sessions:
    """The sessions of one desk, in its database, so that they outlive a restart."""

    def __init__(self, database: Database, hours: int, clock: Clock) -> None:
        self._database = database
        self.lifetime = timedelta(hours=hours)
        self._clock = clock

    async def start(self, token: bytes) -> str:
        """A session for the token of this SHA-256; the value of its cookie. Old ones are cleared away."""
        cookie, now = secrets.token_urlsafe(32), self._clock()
        row = {"sid": sid_of(cookie), "token": token, "started": now, "expires": now + self.lifetime}
        async with self._database.writing() as connection:
            await connection.execute(delete(session).where(session.c.expires <= now))
            await connection.execute(insert(session).values(**row))
        return cookie

    async def token(self, sid: bytes) -> bytes | None:
        """The token (its SHA-256) behind a session that still runs."""
        query = select(session.c.token).where(session.c.sid == sid, session.c.expires > self._clock())
        async with self._database.reading() as connection:
            found = await connection.scalar(query)
        return bytes(found) if found is not None else None

    async def end(self, sid: bytes) -> None:
        """Sign out."""
        async with self._database.writing() as connection:
            await connection.execute(delete(session).where(session.c.sid == sid))


def sid_of(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()
