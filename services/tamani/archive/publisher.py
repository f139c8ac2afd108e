"""Tell the world what the ledger says: answers to `receipts.<cc>`, entries to `feed.<cc>`, both in index order.

Any archive worker may be the publisher; one is. The cursor moves after the broker's acknowledgement, and only while the
lease is still ours. Publishing hangs on nothing else: what was committed is published, sooner or later.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import structlog

from tamani.archive.feeds import read_feeds
from tamani.archive.lease import SECONDS, Cursor, leave, move, read_cursor, take
from tamani.archive.log.steps import Hook, Step, no_hook
from tamani.archive.store import CHANNEL
from tamani.archive.wire import feed_value
from tamani.core.names import Country, feed, receipts
from tamani.runtime.database import through_outages
from tamani.runtime.sender import Outgoing, Sender

log = structlog.get_logger(__name__)
MOST = 250
# The hint may be lost, the lease must be renewed: look again in any case.
POLL = 1.0
LAST_ROUND = 5.0
# Fewer are signed where they are: a thread would cost more.
ASIDE = 8
RECEIPTS = {country.value: receipts(country) for country in Country}
FEEDS = {country.value: feed(country) for country in Country}
_ANSWERS = "SELECT answer_no, cc, key, receipt FROM answer WHERE answer_no > %s ORDER BY answer_no LIMIT %s"
Connection = psycopg.AsyncConnection[Any]
Seal = Callable[[bytes], bytes]
Connect = Callable[[], Awaitable[Connection]]


class Publisher:
    """The publishing task of one worker; `hint` is set when there may be something new."""

    def __init__(
        self,
        connect: Connect,
        sender: Sender,
        holder: str,
        seconds: int = SECONDS,
        *,
        seal: Seal | None = None,
        hook: Hook = no_hook,
    ) -> None:
        self._connect, self._sender, self._holder, self._seconds = connect, sender, holder, seconds
        self._connection: Connection | None = None
        self._fence: int | None = None
        self._seal, self._hook = seal, hook
        self.hint = asyncio.Event()

    @property
    def publishing(self) -> bool:
        """Whether this worker believes to hold the lease."""
        return self._fence is not None

    @property
    def fence(self) -> int | None:
        """The lease's fence while we believe to hold it."""
        return self._fence

    async def run(self) -> None:
        """Publish whenever it is our turn, for ever. Cancelled, it ends the round it is in: what was sent is noted."""
        while True:
            under_way = asyncio.ensure_future(through_outages(self._round, "publisher"))
            try:
                more = await asyncio.shield(under_way)
            except asyncio.CancelledError:
                await asyncio.wait({under_way}, timeout=LAST_ROUND)
                under_way.cancel()
                raise
            if not more:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.hint.wait(), POLL)
            self.hint.clear()

    async def listen(self) -> None:
        """Turn the database's hints into ours, for ever."""
        while True:
            await through_outages(self._listen, "publisher hints")

    async def close(self) -> None:
        """Leave the lease to another, if the database can be told."""
        if self._connection is not None and self._fence is not None:
            with contextlib.suppress(psycopg.Error):
                await leave(self._connection, self._fence)
        if self._connection is not None:
            await self._connection.close()

    async def _listen(self) -> None:
        async with await self._connect() as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for _ in connection.notifies():
                self.hint.set()

    async def _round(self) -> bool:
        """Send the next page of everything; whether there may be more."""
        connection = await self._connected()
        if self._fence is None:
            self._fence = await take(connection, self._holder, self._seconds)
            if self._fence is None:
                return False
            log.info("publishing", fence=self._fence)
        cursor = await read_cursor(connection, self._fence)
        if cursor is None:
            return self._lost()
        page, after, full = await self._page(connection, cursor)
        await self._sender.send_all(page)
        self._hook(Step.RECEIPTS_SENT)
        if not await move(connection, self._fence, after, self._seconds):
            return self._lost()
        self._hook(Step.CURSOR_MOVED)
        return full

    async def _page(self, connection: Connection, cursor: Cursor) -> tuple[list[Outgoing], Cursor, bool]:
        answers = await (await connection.execute(_ANSWERS, [cursor.answers, MOST], binary=True)).fetchall()
        rows = await read_feeds(connection, cursor.feeds, MOST)
        page = await self._receipts([(RECEIPTS[cc], key.encode(), value) for _, cc, key, value in answers if cc])
        page += [Outgoing(FEEDS[row.cc], None, feed_value(row)) for row in rows]
        last = {row.cc: row.feed_index for row in rows}
        feeds = {country: last.get(country, index) for country, index in cursor.feeds.items()}
        full = len(answers) == MOST or any(feeds[cc] - cursor.feeds[cc] >= MOST for cc in feeds)
        return page, Cursor(answers[-1][0] if answers else cursor.answers, feeds), full

    async def _receipts(self, told: list[tuple[str, bytes, bytes]]) -> list[Outgoing]:
        """Signed, if the log has a key; many in a thread, since signing lets the event loop run."""
        seal = self._seal
        if seal is None:
            return [Outgoing(*one) for one in told]

        def signed() -> list[Outgoing]:
            return [Outgoing(topic, key, seal(value)) for topic, key, value in told]

        return await asyncio.to_thread(signed) if len(told) > ASIDE else signed()

    def _lost(self) -> bool:
        log.warning("publishing taken over by another", fence=self._fence)
        self._fence = None
        return False

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection
