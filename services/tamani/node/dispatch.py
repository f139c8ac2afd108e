"""Send what the outbox holds: each lane on its own connection, in outbox order, until the broker has acknowledged it.

One thread's notices follow one another: the next is sent when the one before is acknowledged, so no failure reorders
them. Different threads go together, as many bytes at once as the line has lately carried in about a second.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from tamani.core.errors import OutageError
from tamani.core.names import Country, Lane, capsules, inbound
from tamani.node.capsules import Capsule
from tamani.node.link import LARGEST_WINDOW, Link
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.node.rows import Queued, Sent

log = structlog.get_logger(__name__)
Connect = Callable[[], Awaitable[Link]]
SMALLEST_WINDOW = 8 * 1024
FAST, SLOW = 0.5, 2.0
LONGEST_PAUSE = 15.0
# While alerts are under way, normal notices leave the line to them, but not for ever.
LONGEST_COURTESY = 30.0


class Window:
    """How many bytes go at once: more while the line is fast, fewer when it is slow."""

    def __init__(self) -> None:
        self.size = SMALLEST_WINDOW

    def note(self, seconds: float) -> None:
        """A whole window took so long to be acknowledged."""
        if seconds < FAST:
            self.size = min(self.size * 2, LARGEST_WINDOW)
        elif seconds > SLOW:
            self.size = max(self.size // 2, SMALLEST_WINDOW)


class Dispatcher:
    """One lane's sender. `alerts_done` is shared by both: the urgent one clears it while it is busy."""

    def __init__(
        self,
        country: Country,
        lane: Lane,
        *,
        outbox: Outbox,
        connect: Connect,
        alerts_done: asyncio.Event,
        metrics: Metrics,
        poll_seconds: float = 2.0,
    ) -> None:
        self.lane = lane
        self.link: Link | None = None
        self._topic = inbound(country, lane)
        self._outbox = outbox
        self._connect = connect
        self._alerts_done = alerts_done
        self._metrics = metrics
        self._poll = poll_seconds
        self._window = Window()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, through outages of any length."""
        pause = 0.5
        while not stop.is_set():
            try:
                async with self._linked() as link:
                    pause = 0.5
                    await self._serve(link, stop)
            except OutageError as error:
                log.warning("bus away", lane=self.lane, code=error.code.name, detail=error.detail, again_in=pause)
                await _pause(stop, pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    @contextlib.asynccontextmanager
    async def _linked(self) -> AsyncIterator[Link]:
        link = await self._connect()
        try:
            self.link = link
            yield link
        finally:
            self.link = None
            await link.close()

    async def _serve(self, link: Link, stop: asyncio.Event) -> None:
        lost = await self._outbox.queue_lost(self.lane, link.cluster_id)
        if lost:
            log.warning("another cluster: open notices go again", lane=self.lane, rows=lost)
        # Sealed threads are all of the normal lane.
        if self.lane is Lane.NORMAL:
            await self._send_lost_capsules(link)
        while not stop.is_set():
            bell = self._outbox.bells[self.lane]
            # Cleared before looking, so that what is posted while we look rings again.
            bell.clear()
            self._metrics.repeated(self.lane, await self._outbox.queue_due(self.lane))
            await self._drain(link, stop)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), self._poll)

    async def _send_lost_capsules(self, link: Link) -> None:
        """An answered notice is in the ledger whatever becomes of the broker; its readers' keys are only with us."""
        for capsule in await self._outbox.lost_capsules(link.cluster_id):
            await _send_capsule(link, capsule)
            await self._outbox.mark_capsule(capsule, link.cluster_id)

    async def _drain(self, link: Link, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set() and (rows := await self._outbox.queued(self.lane, self._window.size)):
                await self._give_way()
                await self._send(link, rows)
        finally:
            if self.lane is Lane.URGENT:
                self._alerts_done.set()

    async def _give_way(self) -> None:
        if self.lane is Lane.URGENT:
            self._alerts_done.clear()
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._alerts_done.wait(), LONGEST_COURTESY)

    async def _send(self, link: Link, rows: list[Queued]) -> None:
        """Send a window, note what was acknowledged, then say what failed."""
        threads: dict[bytes, list[Queued]] = {}
        for row in rows:
            threads.setdefault(row.part_key, []).append(row)
        began = time.monotonic()
        outcomes = await asyncio.gather(*(self._send_thread(link, thread) for thread in threads.values()))
        self._window.note(time.monotonic() - began)
        sent = [row for done, _ in outcomes for row in done]
        await self._outbox.mark_sent(sent, link.cluster_id)
        self._metrics.sent(self.lane, len(sent))
        for _, failure in outcomes:
            if failure is not None:
                raise failure

    async def _send_thread(self, link: Link, thread: list[Queued]) -> tuple[list[Sent], OutageError | None]:
        done: list[Sent] = []
        for row in thread:
            try:
                # Before the notice: its receipt then says that the broker had its readers' keys, too.
                for capsule in row.capsules:
                    await _send_capsule(link, capsule)
                ack = await link.send(self._topic, row.part_key, row.value)
            except OutageError as error:
                return done, error
            done.append(Sent(row.row_no, row.attempts, ack.partition, ack.offset))
        return done, None


async def _send_capsule(link: Link, capsule: Capsule) -> None:
    await link.send(capsules(capsule.origin), capsule.digest, capsule.value)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
