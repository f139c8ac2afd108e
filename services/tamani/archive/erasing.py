"""Carrying out an order of erasure at the region: bytes out, tombstone and entry of the log in, one transaction.

The order is judged like a notice: by the registry as it stands, refused only against a fresh one. What it names is
found by the log's own name of the envelope, and everything that the officers read on their sheet must be true of it.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import AsyncConnection

from tamani.archive.head import Head, read_head
from tamani.archive.keeper import Memory
from tamani.archive.ledger import Rows, enter, tell
from tamani.archive.rows_of_erasure import Target, blank, find_done, find_target, keep
from tamani.archive.store import Store, countries_of, write_rows
from tamani.archive.wire import instant
from tamani.core.erasure.officers import check_officers
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import OutageError, RefusedError
from tamani.core.feed import ERASED
from tamani.core.log.leaf import ERASE, REGISTRY
from tamani.core.names import country_of
from tamani.core.receipt import Receipt
from tamani.core.registry import Registry
from tamani.runtime.clock import Clock
from tamani.runtime.registry import Registries

log = structlog.get_logger(__name__)
FRESH_SECONDS = 5.0
PIECES_FIRST = "SET LOCAL lock_timeout = '5s'; LOCK TABLE piece, piece_part IN ROW EXCLUSIVE MODE"


@dataclass(frozen=True, slots=True)
class Erased:
    """What stands in the log: the order's entry, since when, and whether it stood there already."""

    order: bytes
    leaf_index: int
    recorded: datetime
    again: bool


class Eraser:
    """Takes orders for one ledger."""

    def __init__(self, store: Store, registry: Registries, memory: Memory, clock: Clock) -> None:
        self._store, self._registry, self._memory, self._clock = store, registry, memory, clock

    async def erase(self, connection: AsyncConnection[Any], value: bytes) -> Erased:
        """Carry out the order in a document; given again, or another for the same notice, it changes nothing.

        Raises:
            RefusedError: `refused.erasure[.officers|.country|.signer|.notice|.digest]`.
            OutageError: `failed.database.rewound`; the database itself is the caller's, also what waits for a lock.
        """
        signed = decode_order(value)
        registry = await self._judge(signed)
        try:
            async with connection.transaction():
                done, head = await self._apply(connection, signed, registry)
        except BaseException:
            self._store.forget()
            raise
        self._memory.note(head)
        return done

    async def _judge(self, signed: SignedOrder) -> Registry:
        registry = self._registry.current
        try:
            check_officers(signed, registry, self._clock(), in_office=True)
        except RefusedError:
            arrived = time.time_ns() // 1_000_000
            try:
                registry = await asyncio.wait_for(self._registry.fresh_after(arrived), FRESH_SECONDS)
            except TimeoutError:
                log.warning("erasure judged by the registry at hand", version=registry.version)
            check_officers(signed, registry, self._clock(), in_office=True)
        return registry

    async def _apply(
        self, connection: AsyncConnection[Any], signed: SignedOrder, registry: Registry
    ) -> tuple[Erased, Head]:
        # Before the head, on which all archiving waits: the tables may be being written anew (`scrubbing`).
        await connection.execute(PIECES_FIRST)
        head = await read_head(connection, lock=True)
        if head.behind(self._memory.head):
            raise OutageError("failed.database.rewound", f"{head.size} < {self._memory.head.size}")
        env = bytes.fromhex(signed.order.env)
        if (done := await find_done(connection, env)) is not None:
            return Erased(*done, again=True), head
        target = await find_target(connection, env)
        if target is None:
            raise RefusedError("refused.erasure.notice", signed.order.id)
        check_target(signed, target)
        now = self._clock().replace(microsecond=0)
        rows = Rows(head, max(now, head.recorded) if head.recorded else now)
        for version, digest in (await self._store.new_registries(connection, {registry.version})).items():
            enter(rows, REGISTRY, digest, version)
        leaf_index = head.leaves
        enter(rows, ERASE, signed.env, registry.version)
        pieces = await blank(connection, target)
        await keep(connection, signed, target, leaf_index, rows.at, pieces=pieces)
        announce(rows, signed, target)
        head.recorded = rows.at
        await write_rows(connection, rows)
        log.warning("erased", order=signed.env.hex()[:16], basis=signed.order.basis, leaf=leaf_index)
        return Erased(signed.env, leaf_index, rows.at, again=False), head


def check_target(signed: SignedOrder, target: Target) -> None:
    """All that the officers read of the notice is true of what the order would erase.

    Raises:
        RefusedError: `refused.erasure.digest`; the detail says what is not.
    """
    found = {
        "source": target.source,
        "id": str(target.id),
        "recorded": instant(target.recorded),
        "digest": target.digest.hex(),
        "keyid": target.keyid.hex(),
    }
    if not target.evidence:
        found |= {"type": target.type, "tlp": target.tlp, "audience": target.audience}
    if wrong := [name for name, value in found.items() if getattr(signed.order, name) != value]:
        raise RefusedError("refused.erasure.digest", ", ".join(wrong))


def announce(rows: Rows, signed: SignedOrder, target: Target) -> None:
    """Tell every feed that carried the notice, and the node that sent it, with the order itself."""
    order, at = signed.order, rows.at
    if not target.evidence:
        for country in countries_of(target.feeds):
            tell(rows, country, target.log_index, ERASED, target.digest)
    rows.head.answers += 1
    receipt = Receipt(
        verdict="erased",
        code="erased",
        value_sha256=target.value_sha256.hex(),
        at=instant(at),
        epoch=rows.head.epoch,
        log_index=target.log_index,
        source=order.source,
        id=order.id,
        keyid=order.keyid,
        order=signed.encode().decode(),
    )
    place = (target.stream_no, target.partition, target.offset)
    number = (rows.head.answers, country_of(order.source).value)
    rows.answers.append((*number, "erased", "erased", *place, order.source, receipt.encode()))
