"""The registry as a service holds it: from its compacted topic, the last good copy on disk, never a version back."""

import asyncio
import contextlib
import hashlib
import time
from pathlib import Path
from typing import Protocol, Self

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tamani.core.errors import RefusedError, TamaniError
from tamani.core.names import REGISTRY
from tamani.core.registry import Registry
from tamani.core.trust.opening import open_registry
from tamani.runtime.fence import ClusterFence
from tamani.runtime.kafka import make_consumer, stop_consumer
from tamani.runtime.settings import ServiceSettings

log = structlog.get_logger()
RETRY = 2.0
POLL = 1.0


class Registries(Protocol):
    """What a judge needs: the newest registry, and a way to be sure that it is new enough."""

    @property
    def current(self) -> Registry:
        """The newest document."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its bytes; nothing before the first."""
        ...

    def digest(self, version: int) -> bytes:
        """The SHA-256 of all that a version fixes; one that was held here."""
        ...

    async def fresh_after(self, timestamp_ms: int) -> Registry:
        """The newest document, of a reading that began after this instant (milliseconds)."""
        ...


class RegistryHolder:
    """The newest registry seen. A stale one is used on; a missing one knows nobody (version 0)."""

    def __init__(self, settings: ServiceSettings, cache: Path) -> None:
        self._settings = settings
        self._cache = cache
        self._digests: dict[int, bytes] = {}
        self._empty = Registry.model_validate({"version": 0, "issued": "1970-01-01T00:00:00Z"})
        self._value: bytes | None = None
        self._current = self._load()
        self._read_through = 0
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()

    @property
    def current(self) -> Registry:
        """The newest document."""
        return self._current or self._empty

    @property
    def value(self) -> bytes | None:
        """The bytes of the newest document, for whoever asks us for it; nothing before the first."""
        return self._value

    async def start(self) -> Self:
        """Begin to follow the topic; does not wait for it."""
        self._task = asyncio.create_task(self._follow(), name="registry")
        return self

    async def stop(self) -> None:
        """Leave the topic."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def digest(self, version: int) -> bytes:
        """The SHA-256 of all that a version fixes (`Standing.digest`); one that this process has held.

        Raises:
            KeyError: it has not.
        """
        return self._digests[version]

    async def fresh_after(self, timestamp_ms: int) -> Registry:
        """The newest document, once the topic was read to its end after this broker time (milliseconds)."""
        async with self._moved:
            while self._read_through < timestamp_ms:
                self._wanted.set()
                await self._moved.wait()
        return self.current

    async def at_least(self, version: int) -> Registry:
        """Wait until this version, or a later one, is held."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.current.version >= version)
        return self.current

    def offer(self, value: bytes) -> bool:
        """Take a registry if it is signed, sound and may follow the one held; say whether it was new."""
        if value == self._value:
            return False
        try:
            found = open_registry(value, self._settings.registry_trust, self._current)
        except TamaniError as error:
            log.warning("registry refused", code=error.code.name, detail=error.detail)
            return False
        if not _is_newer(found, self._current):
            return False
        self._keep(value)
        self._note_digest(found, value)
        self._value, self._current = value, found
        log.info("registry", version=found.version, bodies=len(found.bodies), keys=len(found.keys))
        return True

    def _keep(self, value: bytes) -> None:
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._cache.with_suffix(".new")
        fresh.write_bytes(value)
        fresh.replace(self._cache)

    def _load(self) -> Registry | None:
        if not self._cache.exists():
            return None
        value = self._cache.read_bytes()
        try:
            found = open_registry(value, self._settings.registry_trust)
        except RefusedError as error:
            log.warning("kept registry unreadable", code=error.code.name)
            return None
        self._note_digest(found, value)
        self._value = value
        return found

    def _note_digest(self, found: Registry, value: bytes) -> None:
        """Of what the version fixes: the publisher's time-stamp around it changes every day."""
        standing = found.standing
        self._digests[found.version] = bytes.fromhex(standing.digest) if standing else hashlib.sha256(value).digest()

    async def _follow(self) -> None:
        while True:
            consumer = make_consumer(self._settings, fetch_max_wait_ms=500, request_timeout_ms=10_000)
            # At another cluster our place in the topic means nothing: begin anew there.
            fence = ClusterFence(consumer._client)
            try:
                await consumer.start()
                await self._read(consumer, fence)
            except (KafkaError, OSError) as error:
                log.warning("registry topic away", error=type(error).__name__)
            finally:
                await stop_consumer(consumer)
            await asyncio.sleep(RETRY)

    async def _read(self, consumer: AIOKafkaConsumer, fence: ClusterFence) -> None:
        """Take what comes; whenever the end is reached, note the time before which all was seen."""
        tp = TopicPartition(REGISTRY, 0)
        consumer.assign([tp])
        await consumer.seek_to_beginning(tp)
        while not fence.lost.is_set():
            # Cleared first: whoever asks from here on gets another reading.
            self._wanted.clear()
            asked = _now_ms()
            end = (await consumer.end_offsets([tp]))[tp]
            while await consumer.position(tp) < end:
                for record in (await consumer.getmany(tp, timeout_ms=500)).get(tp, ()):
                    if record.value is not None:
                        await asyncio.to_thread(self.offer, record.value)
            await self._note(asked)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), POLL)

    async def _note(self, asked: int) -> None:
        async with self._moved:
            self._read_through = asked
            self._moved.notify_all()


def _is_newer(found: Registry, held: Registry | None) -> bool:
    """A change of rows, of suspensions, of roots, or only the publisher's word that there is nothing newer."""
    if held is None or held.standing is None or found.standing is None:
        return True
    mine, theirs = (
        (registry.version, len(standing.roots), standing.timestamp)
        for registry, standing in ((found, found.standing), (held, held.standing))
    )
    return mine != theirs


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
