"""Read the region's answers from `receipts.<cc>`, from our own stored offset, without a consumer group.

The rows and the offset move in one transaction, so a restart repeats nothing and skips nothing; an offset belongs to
one cluster, and a cluster that we have not met is read from its beginning.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from tamani.core.names import Country, receipts
from tamani.core.receipt import Receipt, decode_receipt, is_signed
from tamani.core.strict_json import BadJson
from tamani.node import elsewhere
from tamani.node.answers import Promises, ReadTo
from tamani.node.hold import Hold
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import make_consumer, stop_consumer
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)
POLL_MS = 500
MOST = 500
RETRY_SECONDS = 2.0


class ReceiptReader:
    """Follows the answers for ever."""

    def __init__(
        self,
        settings: ServiceSettings,
        country: Country,
        *,
        ours: Callable[[], frozenset[str]],
        outbox: Outbox,
        metrics: Metrics,
        hold: Hold,
        log_keys: Sequence[bytes] = (),
    ) -> None:
        self._settings = settings
        self._tp = TopicPartition(receipts(country), 0)
        self._ours = ours
        self._outbox = outbox
        self._metrics = metrics
        self._hold = hold
        self._log_keys = log_keys
        self._caught_up = False

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`, through outages of any length."""
        if self._hold.on:
            await self._outbox.write(elsewhere.doubt)
        while not stop.is_set():
            consumer = make_consumer(self._settings, fetch_max_wait_ms=POLL_MS, connections_max_idle_ms=None)
            fence = ClusterFence(consumer._client)
            try:
                await consumer.start()
                await self._follow(consumer, fence, stop)
            except (KafkaError, OSError) as error:
                log.warning("receipts away", error=type(error).__name__)
            finally:
                await stop_consumer(consumer)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)

    async def _follow(self, consumer: AIOKafkaConsumer, fence: ClusterFence, stop: asyncio.Event) -> None:
        consumer.assign([self._tp])
        cluster = fence.cluster_id or ""
        consumer.seek(self._tp, await self._start(consumer, cluster))
        end: int = (await consumer.end_offsets([self._tp]))[self._tp]
        while not stop.is_set() and not fence.lost.is_set():
            found = await consumer.getmany(self._tp, timeout_ms=POLL_MS, max_records=MOST)
            records = found.get(self._tp, [])
            # What was fetched before the fence fell is of the cluster that we began with.
            if records:
                await self._take(records, cluster)
            if not self._caught_up and await consumer.position(self._tp) >= end:
                await self._catch_up()

    async def _catch_up(self) -> None:
        """What was forgotten has been heard of: what is unknown from now on was not said here."""
        self._hold.lift()
        await self._outbox.write(elsewhere.begin)
        self._caught_up = True

    async def _start(self, consumer: AIOKafkaConsumer, cluster: str) -> int:
        first: int = (await consumer.beginning_offsets([self._tp]))[self._tp]
        end: int = (await consumer.end_offsets([self._tp]))[self._tp]
        kept = await self._outbox.position(cluster, self._tp.topic, self._tp.partition)
        return kept if kept is not None and first <= kept <= end else first

    async def _take(self, records: Sequence[ConsumerRecord], cluster: str) -> None:
        decoded = [(self._decoded(record), record.value or b"") for record in records]
        answers = [receipt for receipt, _ in decoded if receipt is not None]
        promises = self._promises([(receipt, value) for receipt, value in decoded if receipt is not None])
        read_to = ReadTo(cluster, self._tp.topic, self._tp.partition, records[-1].offset + 1)
        for verdict in await self._outbox.answer(answers, self._ours(), read_to, promises):
            self._metrics.answered(verdict)

    def _promises(self, answers: Sequence[tuple[Receipt, bytes]]) -> Promises:
        if not self._log_keys:
            return None
        return {said: value for said, value in answers if is_signed(value, self._log_keys)}

    def _decoded(self, record: ConsumerRecord) -> Receipt | None:
        """An answer that cannot be read stops nobody: the row will be sent again, and answered again."""
        try:
            return decode_receipt(record.value or b"")
        except BadJson as error:
            log.error("receipt unreadable", offset=record.offset, detail=error.detail)
            self._metrics.answered("unreadable")
            return None
