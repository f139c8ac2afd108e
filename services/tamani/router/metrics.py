"""What a router worker counts, for Prometheus. Figures only."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """The counters of one worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._routed = Counter("tamani_router_records", "Records by outcome", ["outcome"], registry=self.registry)
        self._halted = Gauge("tamani_router_halted", "1 while it stands still at its limit", registry=self.registry)

    def routed(self, outcomes: Mapping[str, int]) -> None:
        """A batch was sent."""
        for outcome, count in outcomes.items():
            self._routed.labels(outcome).inc(count)

    def text(self, halted: bool) -> bytes:
        """The exposition text."""
        self._halted.set(halted)
        return generate_latest(self.registry)
