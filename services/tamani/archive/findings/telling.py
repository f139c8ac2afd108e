"""Tells what was found: each fact as a signed notice that goes the way of every notice, until it is in the ledger.

The archive writes to `inbound.<cc>` of its own body, the router judges it like anybody's, and it comes back by the
regional stream. Nothing is remembered of what was sent: the notice follows from the fact, so a second one is the same.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from psycopg import AsyncConnection

from tamani.archive.findings.composing import compose
from tamani.archive.findings.facts import Finding, drop, note_told, untold
from tamani.archive.findings.voice import Voice
from tamani.core.event import Event
from tamani.core.judge import judge
from tamani.core.names import inbound, partition_key
from tamani.core.verdict import Refuse
from tamani.runtime.database import through_outages
from tamani.runtime.registry import Registries
from tamani.runtime.sender import Outgoing, Sender

log = structlog.get_logger(__name__)
EVERY = 2.0
# A notice that has not come back after so long is sent again.
AGAIN = 60.0
MOST = 100
_SEEN = "SELECT s.log_index FROM seen s JOIN source_ref r USING (source_no) WHERE r.source = %s AND s.id = %s"
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]


class Teller:
    """The telling task of one worker; `mine` says whether it is this worker's turn, `refusal` why a fact is stuck."""

    def __init__(
        self,
        connect: Connect,
        voice: Voice,
        registry: Registries,
        sender: Sender,
        *,
        mine: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._voice, self._registry, self._sender = connect, voice, registry, sender
        self._mine, self._clock = mine, clock
        self._connection: AsyncConnection[Any] | None = None
        self._sent: dict[str, float] = {}
        self.refusal: str | None = None

    async def run(self) -> None:
        """Tell what is found, until cancelled; whatever is away is waited for."""
        while True:
            if self._mine():
                await through_outages(self.round, "findings")
            await asyncio.sleep(EVERY)

    async def round(self) -> int:
        """Note what has come back, send what has not; how many were sent.

        Raises:
            psycopg.Error: the database is away; what was sent comes back all the same.
        """
        connection = await self._connected()
        due = [event for finding in await untold(connection, MOST) if (event := await self._due(connection, finding))]
        going = self._signed(due)
        if going:
            await self._sender.send_all(going)
        return len(going)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _due(self, connection: AsyncConnection[Any], finding: Finding) -> Event | None:
        """The notice to send now; nothing if it is in the ledger, on its way, or speaks of what was erased."""
        event = await compose(connection, self._voice.source, finding)
        if event is None:
            await drop(connection, finding)
        elif not await self._is_told(connection, finding, event) and self._is_late(event):
            return event
        return None

    def _signed(self, due: list[Event]) -> list[Outgoing]:
        """Those that the router will let through: it would refuse the others without our hearing of it."""
        going, refusal = [], None
        for event in due:
            value = self._voice.value(event)
            verdict = judge(value, event.country, event.lane, self._registry.current)
            if isinstance(verdict, Refuse):
                refusal = refusal or verdict.name
                continue
            key = partition_key(event.source, event.subject)
            going.append(Outgoing(inbound(event.country, event.lane), key, value))
            self._sent[event.id] = self._clock()
        self._say(refusal)
        return going

    async def _is_told(self, connection: AsyncConnection[Any], finding: Finding, event: Event) -> bool:
        row = await (await connection.execute(_SEEN, [event.source, event.id])).fetchone()
        if row is None:
            return False
        await note_told(connection, finding, row[0])
        self._sent.pop(event.id, None)
        log.warning("finding told", kind=finding.kind, id=event.id)
        return True

    def _is_late(self, event: Event) -> bool:
        return self._clock() - self._sent.get(event.id, float("-inf")) > AGAIN

    def _say(self, refusal: str | None) -> None:
        """An operator must see that the registry does not let the archive speak; once, not every two seconds."""
        if refusal is not None and refusal != self.refusal:
            log.error("findings stay untold", code=refusal, source=self._voice.source)
        self.refusal = refusal

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection
