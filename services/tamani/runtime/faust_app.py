"""Faust as we use it: at least once, nothing acknowledged before its effect is durable, a bug ends the process.

What is not Faust's default is here with its reason; `reference` measurements are in `docs/design/faust.md`.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import faust
import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from faust.sensors.monitor import Monitor
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import EventT

from tamani.core.errors import OutageError
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import admin_config
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger(__name__)

# Messages held for one agent. Fetching stops at four fifths of it, so one fetch must fit into the last fifth: then a
# full queue never blocks the fetcher, hence never the other lane.
BUFFER = 8192
POLL = BUFFER // 8
# A batch may wait for a broker or a database for as long as it takes; the broker must not take that for a hang.
PATIENCE = 14 * 24 * 3600.0
# A thread that computes gives way to the event loop after this long (default 5 ms: the loop then starves).
SWITCH = 0.0005
GRACE = 20.0
Handle = Callable[[Sequence[EventT]], Awaitable[None]]


class _Silent(Monitor):  # type: ignore[misc]
    """Counts nothing: Faust's monitor cost a tenth of the worker, and our own metrics are elsewhere."""

    def on_message_in(self, *_: Any) -> None: ...

    def on_message_out(self, *_: Any) -> None: ...

    def on_stream_event_in(self, *_: Any) -> None: ...

    def on_stream_event_out(self, *_: Any) -> None: ...

    def track_tp_end_offset(self, *_: Any) -> None: ...


class _FencedThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Never goes on at another cluster than the one that it first met: its offsets mean nothing there."""

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> Any:
        consumer = super()._create_consumer(loop)
        self.fence = ClusterFence(consumer._client)
        self.fence.cluster_id = self.app.cluster_id
        return consumer


class _Consumer(Consumer):  # type: ignore[misc]
    """Faust's consumer without a task per message: that alone was half of a worker's time."""

    def _new_consumer_thread(self) -> _FencedThread:
        return _FencedThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                # While a lane's queue is full its partitions are left out of the fetch, and no fetch wakes when they
                # come back: ask again soon.
                await self._drain_once(0.02 if self._buffered_partitions else 1.0)
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.app.should_stop:
                raise

    async def _drain_once(self, timeout: float) -> None:
        delivered = 0
        await asyncio.sleep(0)
        async for tp, message in self.getmany(timeout=timeout):
            await self._deliver(tp, message)
            delivered += 1
            if delivered % 100 == 0:
                await asyncio.sleep(0)

    async def _deliver(self, tp: Any, message: Any) -> None:
        read = self._read_offset[tp]
        if read is not None and message.offset < read:
            return
        if read and message.offset - read > 1:
            await self._add_gap(tp, read + 1, message.offset)
        await self.callback(message)
        self._read_offset[tp] = message.offset

    async def _wait_next_records(self, timeout: float) -> Any:
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(timeout)  # Faust sleeps a second here, while the agents have long emptied their queues
            return {}, set()
        return await super()._wait_next_records(timeout)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        # Faust counts the message after the gap as part of it, hence as done before it is.
        await super()._add_gap(tp, offset_from, offset_to - 1)

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's detector of hangs knows only its own monitor; ours is the lag in `/metrics`."""


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
        stream_buffer_maxsize=BUFFER,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        cython_optimizations=True,
        Monitor=_Silent,
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
        async for batch in _batches(stream, most):
            await handle(batch)
            for event in batch:
                event.ack()

    app.agent(channel, name=name)(work)


async def _batches(stream: Any, most: int) -> AsyncIterator[list[EventT]]:
    """What has arrived, at once: one message when idle, up to `most` under load.

    The same bookkeeping as `noack_take`, without its timer and its second task: an event of an older assignment is
    skipped (it will be read again), the others count as under way until they are acknowledged.
    """
    queue, app = stream.channel.queue, stream.app
    while True:
        try:
            found = [await queue.get()]
        except StopAsyncIteration:  # how Faust tells its agents to stop
            return
        while len(found) < most and not queue.empty():
            found.append(queue.get_nowait())
        fresh = [event for event in found if event.message.generation_id == app.consumer_generation_id]
        if fresh and app.flow_control.is_active():
            for event in fresh:
                event.message.tracked = True
                app.consumer.unacked.add(event.message)
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
    await app.start()
    async with _watched(app) as left:
        await asyncio.wait([left, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            left.result()
    with contextlib.suppress(TimeoutError):
        # Should the broker or the database be away, what is under way cannot be finished: it is read again.
        await asyncio.wait_for(app.stop(), GRACE)


@contextlib.asynccontextmanager
async def _watched(app: WorkerApp) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(_crash(app))
    try:
        yield task
    finally:
        task.cancel()


async def _crash(app: WorkerApp) -> None:
    while not app.crashed:
        if app.other_cluster:
            raise OutageError("failed.broker", "another cluster answers at this address")
        await asyncio.sleep(0.2)
    raise app.crash_reason or RuntimeError("the application crashed without a reason")
