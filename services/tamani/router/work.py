"""One router worker: what it is made of, and the order in which it goes to work."""

import asyncio
from dataclasses import dataclass, field

from tamani.core.names import QUARANTINE, REGISTRY, Country, Lane, inbound, receipts, regional
from tamani.router.agents import register
from tamani.router.forwarder import Forwarder
from tamani.router.metrics import Metrics
from tamani.router.settings import RouterSettings
from tamani.runtime.faust_app import build_app, run_app, wait_for_topics
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.worker import unless_stopped

GROUP = "router"
TOPICS = (
    *(inbound(country, lane) for country in Country for lane in Lane),
    *map(regional, Lane),
    *map(receipts, Country),
    QUARANTINE,
    REGISTRY,
)


@dataclass(slots=True)
class Worker:
    """The parts of a worker; `state` says in words what it is at."""

    settings: RouterSettings
    registry: RegistryHolder
    forwarder: Forwarder
    metrics: Metrics = field(default_factory=Metrics)
    state: str = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`.

        Raises:
            StoppedError: before the work had begun.
            Exception: leave now, without acknowledging anything.
        """
        self.state = "waiting for the broker"
        cluster = await unless_stopped(stop, wait_for_topics(self.settings, TOPICS))
        self.state = "waiting for the registry"
        await unless_stopped(stop, self.registry.at_least(1))
        app = build_app(self.settings, GROUP, cluster)
        register(app, self.forwarder)
        self.state = "working"
        await run_app(app, stop)
        self.state = "stopping"
