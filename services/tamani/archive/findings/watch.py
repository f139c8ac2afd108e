"""The watching task of one worker: while it is the publisher, it looks for holes and silences at an interval."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.gaps import Gaps
from tamani.archive.findings.silences import Silences
from tamani.runtime.database import through_outages

# Seconds between two looks; fewer where what is looked for may last less than a few of these.
EVERY = 30.0
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]


class Absences:
    """Looks with both eyes each `every` seconds; `mine` says whether it is this worker's turn."""

    def __init__(
        self, connect: Connect, gaps: Gaps, silences: Silences, *, mine: Callable[[], bool], every: float = EVERY
    ) -> None:
        self._connect, self._gaps, self._silences, self._mine, self._every = connect, gaps, silences, mine, every
        self._connection: AsyncConnection[Any] | None = None

    async def run(self) -> None:
        """Look until cancelled; whatever is away is waited for."""
        while True:
            if self._mine():
                await through_outages(self.look, "absences")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """One look.

        Raises:
            psycopg.Error: the database is away.
        """
        connection = await self._connected()
        await self._gaps.look(connection)
        await self._silences.look(connection)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection
