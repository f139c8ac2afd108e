"""Orders of erasure at the node that sent the notice: kept as they come, judged here too, carried out, and confirmed.

An order comes as an answer of the region, and is kept in the transaction that reads it. A task then looks at what
waits, asks the registry whether two officers have signed, takes the row and its keys out, and has the file written
anew. What it did is said in the next signs of life (`heartbeat`). An order that does not hold erases
nothing, and is told.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Row

from tamani.core.erasure.officers import check_officers
from tamani.core.erasure.order import decode_order
from tamani.core.errors import OutageError, RefusedError
from tamani.core.registry import Registry
from tamani.node import erasures
from tamani.node.outbox import Outbox
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
EVERY = 5.0


class Erasing:
    """The task of one node."""

    def __init__(self, file: Outbox, registry: Callable[[], Registry], clock: Clock) -> None:
        self._outbox, self._registry, self._clock = file, registry, clock
        self._refused_at: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`; what could not be written is tried again."""
        while not stop.is_set():
            try:
                await self.settle()
            except OutageError as error:
                log.warning("erasure waits", code=error.code.name, detail=error.detail)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def settle(self) -> None:
        """Carry out what waits, and have the file written anew if anything went.

        Raises:
            OutageError: `failed.disk` or `failed.database`.
        """
        for row in await self._outbox.read(erasures.waiting):
            if self._stands(row):
                signed, now = decode_order(row.document), self._outbox.now()
                await self._outbox.write(lambda c, s=signed, n=now: erasures.carry_out(c, s, n))  # type: ignore[misc]
                log.warning("erased", order=row.order_env[:16], id=signed.order.id)
        done = await self._outbox.read(erasures.unscrubbed)
        if done and await self._outbox.scrub():
            await self._outbox.write(lambda c: erasures.note_scrubbed(c, done))

    def _stands(self, row: Row[Any]) -> bool:
        """Whether two officers have signed, by the newest registry; told once for each version of it."""
        registry = self._registry()
        try:
            check_officers(decode_order(row.document), registry, self._clock(), in_office=False)
        except RefusedError as error:
            if self._refused_at.get(row.order_env) != registry.version:
                log.critical("an order of erasure does not hold", code=error.code.name, detail=error.detail)
                self._refused_at[row.order_env] = registry.version
            return False
        return True
