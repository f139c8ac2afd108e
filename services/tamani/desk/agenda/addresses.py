"""Personal calendar addresses: whoever has one reads one body's calendar, and nothing else is opened by it.

A calendar program sends no headers, so the secret is the address itself: 192 random bits, kept as SHA-256, shown once,
revoked at any time. It is no token of the API, and no line of a log ever holds it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, or_, select, update

from tamani.core.errors import RefusedError
from tamani.desk.database import Database
from tamani.desk.tables import calendar_address
from tamani.runtime.clock import Clock

SECRET_BYTES = 24
MOST_PER_BODY = 500
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Address:
    """An address without its secret. `last_read` is a day, no more: nobody's habits are kept."""

    number: int
    body: str
    label: str
    created: datetime
    last_read: date | None
    revoked: datetime | None


_COLUMNS = [calendar_address.c[name] for name in Address.__dataclass_fields__]


class Addresses:
    """The addresses of one desk, in its own database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, body: str, label: str) -> str:
        """A new address for a body's calendar; what is given back is its secret part, shown once.

        Raises:
            RefusedError: `refused.calendar.label` (none, or a long one), `refused.calendar.many`.
        """
        label = label.strip()
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise RefusedError("refused.calendar.label")
        if len([one for one in await self.all(body) if one.revoked is None]) >= MOST_PER_BODY:
            raise RefusedError("refused.calendar.many")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = {"digest": digest_of(secret), "body": body, "label": label, "created": self._clock()}
        async with self._database.writing() as connection:
            await connection.execute(insert(calendar_address).values(**row))
        return secret

    async def find(self, secret: str) -> Address | None:
        """The address of this secret while it stands; that it was read today is noted."""
        mine = calendar_address.c.digest == digest_of(secret), calendar_address.c.revoked.is_(None)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*_COLUMNS).where(*mine))).one_or_none()
            if row is None:
                return None
            today = self._clock().date()
            unread = or_(calendar_address.c.last_read.is_(None), calendar_address.c.last_read < today)
            await connection.execute(update(calendar_address).where(*mine, unread).values(last_read=today))
        return Address(*row)

    async def all(self, body: str | None = None) -> list[Address]:
        """Those of a body, or of all, newest first."""
        query = select(*_COLUMNS).order_by(calendar_address.c.number.desc())
        if body is not None:
            query = query.where(calendar_address.c.body == body)
        async with self._database.reading() as connection:
            return [Address(*row) for row in await connection.execute(query)]

    async def revoke(self, number: int, body: str | None = None) -> Address:
        """Close an address for good; only one of this body, where a body asks.

        Raises:
            RefusedError: `refused.calendar.address`: no such one, or it is closed already.
        """
        mine = [calendar_address.c.number == number, calendar_address.c.revoked.is_(None)]
        if body is not None:
            mine.append(calendar_address.c.body == body)
        closing = update(calendar_address).where(*mine).values(revoked=self._clock()).returning(*_COLUMNS)
        async with self._database.writing() as connection:
            row = (await connection.execute(closing)).one_or_none()
        if row is None:
            raise RefusedError("refused.calendar.address", str(number))
        return Address(*row)

    async def renew(self, number: int, body: str) -> str:
        """A new secret under the same label; the old one is closed.

        Raises:
            RefusedError: `refused.calendar.address`.
        """
        return await self.make(body, (await self.revoke(number, body)).label)


def digest_of(secret: str) -> bytes:
    """What is kept of an address."""
    return hashlib.sha256(secret.encode()).digest()
