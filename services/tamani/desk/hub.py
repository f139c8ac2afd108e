"""One listener a process: woken by the database or every 15 s, it asks once what is new, for all who are connected.

A notification is only a hint without payload. Each connected client has a short queue; one that does not keep up is let
go, and comes back with its `Last-Event-ID`: memory stays bounded and nothing is missed.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.errors import OutageError
from tamani.core.policy import Reader
from tamani.desk.changes import Change, changes_after
from tamani.desk.database import CHANNEL, Database, outages
from tamani.desk.editions import cuts_since

log = structlog.get_logger(__name__)
TICK = 15.0
QUEUE = 256
PAGE = 200
RETRY = 2.0
NEVER = 2**62
_STANDS = "SELECT edition, head FROM position"


@dataclass(frozen=True, slots=True)
class Rewound:
    """The past is told anew from these numbers on: who has read further goes back, and reads it for itself."""

    edition: int
    feed_index: int
    public_index: int

    def number(self, reader: Reader) -> int:
        """The first replaced number as this reader counts."""
        return self.feed_index if reader.body is not None else self.public_index


News = Change | Rewound


@dataclass(slots=True, eq=False)
class Client:
    """One connected reader. `gone` is set when it was too slow, or when the desk stops."""

    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, news: News) -> None:
        """Hand over; a full queue lets the client go."""
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:
            self.gone.set()

    def dismiss(self) -> None:
        """Let the client go, even while it waits."""
        self.gone.set()
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait(None)


class Hub:
    """The listener and its clients."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clients: set[Client] = set()
        self._edition = 0
        self._tail = 0
        self._started = asyncio.Event()
        self._stopped = False
        self.listening = False

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._clients)

    @contextmanager
    def joined(self) -> Iterator[Client]:
        """A client that is told of everything from now on, until it leaves."""
        client = Client()
        if self._stopped:
            client.dismiss()
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    async def ready(self) -> None:
        """Wait until the hub knows where it begins: what comes after that, it tells."""
        await self._started.wait()

    def stop(self) -> None:
        """Let every client go: the server is about to stop and would wait for them."""
        self._stopped = True
        for client in self._clients:
            client.dismiss()

    async def run(self) -> None:
        """Listen until cancelled; the database being away is waited out."""
        while True:
            try:
                with outages():
                    await self._listen()
            except OutageError as error:
                log.warning("hub.away", code=error.code.name)
            self.listening = False
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._database.conninfo, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.listening = True
            while True:
                cursor = await connection.execute(_STANDS)
                ((edition, head),) = await cursor.fetchall()
                await self._ask(edition, head)
                async for _ in connection.notifies(timeout=TICK, stop_after=1):
                    pass

    async def _ask(self, edition: int, head: int) -> None:
        """Once for everybody what is new, for the mirror stands here now; without anybody it only moves along.

        Whoever joins after that reads what came before from the tables.
        """
        moved = (edition, head) != (self._edition, self._tail)
        if moved and self._clients and self._started.is_set():
            async with self._database.reading() as connection:
                if edition != self._edition:
                    self._rewind(edition, *await cuts_since(connection, self._edition))
                else:
                    await self._tell_all(connection, head)
        self._edition, self._tail = edition, head
        self._started.set()

    async def _tell_all(self, connection: AsyncConnection, head: int) -> None:
        while self._tail < head:
            changes = await changes_after(connection, self._tail, head, PAGE)
            for change in changes:
                self._tell(change)
            self._tail = changes[-1].feed_index if len(changes) == PAGE else head

    def _rewind(self, edition: int, feed_index: int | None, public_index: int | None) -> None:
        """Without a cut (the very first edition) nothing is told anew: everybody only learns its number."""
        self._tell(Rewound(edition, feed_index or NEVER, public_index or NEVER))

    def _tell(self, news: News) -> None:
        for client in self._clients:
            client.offer(news)
