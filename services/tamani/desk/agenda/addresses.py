"""Personal calendar addresses: whoever has one reads one body's calendar, and nothing else is opened by it.

A calendar program sends no headers, so the secret is the address itself: 192 random bits, kept as SHA-256, shown once,
revoked at any time. It is no token of the API, and no line of a log ever holds it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from tamani.core.errors import RefusedError
from tamani.desk.agenda.asked import Asked
from tamani.desk.database import Database
from tamani.desk.tables import calendar_address
from tamani.runtime.clock import Clock

SECRET_BYTES = 24
MOST_PER_BODY = 500
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Address:
    """An address without its secret. `last_read` is a day, no more: nobody's habits are kept.

    `officer` is the account whose own it is, none for a member who has no account; `asked` what it is narrowed to.
    """

    number: int
    body: str
    label: str
    created: datetime
    last_read: date | None
    revoked: datetime | None
    officer: str | None
    asked: Asked


_COLUMNS = [calendar_address.c[name] for name in Address.__dataclass_fields__]


class Addresses:
    """The addresses of one desk, in its own database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, body: str, label: str, asked: Asked | None = None, officer: str | None = None) -> str:
        """A new address for a body's calendar; what is given back is its secret part, shown once.

        Each officer has one: another takes its place.

        Raises:
            RefusedError: `refused.calendar.label` (none, or a long one), `refused.calendar.many`,
                `refused.calendar.taken`: one of this name stands.
        """
        label = label.strip()
        if not label or len(label) > LONGEST_LABEL or not label.isprintable():
            raise RefusedError("refused.calendar.label")
        standing = [one for one in await self.all(body) if one.revoked is None]
        if len([one for one in standing if officer is None or one.officer != officer]) >= MOST_PER_BODY:
            raise RefusedError("refused.calendar.many")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = {"digest": digest_of(secret), "body": body, "label": label, "created": self._clock(), "officer": officer}
        row["asked"] = urlencode((asked or Asked()).query())
        fresh = insert(calendar_address).values(row).on_conflict_do_nothing().returning(calendar_address.c.number)
        mine = calendar_address.c.officer == officer, calendar_address.c.revoked.is_(None)
        async with self._database.writing() as connection:
            if officer is not None:
                await connection.execute(update(calendar_address).where(*mine).values(revoked=self._clock()))
            if await connection.scalar(fresh) is None:
                raise RefusedError("refused.calendar.taken")
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
        return _address(row)

    async def all(self, body: str | None = None) -> list[Address]:
        """Those of a body, or of all, newest first."""
        query = select(*_COLUMNS).order_by(calendar_address.c.number.desc())
        if body is not None:
            query = query.where(calendar_address.c.body == body)
        async with self._database.reading() as connection:
            return [_address(row) for row in await connection.execute(query)]

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
        return _address(row)

    async def renew(self, number: int, body: str) -> str:
        """A new secret under the same label; the old one is closed. An officer's own is renewed by themselves alone.

        Raises:
            RefusedError: `refused.calendar.address`.
        """
        known = {one.number: one for one in await self.all(body)}
        if number not in known or known[number].officer is not None:
            raise RefusedError("refused.calendar.address", str(number))
        old = await self.revoke(number, body)
        return await self.make(body, old.label, old.asked)


def _address(row: Row[Any]) -> Address:
    told = row._asdict()
    return Address(**told | {"asked": Asked.read(parse_qsl(told["asked"]))})


def digest_of(secret: str) -> bytes:
    """What is kept of an address."""
    return hashlib.sha256(secret.encode()).digest()
