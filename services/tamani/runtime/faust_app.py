"""Faust as we use it: at least once, nothing acknowledged before its effect is durable, a bug ends the process.

What is not Faust's default is here with its reason; `reference` measurements are in `docs/design/faust.md`.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import faust
import structlog
from aiokafka import ConsumerRecord, TopicPartition
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from mode.utils.futures import notify

from tamani.core.errors import OutageError
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import admin_config
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)

# Records that wait for one agent before its topics are fetched no more; the other lane goes on.
BUFFER = 4096
POLL = 2000
CHUNK = 250
# How long a fetch waits for records (seconds), and how long while a lane is full.
LONG, SHORT = 0.5, 0.02
# A batch may wait for a broker or a database for as long as it takes; the broker must not take that for a hang.
PATIENCE = 14 * 24 * 3600.0
# A thread that computes gives way to the event loop after this long (default 5 ms: the loop then starves).
SWITCH = 0.0005
GRACE = 20.0
Handle = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]


@dataclass(eq=False, slots=True, weakref_slot=True)
class Chunk:
    """Records of one partition, in offset order: what an agent takes, finishes and acknowledges as one.

    Faust's own unit is the message: an event, a decoding and several tasks for each cost more than judging it.
    """

    tp: Any
    records: Sequence[ConsumerRecord]
    generation: int
    acked: bool = False
    refcount: int = 1  # Faust prints it while it waits for what is under way


class _FencedThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Never goes on at another cluster than the one that it first met: its offsets mean nothing there."""

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> Any:
        consumer = super()._create_consumer(loop)
        self.fence = ClusterFence(consumer._client)
        self.fence.cluster_id = self.app.cluster_id
        return consumer


class _Consumer(Consumer):  # type: ignore[misc]
    """Faust's consumer, in chunks. Offsets are committed as far as chunks are done, which is always in offset order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._done: dict[Any, int] = {}
        self._fetching = asyncio.Lock()

    def _new_consumer_thread(self) -> _FencedThread:
        return _FencedThread(self, loop=self.loop, beacon=self.beacon)

    def done(self, chunk: Chunk) -> None:
        """The effect of every record of this chunk is durable."""
        chunk.acked = True
        self._unacked_messages.discard(chunk)
        if chunk.generation == self.app.consumer_generation_id:
            self._done[chunk.tp] = chunk.records[-1].offset + 1
        notify(self._waiting_for_ack)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[Any]:
        return iter(tuple(self._done))

    def _new_offset(self, tp: Any) -> int | None:
        return self._done.get(tp)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        for tp in revoked:
            self._done.pop(tp, None)
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        """Go to what is committed, and where nothing is, to the beginning.

        Faust leaves the latter where it stands; but a fetch of the former assignment may have moved it on, and what
        that fetch got is thrown away. So the fetch under way is let end first, and every partition is set.
        """
        async with self._fetching:
            await super().perform_seek()
            never = [TopicPartition(*tp) for tp in self.assignment() if not self._committed_offset[tp]]
            if never:
                await self._thread.seek_to_beginning(*never)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await self._drain_once()
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.app.should_stop:
                raise

    async def _drain_once(self) -> None:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
            return
        queues = {topic: channel.queue for channel in self.app.topics for topic in channel.topics}
        active = self._get_active_partitions()
        room = {topic for topic, queue in queues.items() if _held(queue) < BUFFER}
        wanted = {tp for tp in active if tp.topic in room}
        if not wanted:
            await asyncio.sleep(SHORT)
            return
        generation = self.app.consumer_generation_id
        async with self._fetching:
            # Should a lane's queue be full, look again soon whether its agent has caught up.
            found = await self._getmany(wanted, LONG if len(wanted) == len(active) else SHORT)
        if self.flow_active and generation == self.app.consumer_generation_id:
            for tp, records in found.items():
                for start in range(0, len(records), CHUNK):
                    queues[tp.topic].force_put_nowait(Chunk(tp, records[start : start + CHUNK], generation))

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's detector of hangs knows only its own monitor; ours is the lag that the archive tells."""


def _held(queue: Any) -> int:
    """How many records wait for an agent."""
    return sum(len(chunk.records) for chunk in queue._queue)


class _Transport(Transport):  # type: ignore[misc]
    Consumer = _Consumer


