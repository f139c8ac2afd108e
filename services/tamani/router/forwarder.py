"""Work through a batch: judge, refresh the registry where it matters, send everything, and only then return."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import structlog

from tamani.core.registry import Registry
from tamani.core.verdict import Forward, Refuse
from tamani.router.limit import Refusals
from tamani.router.metrics import Metrics
from tamani.router.route import Arrival, Outcome, consider, may_change, outgoing
from tamani.runtime.clock import Clock
from tamani.runtime.registry import Registries
from tamani.runtime.sender import Sender

log = structlog.get_logger(__name__)
# Smaller batches are judged where they are: a thread would cost more than it spares the other lane.
ASIDE = 8
REMIND = 60.0


class Forwarder:
    """What both lanes share: the registry, the way to the broker, and the count of refusals."""

    def __init__(
        self, registry: Registries, sender: Sender, refusals: Refusals, metrics: Metrics, clock: Clock
    ) -> None:
        self._registry, self._sender, self._refusals = registry, sender, refusals
        self._metrics, self._clock = metrics, clock
        self.halted: str | None = None

    async def forward(self, batch: Sequence[Arrival]) -> None:
        """Return when the broker has acknowledged what was sent for every record, in the order of the batch."""
        outcomes = await self._judge(batch)
        await self._halt_at_limit(batch, outcomes)
        at = self._clock()
        for arrival, outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, Forward):
                _say(arrival, outcome)
        records = [r for a, o in zip(batch, outcomes, strict=True) for r in outgoing(a, o, at)]
        await self._sender.send_all(records)
        self._metrics.routed(Counter(_label(outcome) for outcome in outcomes))

    async def _judge(self, batch: Sequence[Arrival]) -> list[Outcome]:
        """Refuse for what the registry says only by one that was read after we had the record."""
        arrived = time.time_ns() // 1_000_000
        outcomes = await _consider_all(batch, registry := self._registry.current)
        if not any(map(may_change, outcomes)):
            return outcomes
        fresh = await self._registry.fresh_after(arrived)
        if fresh.version == registry.version:
            return outcomes
        return await _consider_all(batch, fresh)

    async def _halt_at_limit(self, batch: Sequence[Arrival], outcomes: Sequence[Outcome]) -> None:
        """Stand still, with the batch unanswered and unacknowledged, until an operator ends this worker."""
        for arrival, outcome in zip(batch, outcomes, strict=True):
            self._refusals.note(arrival.country, outcome.name if isinstance(outcome, Refuse) else None)
        self.halted = self.halted or self._refusals.reached()
        while self.halted is not None:
            log.critical("failed.refusals", code=self.halted)
            await asyncio.sleep(REMIND)


async def _consider_all(batch: Sequence[Arrival], registry: Registry) -> list[Outcome]:
    if len(batch) < ASIDE:
        return [consider(arrival, registry) for arrival in batch]
    return await asyncio.to_thread(lambda: [consider(arrival, registry) for arrival in batch])


def _label(outcome: Outcome) -> str:
    match outcome:
        case Forward():
            return "forwarded"
        case Refuse(name=name):
            return name
        case _:
            return "held.internal"


def _say(arrival: Arrival, outcome: Outcome) -> None:
    log.info("refused", code=_label(outcome), place=str(arrival.place))
