"""A witness's figures: how far it cosigned, what it refused, which alarms stand."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from tamani.witness.alarms import Alarm
from tamani.witness.state import Last


class Metrics:
    """One registry a witness."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "tamani_witness_requests", "Requests to cosign, by HTTP status", ["status"], registry=self._registry
        )
        self._size = Gauge("tamani_witness_size", "Entries under the last cosigned root", registry=self._registry)
        self._time = Gauge(
            "tamani_witness_cosigned_seconds", "Time of the last cosignature (Unix)", registry=self._registry
        )
        self._alarms = Gauge("tamani_witness_alarms", "Alarms that stand, by code", ["code"], registry=self._registry)

    def answered(self, status: int) -> None:
        """Count an answer."""
        self._answers.labels(str(status)).inc()

    def text(self, last: Last, standing: list[Alarm]) -> bytes:
        """The exposition text of this moment."""
        self._size.set(last.size)
        self._time.set(last.time)
        self._alarms.clear()
        for alarm in standing:
            self._alarms.labels(alarm.code).inc()
        return generate_latest(self._registry)
