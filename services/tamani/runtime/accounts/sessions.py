"""Signed-in browsers: 256 random bits there, their SHA-256 here, with an idle and an absolute end.

A session has a stage: `code` and `enrol` are on the way through the second factor and open nothing else. Whatever takes
a right away (closing, reset, change of roles) deletes the sessions, so the very next request is a stranger's.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tamani.runtime.accounts.book import Book, Officer, officer_of
from tamani.runtime.accounts.tables import officer, session

HALFWAY_SECONDS = 600
# How a page of the site tells the node's API for whom it speaks: `Authorization: tamani-session <cookie's value>`. A
# browser cannot be made to send it, for no script can read the cookie.
SCHEME = "tamani-session"
# `seen` is written at most this often: reading a page does not cost a synced commit.
SEEN_EVERY = 60


class Stage(StrEnum):
    """How far the door is open."""

    CODE = "code"
    ENROL = "enrol"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Ends:
    """When sessions end, in seconds: without a request, and in any case."""

    idle: int
    absolute: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that runs, and whose it is."""

    sid: bytes
    officer: Officer
    stage: Stage


class Sessions:
    """The sessions of one site."""

    def __init__(self, book: Book, ends: Ends) -> None:
        self._book = book
        self.ends = ends

    def start(self, connection: Connection, officer_id: str, stage: Stage) -> str:
        """A new session in this transaction; the value of its cookie. Those that are over are cleared away."""
        cookie, now = secrets.token_urlsafe(32), self._book.now
        lasts = self.ends.absolute if stage is Stage.OPEN else HALFWAY_SECONDS
        row: dict[str, Any] = {"sid": sid_of(cookie), "officer": officer_id, "stage": stage.value}
        row |= {"seen": now, "idle": self.ends.idle, "expires": now + lasts}
        connection.execute(delete(session).where(session.c.expires <= now))
        connection.execute(insert(session).values(row))
        return cookie

    def find(self, sid: bytes, *, seen: bool = True) -> SignedIn | None:
        """Whose session this is, if it still runs; `seen` puts its idle end off."""
        query = select(officer, session.c.stage, session.c.seen).join(session, session.c.officer == officer.c.id)
        now = self._book.now
        alive = (session.c.sid == sid, session.c.expires > now, session.c.seen + session.c.idle > now)
        with self._book.reading() as connection:
            row = connection.execute(query.where(*alive, officer.c.state == "active")).first()
        if row is None:
            return None
        if seen and row.seen + SEEN_EVERY <= now:
            self._see(sid, now)
        return SignedIn(sid, officer_of(row), Stage(row.stage))

    def end(self, sid: bytes) -> None:
        """Sign out."""
        with self._book.writing() as connection:
            connection.execute(delete(session).where(session.c.sid == sid))

    def end_all(self, connection: Connection, officer_id: str, but: bytes = b"") -> None:
        """End every session of an officer (but one), in the transaction of what takes the right away."""
        connection.execute(delete(session).where(session.c.officer == officer_id, session.c.sid != but))

    def _see(self, sid: bytes, now: int) -> None:
        with self._book.writing() as connection:
            connection.execute(update(session).where(session.c.sid == sid).values(seen=now))


def sid_of(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def form_token(cookie: str) -> str:
    """The synchroniser token of a session's forms: only who knows the cookie can make it."""
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()
