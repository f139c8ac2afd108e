"""Keep a batch: judge it again, write it in one transaction, wait out outages, set aside what the database cannot take.

When `keep` returns, every record of the batch is in the ledger or in quarantine, and its answer is in the ledger too.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
import structlog

from tamani.archive.head import Head
from tamani.archive.ledger import Rows
from tamani.archive.log.steps import Hook, Step, no_hook
from tamani.archive.notice import NONE, WAITING, Effects, Entry, Held, Notice, Regional, prepare
from tamani.archive.store import PassedError, Store
from tamani.core.errors import DefectError
from tamani.core.names import inbound
from tamani.core.verdict import Refuse
from tamani.runtime.clock import Clock
from tamani.runtime.database import for_service, through_outages
from tamani.runtime.quarantine import hold
from tamani.runtime.registry import Registries
from tamani.runtime.sender import Outgoing, Sender

log = structlog.get_logger(__name__)
# Smaller batches are judged where they are: a thread would cost more than it spares the other lane.
ASIDE = 8
Trust = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]
Written = Callable[[Rows], None]
Judge = Callable[[datetime], Awaitable[list[Notice]]]


class Memory:
    """The furthest state of the ledger that this process has seen, whichever of its connections saw it."""

    def __init__(self) -> None:
        self.head = Head(epoch=0)

    def note(self, head: Head) -> None:
        """Remember a state, if it is further."""
        if not head.behind(self.head):
            self.head = Head(head.size, head.epoch, head.answers)


class Keeper:
    """One lane's writer, with a connection of its own. `trust` is asked of every new connection before it is used."""

    def __init__(
        self,
        conninfo: str,
        *,
        store: Store,
        memory: Memory,
        registry: Registries,
        sender: Sender,
        trust: Trust,
        written: Written,
        clock: Clock,
        most_held: int = 20,
        hook: Hook = no_hook,
        effects: Callable[[], Effects] = lambda: NONE,
    ) -> None:
        self._conninfo = for_service(conninfo, "archive")
        self._store, self._memory, self._registry, self._sender = store, memory, registry, sender
        self._trust, self._written, self._clock = trust, written, clock
        self._most_held, self._held, self._hook = most_held, 0, hook
        self._effects = effects
        self._aside: set[tuple[str, int, int]] = set()
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def keep(self, batch: Sequence[Regional]) -> None:
        """See above.

        Raises:
            OutageError: `failed.database.rewound`: leave without acknowledging.
            DefectError: `failed.refusals`: the database takes nothing at all any more.
        """
        try:
            await self._keep_all(batch)
        except psycopg.Error as error:
            if len(batch) == 1:
                await self._set_aside(batch[0], error)
                return
            middle = len(batch) // 2
            await self.keep(batch[:middle])
            await self.keep(batch[middle:])
        else:
            self._held = 0

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _keep_all(self, batch: Sequence[Regional]) -> None:
        await through_outages(lambda: self._attempt(lambda at: self._judge(batch, at)), "archive")
        self._aside.clear()

    async def _attempt(self, judge: Judge) -> None:
        """Judge as of now and write; again, should another worker have moved the ledger's time past it."""
        at = self._clock().replace(microsecond=0)
        while True:
            notices = await judge(at)
            try:
                return await self._write(notices, at)
            except PassedError as passed:
                at = passed.at

    async def _set_aside(self, record: Regional, error: psycopg.Error) -> None:
        code = f"held.store.{(error.sqlstate or 'client').lower()}"
        self._held += 1
        if self._held > self._most_held:
            raise DefectError("failed.refusals", f"{self._held} in a row: {code}") from error
        log.critical("held", code=code, place=record.place, error=str(error).strip()[:300])

        async def held(at: datetime) -> list[Notice]:
            (notice,) = await self._judge([record], at)
            await self._quarantine(notice, code, str(error).strip(), at)
            return [Notice(record, notice.value_sha256, Held(code))]

        await through_outages(lambda: self._attempt(held), "archive")
        self._aside.clear()

    async def _judge(self, batch: Sequence[Regional], at: datetime) -> list[Notice]:
        """Judge all; what is refused is refused only against a registry read after we had the record."""
        arrived = time.time_ns() // 1_000_000
        registry, effects = self._registry.current, self._effects()
        notices = await _judge_all(batch, lambda record: prepare(record, registry, at, effects))
        if any(isinstance(notice.outcome, Refuse) for notice in notices):
            fresh = await self._registry.fresh_after(arrived)
            if fresh.version != registry.version:
                notices = await _judge_all(batch, lambda record: prepare(record, fresh, at, effects))
        for notice in notices:
            if isinstance(notice.outcome, Held) and notice.outcome.code != WAITING:
                await self._quarantine(notice, notice.outcome.code, notice.outcome.detail, at)
        return notices

    async def _quarantine(self, notice: Notice, code: str, detail: str, at: datetime) -> None:
        """Once, however often the batch is tried."""
        if notice.record.place not in self._aside:
            await self._sender.send_all([_quarantine(notice, code, detail, at)])
            self._aside.add(notice.record.place)

    async def _write(self, notices: Sequence[Notice], at: datetime) -> None:
        connection = await self._connected()
        try:
            async with connection.transaction():
                rows = await self._store.write(connection, notices, at, self._memory.head)
                self._hook(Step.LEAVES_WRITTEN)
        except BaseException:
            self._store.forget()
            raise
        self._hook(Step.BATCH_COMMITTED)
        self._memory.note(rows.head)
        self._written(rows)

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            fresh = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
            try:
                await self._trust(fresh)
            except BaseException:
                await fresh.close()
                raise
            self._connection = fresh
        return self._connection


async def _judge_all(batch: Sequence[Regional], judge: Callable[[Regional], Notice]) -> list[Notice]:
    """Judge in a thread if there is much to judge: verifying lets the event loop run."""
    if len(batch) < ASIDE:
        return [judge(record) for record in batch]
    return await asyncio.to_thread(lambda: [judge(record) for record in batch])


def _quarantine(notice: Notice, code: str, detail: str, at: datetime) -> Outgoing:
    """It goes back to where its origin would send it, to be judged as if it came for the first time."""
    record, outcome = notice.record, notice.outcome
    back_to = record.inbound.topic if record.inbound else None
    if isinstance(outcome, Entry):
        back_to = inbound(outcome.event.country, outcome.event.lane)
    return hold(
        "archive",
        code=code,
        detail=detail,
        place=record.place,
        key=record.key,
        value=record.value,
        back_to=back_to,
        at=at,
    )
