"""Where an officer left off: how far the site had read when they last looked, before this session.

What has come since is new to them, and stays new for as long as their session lasts, however often they look.
"""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from tamani.runtime.accounts.book import Book
from tamani.runtime.accounts.tables import session, visit


@dataclass(frozen=True, slots=True)
class LeftOff:
    """A position of the site, and when it was looked at (seconds since 1970)."""

    place: str
    at: int


class Visits:
    """The visits of one site's officers."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def look(self, officer: str, sid: bytes, place: str) -> LeftOff | None:
        """They look now, and the site has read up to `place`; where they left off, unless this is their first session.

        `sid` is what is kept of the session's cookie (`sessions.sid_of`).
        """
        row = {"officer": officer, "place": place, "at": self._book.now}
        with self._book.writing() as connection:
            last = connection.execute(select(visit).where(visit.c.officer == officer)).first()
            mine = connection.execute(select(session.c.before, session.c.before_at).where(session.c.sid == sid)).first()
            before, at = (mine.before, mine.before_at) if mine is not None else (None, None)
            if before is None:
                before, at = (last.place, last.at) if last is not None else ("", 0)
                first = update(session).where(session.c.sid == sid)
                connection.execute(first.values(before=before, before_at=at))
            if last is None or last.place != place:
                said = insert(visit).values(row).on_conflict_do_update(index_elements=["officer"], set_=row)
                connection.execute(said)
        return LeftOff(before, at or 0) if before else None
