"""How often one may guess: each wrong guess beyond a few makes the next wait twice as long, over restarts, too.

A guess is counted before it is looked at, and given back if it was right, so that many at once gain nothing. A login
that does not exist is counted like one that does.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from tamani.core.errors import RefusedError
from tamani.runtime.accounts.book import Book
from tamani.runtime.accounts.tables import attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` guesses without waiting, then `first` seconds, doubling up to `most`; forgotten after `forget`."""

    free: int
    first: int
    most: int
    forget: int

    def wait(self, failures: int) -> int:
        """Seconds until the guess after this many wrong ones."""
        return 0 if failures <= self.free else min(self.most, self.first << min(failures - self.free - 1, 20))


ONE = Limit(free=4, first=15, most=900, forget=86_400)
# A whole site under attack slows down; it does not lock its officers out.
SITE = Limit(free=60, first=2, most=30, forget=600)
_SITE_KEY = hashlib.sha256(b"site").digest()


class Limits:
    """The counters of one site."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def begin(self, what: str) -> None:
        """Count a guess at `what` (`login:…`, `code:…`) that is about to be looked at.

        Raises:
            RefusedError: `refused.auth.rate`, with the seconds to wait as detail; this guess is not counted.
        """
        with self._book.writing() as connection:
            self._count(connection, key_of(what), ONE)
            self._count(connection, _SITE_KEY, SITE)

    def right(self, what: str) -> None:
        """It was right: forget what was counted against it."""
        with self._book.writing() as connection:
            connection.execute(delete(attempt).where(attempt.c.what == key_of(what)))
            given_back = {"failures": attempt.c.failures - 1, "until": 0}
            connection.execute(update(attempt).where(attempt.c.what == _SITE_KEY).values(given_back))

    def _count(self, connection: Connection, key: bytes, limit: Limit) -> None:
        now = self._book.now
        row: Row[Any] | None = connection.execute(select(attempt).where(attempt.c.what == key)).first()
        if row is not None and now < row.until:
            raise RefusedError("refused.auth.rate", str(row.until - now))
        before = 0 if row is None or row.last + limit.forget <= now else row.failures
        new = {"failures": before + 1, "last": now, "until": now + limit.wait(before + 1)}
        counted = insert(attempt).values(what=key, **new)
        connection.execute(counted.on_conflict_do_update(index_elements=["what"], set_=new))


def key_of(what: str) -> bytes:
    """What is kept of the thing guessed at: people type passwords where logins belong."""
    return hashlib.sha256(what.encode()).digest()
