"""The outbox: what this node has accepted and the region has not yet answered for, and ninety days of what it has.

One writer (group commit), readers beside it (WAL), and a bell for each lane that rings when there is something to send.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tamani.core.names import Lane
from tamani.core.receipt import Receipt
from tamani.node import answers, capsules, review_rows, rows
from tamani.node.capsules import Capsule
from tamani.node.rows import Queued, Sent
from tamani.node.writer import GroupWriter
from tamani.runtime.clock import Clock
from tamani.runtime.sqlite import rewrite

T = TypeVar("T")
READERS = 2


def milliseconds(clock: Clock) -> int:
    """The clock in the unit of the tables."""
    return int(clock().timestamp() * 1000)


class Outbox:
    """The node's file as the rest of the node sees it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._writer = GroupWriter(engine)
        self._readers = ThreadPoolExecutor(READERS, "outbox-reader")
        self.bells = {lane: asyncio.Event() for lane in Lane}

    async def start(self) -> None:
        """Begin to take work."""
        await self._writer.start()

    async def stop(self) -> None:
        """Finish what was asked and close the file."""
        await self._writer.stop()
        self._readers.shutdown()
        self._engine.dispose()

    def now(self) -> int:
        """The time, in ms."""
        return milliseconds(self._clock)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """See `GroupWriter.write`."""
        return await self._writer.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` on a snapshot of the file."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    async def queued(self, lane: Lane, most_bytes: int) -> list[Queued]:
        """The next rows to produce, in outbox order."""
        return await self.read(lambda c: rows.queued(c, lane, most_bytes))

    async def clear(self) -> bool:
        """Whether nothing waits to be sent: the line is free for what is less urgent."""
        return not await self.read(rows.any_queued)

    async def queue_due(self, lane: Lane) -> int:
        """Queue again what waited too long for its receipt; mostly that is nothing, and nothing is written."""
        now = self.now()
        due = await self.read(lambda c: rows.next_due(c, lane))
        if due is None or due > now:
            return 0
        return await self.write(lambda c: rows.queue_due(c, lane, now))

    async def queue_lost(self, lane: Lane, cluster: str) -> int:
        """Queue again what another cluster had taken."""
        return await self.write(lambda c: rows.queue_lost(c, lane, cluster))

    async def lost_capsules(self, cluster: str) -> Sequence[Capsule]:
        """See `capsules.lost`."""
        now = self.now()
        return await self.read(lambda c: capsules.lost(c, cluster, now))

    async def mark_capsule(self, sent: Capsule, cluster: str) -> None:
        """The broker has acknowledged this one."""
        await self.write(lambda c: capsules.mark(c, sent, cluster))

    async def mark_sent(self, sent: Sequence[Sent], cluster: str) -> None:
        """The broker has acknowledged these."""
        now = self.now()
        await self.write(lambda c: rows.mark_sent(c, sent, cluster, now))

    async def position(self, cluster: str, topic: str, partition: int) -> int | None:
        """From which offset receipts are to be read; none in a cluster that we have not read before."""
        return await self.read(lambda c: answers.position(c, cluster, topic, partition))

    async def answer(
        self,
        receipts: Iterable[Receipt],
        ours: frozenset[str],
        read_to: answers.ReadTo,
        promises: answers.Promises = None,
    ) -> list[str]:
        """Apply receipts and move the reading position, in one transaction. Returns the verdicts that touched a row."""
        now, listed = self.now(), list(receipts)
        return await self.write(lambda c: answers.apply(c, listed, ours, read_to, now, promises=promises))

    async def scrub(self) -> bool:
        """Write the file anew without what was deleted; false while somebody reads an older state of it.

        Raises:
            OutageError: `failed.disk`.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, rewrite, self._engine)

    async def drop_old(self) -> int:
        """Forget the bytes of closed rows past their time, and of what nobody has released."""
        now = self.now()
        return await self.write(lambda c: rows.drop_old(c, now) + review_rows.drop_old(c, now))
