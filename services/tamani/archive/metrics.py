"""What an archive worker counts, for Prometheus. Figures only."""

from collections import Counter as Count

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from tamani.archive.ledger import Rows


class Metrics:
    """The counters of one worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter("tamani_archive_answers", "Answers by verdict", ["verdict"], registry=self.registry)
        self._batches = Counter("tamani_archive_batches", "Transactions committed", registry=self.registry)
        self._size = Gauge("tamani_archive_size", "Notices in the ledger", registry=self.registry)
        self._epoch = Gauge("tamani_archive_epoch", "Number of the ledger's history", registry=self.registry)
        self._publishing = Gauge("tamani_archive_publishing", "1 while this worker publishes", registry=self.registry)

    def written(self, rows: Rows) -> None:
        """A transaction was committed."""
        for verdict, count in Count(row[2] for row in rows.answers).items():
            self._answers.labels(verdict).inc(count)
        self._batches.inc()
        self._size.set(rows.head.size)
        self._epoch.set(rows.head.epoch)

    def text(self, publishing: bool) -> bytes:
        """The exposition text."""
        self._publishing.set(publishing)
        return generate_latest(self.registry)
