"""One archive worker: what it is made of, and the order in which it goes to work."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from tamani.archive.agents import register
from tamani.archive.enrolments import Enrolments
from tamani.archive.findings.voice import Voice
from tamani.archive.findings.work import FindingsWork
from tamani.archive.head import read_head
from tamani.archive.keeper import Keeper, Memory
from tamani.archive.log.steps import Hook, no_hook
from tamani.archive.log.work import Identity, LogWork
from tamani.archive.metrics import Metrics
from tamani.archive.past import GROUP
from tamani.archive.publisher import Publisher, Seal
from tamani.archive.rewind import Connect, connector, settle, trust
from tamani.archive.scrubbing import Scrubber
from tamani.archive.settings import ArchiveSettings
from tamani.archive.store import Store
from tamani.archive.suspicion import Suspicions
from tamani.core.errors import OutageError
from tamani.core.log.policy import NONE
from tamani.core.names import QUARANTINE, REGISTRY, Country, Lane, feed, receipts, regional
from tamani.core.receipt import sign_receipt
from tamani.runtime.clock import Clock
from tamani.runtime.database import for_service, through_outages
from tamani.runtime.faust_app import build_app, run_app, wait_for_topics
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.sender import Sender
from tamani.runtime.worker import together, unless_stopped

LOOK = 2.0
TOPICS = (*map(regional, Lane), *map(receipts, Country), *map(feed, Country), QUARANTINE, REGISTRY)


@dataclass(slots=True)
class Worker:
    """The parts of a worker; `state` says in words what it is at."""

    settings: ArchiveSettings
    registry: RegistryHolder
    sender: Sender
    pool: AsyncConnectionPool[Any]
    clock: Clock
    identity: Identity | None = None
    voice: Voice | None = None
    hook: Hook = no_hook
    metrics: Metrics = field(default_factory=Metrics)
    memory: Memory = field(default_factory=Memory)
    state: str = "starting"
    cluster: str | None = None
    publisher: Publisher | None = None
    log: LogWork | None = None
    findings: FindingsWork | None = None
    _rewinds: int = 0

    @property
    def publishing(self) -> bool:
        """Whether this worker is the publisher."""
        return self.publisher is not None and self.publisher.publishing

    @property
    def refusing(self) -> bool:
        """Whether the log refuses to sign."""
        return self.log is not None and self.log.refusal is not None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`.

        Raises:
            StoppedError: before the work had begun.
            Exception: leave now, without acknowledging anything.
        """
        connect = connector(for_service(self.settings.conninfo, "archive"))
        self.cluster = cluster = await unless_stopped(stop, self._prepare(connect))
        settings, trusted = self.settings, self._trusted(connect)
        enrolments = Enrolments(trusted, self.registry, self.clock, witnessed=self._is_witnessed)
        # Before anything is judged: else what waits no more would be put off once again.
        await unless_stopped(stop, through_outages(enrolments.settle, "enrolments"))
        keepers = {lane: self._keeper(cluster, enrolments) for lane in Lane}
        self.publisher = publisher = Publisher(
            trusted, self.sender, settings.instance, settings.lease_seconds, seal=self._seal(), hook=self.hook
        )
        self.log = self._log_work(trusted, publisher)
        suspicions = Suspicions(trusted, self.registry, self.clock, witnessed=self._is_witnessed)
        self.findings = findings = self._findings_work(trusted, publisher)
        app = build_app(self.settings, GROUP, cluster)
        register(app, keepers)
        self.state = "working"
        jobs = {"publish": publisher.run(), "listen": publisher.listen(), "watch": self._watch()}
        jobs |= {"suspect": suspicions.run(), "enrol": enrolments.run()}
        jobs["scrub"] = Scrubber(trusted).run()
        jobs |= findings.jobs() | (self.log.jobs() if self.log else {})
        await together(faust=run_app(app, stop), **jobs)
        self.state = "stopping"
        await publisher.close()
        await suspicions.close()
        await enrolments.close()
        await findings.close()
        if self.log is not None:
            await self.log.close()
        for keeper in keepers.values():
            await keeper.close()

    async def _prepare(self, connect: Connect) -> str:
        """Wait for the broker, the registry and the database; settle them with each other."""
        self.state = "waiting for the broker"
        cluster = await wait_for_topics(self.settings, TOPICS)
        self.state = "waiting for the registry"
        await self.registry.at_least(1)
        self.state = "comparing ledger and bus"
        await settle(self.settings, connect, cluster)
        self._rewinds = await through_outages(self._look, "watch")
        return cluster

    @property
    def _is_witnessed(self) -> bool:
        return self.identity is not None and self.identity.policy.quorum != NONE

    def _seal(self) -> Seal | None:
        """Our answers are promises, signed with the log's key."""
        if self.identity is None:
            return None
        key = self.identity.key.key
        return lambda value: sign_receipt(value, key)

    def _log_work(self, connect: Connect, publisher: Publisher) -> LogWork | None:
        if self.identity is None:
            return None
        return LogWork(
            self.identity,
            connect=connect,
            pool=self.pool,
            fence=lambda: publisher.fence,
            memory=self.settings.log_state_path,
            seconds=self.settings.checkpoint_seconds,
            hook=self.hook,
        )

    def _findings_work(self, connect: Connect, publisher: Publisher) -> FindingsWork:
        return FindingsWork(
            connect,
            self.settings,
            self.voice,
            registry=self.registry,
            sender=self.sender,
            clock=self.clock,
            mine=lambda: publisher.publishing,
        )

    def _keeper(self, cluster: str, enrolments: Enrolments) -> Keeper:
        async def check(connection: psycopg.AsyncConnection[Any]) -> None:
            await trust(self.settings, connection, cluster)

        return Keeper(
            self.settings.conninfo,
            store=Store(cluster, self.registry.digest),
            memory=self.memory,
            registry=self.registry,
            sender=self.sender,
            trust=check,
            written=self.metrics.written,
            clock=self.clock,
            most_held=self.settings.most_held,
            hook=self.hook,
            effects=lambda: enrolments.effects,
        )

    def _trusted(self, connect: Connect) -> Connect:
        async def connected() -> psycopg.AsyncConnection[Any]:
            connection = await connect()
            await trust(self.settings, connection, self.cluster or "")
            return connection

        return connected

    async def _watch(self) -> None:
        """An idle worker, too, notices that the database went back or that another must rewind.

        Raises:
            OutageError: `failed.database.rewound`.
        """
        while True:
            await asyncio.sleep(LOOK)
            if await through_outages(self._look, "watch") > self._rewinds:
                raise OutageError("failed.database.rewound", "another worker must rewind")

    async def _look(self) -> int:
        # Noted before we read: what a lane commits while we do is no step back of the database.
        seen = self.memory.head
        async with self.pool.connection() as connection:
            head = await read_head(connection)
        if head.behind(seen):
            raise OutageError("failed.database.rewound", f"{head.size} < {seen.size}")
        self.memory.note(head)
        return head.rewinds
