"""Who asked for mail: an address, the body for whom it reads, filters; nothing is sent before it has confirmed.

Mail addresses are personal data. They stand in this site's own database and nowhere else: never on the bus, never in a
log; ending a subscription deletes the address.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete, func, insert, select, update

from tamani.core.errors import RefusedError
from tamani.desk.agenda.asked import Asked
from tamani.desk.database import Database
from tamani.desk.tables import mail_outbox, mail_subscription
from tamani.runtime.clock import Clock

# RFC 5321 §4.1.2 without quoted strings, comments and literal addresses, which no office uses.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,24}")
LONGEST_ADDRESS = 254
TO_CONFIRM = timedelta(hours=48)
# A form that sends mail to any address must not become a way to pester somebody.
MOST_UNCONFIRMED = 20
MOST_UNCONFIRMED_FOR_ONE = 3


@dataclass(frozen=True, slots=True)
class Subscription:
    """One, with the address in clear: for the letter alone."""

    number: int
    address: str
    body: str
    lang: str
    asked: Asked
    confirmed: datetime | None
    stop: str
    reminders: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One as a page shows it: the address masked, and the last reply code that refused a letter for good."""

    number: int
    masked: str
    asked: Asked
    confirmed: bool
    refused: int | None
    reminders: bool


_COLUMNS = [mail_subscription.c[name] for name in Subscription.__dataclass_fields__]


class Subscriptions:
    """The subscriptions of one desk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(
        self, address: str, body: str, lang: str, asked: Asked, *, reminders: bool = False
    ) -> tuple[Subscription, str]:
        """Note what somebody wants; the secret that is to be sent to the address, and nowhere else.

        Raises:
            RefusedError: `refused.mail.address`, `refused.mail.many`.
        """
        address = address.strip()
        if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
            raise RefusedError("refused.mail.address")
        secret, now = secrets.token_urlsafe(24), self._clock()
        row = {"address": address, "body": body, "lang": lang, "asked": urlencode(asked.query()), "created": now}
        row |= {"confirm": digest_of(secret), "stop": secrets.token_urlsafe(24), "reminders": reminders}
        waiting = mail_subscription.c.confirmed.is_(None)
        async with self._database.writing() as connection:
            await connection.execute(
                delete(mail_subscription).where(waiting, mail_subscription.c.created < now - TO_CONFIRM)
            )
            mine = select(func.count()).select_from(mail_subscription).where(waiting)
            same = await connection.scalar(mine.where(func.lower(mail_subscription.c.address) == address.lower()))
            both = await connection.scalar(mine.where(mail_subscription.c.body == body))
            if (same or 0) >= MOST_UNCONFIRMED_FOR_ONE or (both or 0) >= MOST_UNCONFIRMED:
                raise RefusedError("refused.mail.many")
            made = await connection.execute(insert(mail_subscription).values(**row).returning(*_COLUMNS))
            return _subscription(made.one()), secret

    async def forget(self, number: int, body: str | None = None) -> None:
        """Delete a subscription with its address and letters; only one of this body, where a body asks."""
        mine = [mail_subscription.c.number == number]
        if body is not None:
            mine.append(mail_subscription.c.body == body)
        async with self._database.writing() as connection:
            await connection.execute(delete(mail_subscription).where(*mine))

    async def confirm(self, secret: str) -> bool:
        """The address has answered: it counts from now on, instead of an earlier one of the same address and body."""
        now = self._clock()
        mine = (
            mail_subscription.c.confirm == digest_of(secret),
            mail_subscription.c.confirmed.is_(None),
            mail_subscription.c.created >= now - TO_CONFIRM,
        )
        confirming = update(mail_subscription).where(*mine).values(confirmed=now, confirm=None)
        async with self._database.writing() as connection:
            row = (await connection.execute(confirming.returning(*_COLUMNS))).one_or_none()
            if row is not None:
                others = (
                    func.lower(mail_subscription.c.address) == row.address.lower(),
                    mail_subscription.c.body == row.body,
                    mail_subscription.c.number != row.number,
                )
                await connection.execute(delete(mail_subscription).where(*others))
        return row is not None

    async def stop(self, secret: str) -> None:
        """End the subscription of a letter, and delete its address; an unknown one has ended before."""
        async with self._database.writing() as connection:
            await connection.execute(delete(mail_subscription).where(mail_subscription.c.stop == secret))

    async def confirmed(self) -> list[Subscription]:
        """All that letters go to."""
        query = select(*_COLUMNS).where(mail_subscription.c.confirmed.is_not(None))
        async with self._database.reading() as connection:
            return [_subscription(row) for row in await connection.execute(query.order_by(mail_subscription.c.number))]

    async def listed(self, body: str) -> list[Listed]:
        """Those of a body, newest first."""
        failed = select(func.max(mail_outbox.c.reply)).where(
            mail_outbox.c.subscription == mail_subscription.c.number, mail_outbox.c.state == "failed"
        )
        query = select(*_COLUMNS, failed.scalar_subquery().label("refused")).where(mail_subscription.c.body == body)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(mail_subscription.c.number.desc()))).all()
        return [
            Listed(r.number, masked(r.address), _asked(r.asked), r.confirmed is not None, r.refused, r.reminders)
            for r in rows
        ]


def masked(address: str) -> str:
    """`a…@example.org`: enough for who knows it, useless to who does not."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def digest_of(secret: str) -> bytes:
    """What is kept of a one-time secret."""
    return hashlib.sha256(secret.encode()).digest()


def _asked(query: str) -> Asked:
    return Asked.read(parse_qsl(query))


def _subscription(row: Any) -> Subscription:
    values: dict[str, Any] = {name: getattr(row, name) for name in Subscription.__dataclass_fields__}
    return Subscription(**values | {"asked": _asked(row.asked)})
