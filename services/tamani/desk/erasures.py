"""What was erased, for one reader: when, why, by whose order, who has confirmed and who has not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, cast, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.erasure.confirming import DESK, Part, expected
from tamani.core.erasure.order import Order, SignedOrder, decode_order
from tamani.core.errors import RefusedError
from tamani.core.feed import ERASED
from tamani.core.names import Country
from tamani.core.policy import Reader, may_read
from tamani.core.registry import Registry
from tamani.desk.access import may_see
from tamani.desk.database import Database
from tamani.desk.rows import Notice
from tamani.desk.tables import erasure, erasure_confirmation, mirror, record

MOST = 200
CONSENT = "consentement-retire"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who says that an order was carried out: where, and since when the region knows."""

    part: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erased notice, as far as it is told."""

    signed: SignedOrder
    recorded: datetime
    confirmations: tuple[Confirmation, ...]

    @property
    def order(self) -> Order:
        """What the officers ordered."""
        return self.signed.order

    def waiting(self, registry: Registry) -> list[Part]:
        """Who has not confirmed."""
        done = {one.part for one in self.confirmations}
        return [part for part in expected(registry, self.order) if str(part) not in done]


class Erasures:
    """The questions that pages, programs and the node beside ask."""

    def __init__(self, database: Database, country: Country) -> None:
        self._database, self._own = database, Part(DESK, country.value)

    async def one(self, reader: Reader, wanted: ColumnElement[bool]) -> Erasure:
        """The erased notice that this condition names.

        Raises:
            RefusedError: `refused.request.notice`: there is none that the reader could have read.
        """
        found = await self._fetch(reader, _erased(reader).where(wanted).limit(1))
        if not found:
            raise RefusedError("refused.request.notice")
        return found[0]

    async def all(self, reader: Reader) -> list[Erasure]:
        """The latest that this reader could have read, newest first."""
        return await self._fetch(reader, _erased(reader).limit(MOST))

    async def asked_for(self, reader: Reader) -> list[Notice]:
        """Withdrawals for want of consent whose notice is still there: each waits for two officers."""
        joined = record.join(mirror, mirror.c.feed_index == record.c.feed_index)
        query = select(record, mirror.c.envelope, mirror.c.digest).select_from(joined)
        query = query.where(record.c.type == "withdrawal", may_see(reader)).order_by(record.c.feed_index.desc())
        async with self._database.reading() as connection:
            said = [Notice.of(row) for row in await connection.execute(query.limit(MOST))]
            asked = {_target(one): one for one in said if one.event.data["reason"] == CONSENT}
            there = select(record.c.source, record.c.id).where(tuple_(record.c.source, record.c.id).in_(asked))
            left = {(row.source, row.id) for row in await connection.execute(there)} if asked else set()
        return [one for name, one in asked.items() if name in left and one.row.readable_by(reader)]

    async def to_confirm(self) -> Sequence[str]:
        """Orders that this desk has carried out, files and all, and of which the region has not heard."""
        heard = exists().where(
            erasure_confirmation.c.order_env == erasure.c.order_env, erasure_confirmation.c.part == str(self._own)
        )
        query = select(erasure.c.order_env).where(erasure.c.scrubbed.is_not(None), ~heard)
        async with self._database.reading() as connection:
            return list((await connection.execute(query.order_by(erasure.c.scrubbed))).scalars())

    async def _fetch(self, reader: Reader, query: Select[Any]) -> list[Erasure]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            said = await _confirmations(connection, [row.order_env for row in rows])
        shown = [row for row in rows if may_read(reader, row.source, row.tlp, " ".join(row.audience))]
        return [_erasure(row, said.get(row.order_env, ())) for row in shown]


def _target(withdrawal: Notice) -> tuple[str, str]:
    target = withdrawal.event.data["target"]
    return target["source"], target["id"]


def _erased(reader: Reader) -> Select[Any]:
    return select(erasure).where(may_see(reader, erasure)).order_by(erasure.c.recordedtime.desc(), erasure.c.digest)


def _erasure(row: Row[Any], said: Sequence[Confirmation]) -> Erasure:
    return Erasure(decode_order(bytes(row.document)), row.recordedtime, tuple(said))


async def _confirmations(connection: AsyncConnection, orders: Sequence[str]) -> dict[str, list[Confirmation]]:
    found: dict[str, list[Confirmation]] = {}
    query = select(erasure_confirmation).where(erasure_confirmation.c.order_env.in_(orders))
    for row in await connection.execute(query.order_by(erasure_confirmation.c.recordedtime)):
        found.setdefault(row.order_env, []).append(Confirmation(row.part, row.recordedtime))
    return found


async def unscrubbed(connection: AsyncConnection) -> list[str]:
    """Digests of notices whose bytes may still lie in the files of the tables."""
    return list((await connection.execute(select(erasure.c.digest).where(erasure.c.scrubbed.is_(None)))).scalars())


async def untold(connection: AsyncConnection) -> list[bytes]:
    """Orders whose notice the feed tells, as it now is, but not its erasure: the archive has forgotten them."""
    told = exists().where(
        mirror.c.kind == "mark",
        mirror.c.mark == ERASED,
        mirror.c.source == erasure.c.source,
        mirror.c.id == cast(erasure.c.id, Text),
    )
    query = select(erasure.c.document).where(erasure.c.feed_index.is_not(None), ~told)
    return [bytes(document) for document in (await connection.execute(query)).scalars()]
