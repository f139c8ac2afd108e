"""A topic of one partition (the feed, the capsules), read with the desk's own offset on the offset's own cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tamani.core.errors import OutageError
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import make_consumer, stop_consumer
from tamani.runtime.settings import ServiceSettings

POLL_MS = 500
MOST = 500


@dataclass(frozen=True, slots=True)
class Record:
    """What the desk needs of a Kafka record."""

    offset: int
    timestamp: int
    value: bytes
    key: bytes = b""


class FeedTopic:
    """One reading of the topic, from opening to the first failure."""

    def __init__(self, settings: ServiceSettings, name: str) -> None:
        self._tp = TopicPartition(name, 0)
        self._consumer: AIOKafkaConsumer = make_consumer(
            settings, fetch_max_wait_ms=POLL_MS, metadata_max_age_ms=60_000
        )
        self._fence = ClusterFence(self._consumer._client)

    @property
    def cluster(self) -> str:
        """The id of the cluster that is read."""
        return self._fence.cluster_id or ""

    async def open(self, cluster: str, offset: int) -> None:
        """Connect; go on at this offset if it is of this cluster and still there, else at the beginning.

        Raises:
            OutageError: `failed.broker`.
        """
        await self.start()
        await self.seek(offset if self.cluster == cluster else -1)

    async def start(self) -> None:
        """Connect; from now on `cluster` is known.

        Raises:
            OutageError: `failed.broker`.
        """
        with _failures():
            await self._consumer.start()
            self._consumer.assign([self._tp])
            # The first answer about the topic is what tells which cluster this is.
            await self._consumer.beginning_offsets([self._tp])

    async def seek(self, offset: int) -> None:
        """Go on at this offset of this cluster if it is still there, else at the beginning.

        Raises:
            OutageError: `failed.broker`.
        """
        with _failures():
            first = (await self._consumer.beginning_offsets([self._tp]))[self._tp]
            end = (await self._consumer.end_offsets([self._tp]))[self._tp]
            self._consumer.seek(self._tp, offset if first <= offset <= end else first)

    async def poll(self) -> list[Record]:
        """The next records, or none after a short while.

        Raises:
            OutageError: `failed.broker`, or another cluster answers now.
        """
        if self._fence.lost.is_set():
            raise OutageError("failed.broker", "another cluster")
        with _failures():
            found = await self._consumer.getmany(self._tp, timeout_ms=POLL_MS, max_records=MOST)
        return [Record(r.offset, r.timestamp, r.value or b"", r.key or b"") for r in found.get(self._tp, ())]

    def complete_at(self, next_offset: int) -> datetime | None:
        """When the broker last said that nothing stood at this offset or beyond, if it did."""
        end, heard = self._consumer.highwater(self._tp), self._consumer.last_poll_timestamp(self._tp)
        if end is None or heard is None or next_offset < end:
            return None
        return datetime.fromtimestamp(heard / 1000, UTC)

    async def close(self) -> None:
        """Leave."""
        await stop_consumer(self._consumer)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise OutageError("failed.broker", type(error).__name__) from error
