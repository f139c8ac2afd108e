"""One lane's own connection to the broker.

Two lanes never share a connection: a large notice on a slow line would hold an alert back. The outbox is the memory, so
a link is dropped without flushing: whatever was not acknowledged is produced again.
"""

import asyncio
import contextlib
from typing import Any, Protocol, Self

from aiokafka.errors import KafkaError

from tamani.core.errors import OutageError
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import Ack, Headers, KafkaProducer
from tamani.runtime.settings import ServiceSettings

# One request never carries more than a window; at 4 kB/s it must get through (DESIGN §2.3).
SLOWEST_LINE = 4 * 1024
LARGEST_WINDOW = 128 * 1024
TIMEOUT_MS = (60 + LARGEST_WINDOW // SLOWEST_LINE) * 1000
BATCH = 16 * 1024
START_SECONDS = 60


class Link(Protocol):
    """What a dispatcher needs of a connection."""

    @property
    def cluster_id(self) -> str:
        """Which cluster this is; another one has none of what we sent."""
        ...

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """See `runtime.kafka.Producer.send`."""
        ...

    async def close(self) -> None:
        """Drop the connection now; what is in flight fails."""
        ...


class KafkaLink(KafkaProducer):
    """A producer that stays with one cluster and can be dropped at once."""

    def __init__(self, settings: ServiceSettings) -> None:
        super().__init__(settings, timeout_ms=TIMEOUT_MS, max_batch_size=BATCH, connections_max_idle_ms=None)
        self._fence = ClusterFence(self._producer.client)
        self._watch: asyncio.Task[None] | None = None
        self._dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def cluster_id(self) -> str:
        """The cluster that this link leads to."""
        return self._fence.cluster_id or ""

    async def start(self) -> Self:
        """Connect.

        Raises:
            OutageError: `failed.broker`.
        """
        try:
            async with asyncio.timeout(START_SECONDS):
                await super().start()
        except TimeoutError as error:
            await self.close()
            raise OutageError("failed.broker", "no answer") from error
        except asyncio.CancelledError:
            await self.close()
            raise
        self._watch = asyncio.create_task(self._drop_when_lost(), name="link-watch")
        return self

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """See `Link.send`. What still waits when the link is dropped fails then; aiokafka's own would hang."""
        sending = asyncio.create_task(super().send(topic, key, value, headers))
        either: tuple[asyncio.Future[Any], ...] = (sending, self._dropped)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise OutageError("failed.broker", "link dropped")
            return sending.result()
        finally:
            sending.cancel()

    async def close(self) -> None:
        """Drop the connection: no flush, no waiting for a broker that may be away."""
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._drop()

    async def _drop_when_lost(self) -> None:
        await self._fence.lost.wait()
        await self._drop()

    async def _drop(self) -> None:
        """In this order, or aiokafka waits for ever: connections, the sender, what it still held, the rest."""
        if not self._dropped.done():
            self._dropped.set_result(None)
        self._fence.close()
        sender = self._producer._sender
        if sender.sender_task is not None:
            await sender.close()
        self._producer._message_accumulator.fail_all(KafkaError("link dropped"))
        await self._producer.stop()
