"""An officer's saved searches: a name, the filters, and perhaps an address by which a program follows what they find.

A feed reader or a calendar sends no headers, so the secret is the address itself: 192 random bits, kept as SHA-256,
shown once, closed or replaced at any time. It opens this one search, up to what such channels may carry, nothing else.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete, func, insert, or_, select, update

from tamani.core.errors import RefusedError
from tamani.desk.database import Database
from tamani.desk.filters import Filters
from tamani.desk.tables import saved_search
from tamani.runtime.clock import Clock

SECRET_BYTES = 24
LONGEST_NAME = 80
MOST_PER_OFFICER = 50


@dataclass(frozen=True, slots=True)
class Owner:
    """An officer, and the body for which they read."""

    officer: str
    body: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search. `opened` says since when it has an address; `last_read` is a day: nobody's habits are kept."""

    number: int
    owner: Owner
    name: str
    filters: Filters
    opened: datetime | None
    last_read: date | None

    @property
    def query(self) -> str:
        """Its filters as the query of an address."""
        return urlencode(self.filters.query())


class SavedSearches:
    """The saved searches of one desk, in its own database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, owner: Owner, name: str, filters: Filters) -> None:
        """Keep these filters under this name.

        Raises:
            RefusedError: `refused.search.name` (none, or a long one), `refused.search.many`.
        """
        row = {"officer": owner.officer, "body": owner.body, "name": _name(name), "created": self._clock()}
        async with self._database.writing() as connection:
            kept = select(func.count()).select_from(saved_search).where(*_of(owner))
            if (await connection.scalar(kept) or 0) >= MOST_PER_OFFICER:
                raise RefusedError("refused.search.many")
            await connection.execute(insert(saved_search).values(**row, asked=urlencode(filters.query())))

    async def all(self, owner: Owner) -> list[Saved]:
        """Those of an officer, by name."""
        query = select(saved_search).where(*_of(owner)).order_by(func.lower(saved_search.c.name), saved_search.c.number)
        async with self._database.reading() as connection:
            return [_saved(row) for row in await connection.execute(query)]

    async def rename(self, owner: Owner, number: int, name: str) -> None:
        """Give another name.

        Raises:
            RefusedError: `refused.search.name`, `refused.search.unknown`.
        """
        await self._change(owner, number, name=_name(name))

    async def delete(self, owner: Owner, number: int) -> None:
        """Forget a search; its address opens nothing any more.

        Raises:
            RefusedError: `refused.search.unknown`.
        """
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(saved_search).where(*_of(owner), saved_search.c.number == number))
        if not gone.rowcount:
            raise RefusedError("refused.search.unknown", str(number))

    async def open(self, owner: Owner, number: int) -> str:
        """A new address, in place of the one there was; what is given back is its secret part, shown once.

        Raises:
            RefusedError: `refused.search.unknown`.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._change(owner, number, digest=_digest(secret), opened=self._clock(), last_read=None)
        return secret

    async def close(self, owner: Owner, number: int) -> None:
        """The search stays, its address opens nothing any more.

        Raises:
            RefusedError: `refused.search.unknown`.
        """
        await self._change(owner, number, digest=None, opened=None, last_read=None)

    async def find(self, secret: str) -> Saved | None:
        """The search of this address while it stands; that it was read today is noted."""
        mine = saved_search.c.digest == _digest(secret)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(saved_search).where(mine))).one_or_none()
            if row is None:
                return None
            today = self._clock().date()
            unread = or_(saved_search.c.last_read.is_(None), saved_search.c.last_read < today)
            await connection.execute(update(saved_search).where(mine, unread).values(last_read=today))
        return _saved(row)

    async def _change(self, owner: Owner, number: int, **values: Any) -> None:
        mine = update(saved_search).where(*_of(owner), saved_search.c.number == number)
        async with self._database.writing() as connection:
            changed = await connection.execute(mine.values(**values))
        if not changed.rowcount:
            raise RefusedError("refused.search.unknown", str(number))


def _of(owner: Owner) -> tuple[Any, ...]:
    return saved_search.c.officer == owner.officer, saved_search.c.body == owner.body


def _saved(row: Any) -> Saved:
    filters = Filters.read(parse_qsl(row.asked))
    return Saved(row.number, Owner(row.officer, row.body), row.name, filters, row.opened, row.last_read)


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedError("refused.search.name")
    return name


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
