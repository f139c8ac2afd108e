"""A node's outbox with three notices that were sent, the log that was promised to hold them, and a clock.

Receipts come as the archive signs them; a look goes over HTTP to the log, and to the copy of the country's witness.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from tamani.core.envelope import decode_envelope
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.receipt import Receipt, sign_receipt
from tamani.node import rows
from tamani.node.answers import ReadTo
from tamani.node.database import open_database
from tamani.node.inclusion import Inclusion
from tamani.node.outbox import Outbox
from tamani.node.tables import outbox
from tamani.node.views import MessageView, message_view
from tests.support.notices import COMMISSION_ML, Speaker, id_of
from tests.support.small_log import SmallLog

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = 3600.0
SPEAKER = Speaker()
VALUES = [SPEAKER.seals() for _ in range(3)]


class Post:
    """The outbox; the log at its archive, the copy of its country's witness, and a clock."""

    def __init__(self, path: Path) -> None:
        self.now = START
        self.outbox = Outbox(open_database(path / "outbox.sqlite"), lambda: self.now)
        self.log, self.copy = SmallLog(), SmallLog()

    async def post(self) -> None:
        """Three rows, sent."""
        await self.outbox.start()
        for number, value in enumerate(VALUES):
            await self.outbox.write(lambda c, n=number, v=value: rows.add(c, _row(n, v)))  # type: ignore[misc]

    async def receive(self, *places: int | None, signed: bool = True, epoch: int = 1) -> None:
        """Receipts for the first rows: archived, at these entries of the log."""
        answers = [receipt(value, place, epoch) for value, place in zip(VALUES, places, strict=False)]
        told = {one: sign_receipt(one.encode(), self.log.key.key) for one in answers} if signed else {}
        await self.outbox.answer(answers, frozenset(), ReadTo("c", "receipts.ml", 0, 1), told)

    async def look(self, *urls: str | None) -> None:
        """One look at the archive and at the witness, at these addresses."""
        policy = self.log.policy(urls[0], {"ml": urls[1].removesuffix("/log")} if urls[1:] and urls[1] else {})
        async with httpx.AsyncClient(trust_env=False) as client:
            await Inclusion(self.outbox, policy, own="ml", deadline_seconds=HOUR, client=client).look()

    async def rows(self) -> list[dict[str, Any]]:
        """The outbox."""
        found = await self.outbox.read(lambda c: c.execute(select(outbox).order_by(outbox.c.row_no)).all())
        return [row._asdict() for row in found]

    async def standing(self) -> list[tuple[str | None, int | None]]:
        """How each row stands in the log, and under which checkpoint."""
        return [(row["log_state"], row["log_size"]) for row in await self.rows()]

    async def view(self, number: int) -> MessageView:
        """A notice as its poster sees it."""
        row = await self.outbox.read(lambda c: rows.find(c, COMMISSION_ML, id_of(number)))
        assert row is not None
        return message_view(row)


def _row(number: int, value: bytes) -> dict[str, Any]:
    row: dict[str, Any] = {"source": COMMISSION_ML, "id": id_of(number), "type": "agenda.meeting"}
    row |= {"subject": "agenda/x", "keyid": "a" * 64, "lane": "normal", "sequence": number, "part_key": b"k" * 16}
    row |= {"value": value, "digest": "d", "cancels": False, "request_sha256": "r", "created_at": 0}
    return row | {"value_sha256": hashlib.sha256(value).hexdigest()}


def receipt(value: bytes, place: int | None, epoch: int) -> Receipt:
    """The archive's word that a value stands at this entry."""
    return Receipt(
        verdict="archived",
        code="archived",
        value_sha256=hashlib.sha256(value).hexdigest(),
        at="2026-03-02T09:00:01Z",
        epoch=epoch,
        log_index=place,
        leaf_index=place,
    )


def entry_of(value: bytes, kind: str = "event") -> Leaf:
    """The entry that the log should have of a notice."""
    return Leaf(env_of(decode_envelope(value)), 1, "2026-03-02T09:00:01Z", kind)