class WorkerApp(faust.App):  # type: ignore[misc]
    """A Faust application that consumes and nothing else: what is sent goes through `runtime.sender`."""

    class BootStrategy(faust.App.BootStrategy):  # type: ignore[misc]
        enable_kafka_producer = False
        enable_web = False

    cluster_id: str | None = None

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self)

    @property
    def other_cluster(self) -> bool:
        """Whether the address now leads to another cluster."""
        thread = self._consumer._thread if self._consumer is not None else None
        fence = getattr(thread, "fence", None)
        return fence is not None and fence.lost.is_set()


def build_app(settings: ServiceSettings, group: str, cluster_id: str | None = None) -> WorkerApp:
    """The application of one worker of `group`; agents are registered on it by name."""
    sys.setswitchinterval(SWITCH)
    folder = settings.data_dir / "faust" / f"{group}-{settings.instance}"
    folder.mkdir(parents=True, exist_ok=True)  # Faust makes the last step only
    app = WorkerApp(
        group,
        broker=[f"kafka://{address}" for address in settings.kafka_bootstrap.split(",")],
        broker_credentials=_credentials(settings),
        autodiscover=False,
        datadir=folder,
        processing_guarantee="at_least_once",
        agent_supervisor="mode.CrashingSupervisor",
        stream_wait_empty=True,
        stream_publish_on_commit=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        consumer_group_instance_id=f"{group}-{settings.instance}",
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=1024 * 1024,
        broker_session_timeout=15.0,
        broker_heartbeat_interval=3.0,
        broker_commit_interval=0.5,
        broker_max_poll_records=POLL,
        broker_max_poll_interval=PATIENCE,
    )
    app.cluster_id = cluster_id
    return app


def _credentials(settings: ServiceSettings) -> Any:
    if settings.kafka_username is None:
        return None
    return faust.SASLCredentials(username=settings.kafka_username, password=settings.kafka_password, mechanism="PLAIN")


def add_agent(app: WorkerApp, name: str, topics: Iterable[str], handle: Handle, most: int = 500) -> None:
    """Have `handle` work through these topics by batches; what it returns from is acknowledged, in offset order."""
    channel = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def work(stream: Any) -> None:
        async for chunks in _batches(stream, most):
            await handle([record for chunk in chunks for record in chunk.records])
            for chunk in chunks:
                app.consumer.done(chunk)

    app.agent(channel, name=name)(work)


async def _batches(stream: Any, most: int) -> AsyncIterator[list[Chunk]]:
    """What has arrived, at once: one record when idle, about `most` under load.

    The bookkeeping of Faust's `noack_take`, without its timer and its second task: what is of an older assignment is
    skipped, since it will be read again; the rest counts as under way until it is done.
    """
    queue, app = stream.channel.queue, stream.app
    while True:
        try:
            found = [await queue.get()]
        except StopAsyncIteration:  # how Faust tells its agents to stop
            return
        while sum(len(chunk.records) for chunk in found) < most and not queue.empty():
            found.append(queue.get_nowait())
        fresh = [chunk for chunk in found if chunk.generation == app.consumer_generation_id]
        if fresh and app.flow_control.is_active():
            app.consumer.unacked.update(fresh)
            yield fresh


async def wait_for_topics(settings: ServiceSettings, topics: Iterable[str]) -> str:
    """Wait in place until the broker answers and has these topics; give the id of its cluster."""
    admin, missing = AdminClient(admin_config(settings)), set(topics)
    while True:
        try:
            found = await asyncio.to_thread(admin.list_topics, timeout=5)
        except KafkaException as error:
            log.warning("broker away", error=error.args[0].name())
        else:
            if not (absent := missing - set(found.topics)) and found.cluster_id:
                return str(found.cluster_id)
            log.warning("topics missing", topics=sorted(absent))
        await asyncio.sleep(1)


async def run_app(app: WorkerApp, stop: asyncio.Event) -> None:
    """Run until `stop`, then finish what is under way.

    Raises:
        OutageError: `failed.broker`, the address leads to another cluster.
        Exception: an agent failed; nothing of its batch was acknowledged. The process must end.
    """
    starting, left = asyncio.ensure_future(app.start()), asyncio.ensure_future(_crash(app))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({starting, left, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await asyncio.wait({left, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            left.result()
    finally:
        left.cancel()
        stopping.cancel()
    with contextlib.suppress(TimeoutError):
        # Should the broker or the database be away, what is under way cannot be finished: it is read again.
        await asyncio.wait_for(app.stop(), GRACE)


async def _crash(app: WorkerApp) -> None:
    while not app.crashed:
        if app.other_cluster:
            raise OutageError("failed.broker", "another cluster answers at this address")
        await asyncio.sleep(0.2)
    raise app.crash_reason or RuntimeError("the application crashed without a reason")
