"""What an archive worker counts, for Prometheus. Figures only."""

from collections import Counter as Count
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from tamani.archive.ledger import Rows
from tamani.core.event import parse_time


class Metrics:
    """The counters of one worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter("tamani_archive_answers", "Answers by verdict", ["verdict"], registry=self.registry)
        self._batches = Counter("tamani_archive_batches", "Transactions committed", registry=self.registry)
        self._size = Gauge("tamani_archive_size", "Notices in the ledger", registry=self.registry)
        self._epoch = Gauge("tamani_archive_epoch", "Number of the ledger's history", registry=self.registry)
        self._publishing = Gauge("tamani_archive_publishing", "1 while this worker publishes", registry=self.registry)
        self._lag = Gauge("tamani_archive_lag", "Records of the region not yet in the ledger", registry=self.registry)
        self._untold = Gauge("tamani_archive_answers_pending", "Answers not yet published", registry=self.registry)
        self._feeds = Gauge("tamani_archive_feed_pending", "Entries not yet published", ["cc"], registry=self.registry)
        self._leaves = Gauge("tamani_archive_log_size", "Entries of the log", registry=self.registry)
        self._signed = Gauge("tamani_archive_log_signed", "Entries under a signed checkpoint", registry=self.registry)
        self._attested = Gauge(
            "tamani_archive_log_attested",
            "Entries under a checkpoint that enough witnesses saw",
            registry=self.registry,
        )
        self._attested_age = Gauge(
            "tamani_archive_log_attested_age_seconds",
            "Since enough witnesses had cosigned (-1: never)",
            registry=self.registry,
        )
        self._findings = Gauge(
            "tamani_archive_findings_untold",
            "Facts found (contest, gap, silence) that no notice tells",
            registry=self.registry,
        )
        self._pieces = Gauge("tamani_archive_pieces_bytes", "Bytes of files held for notices", registry=self.registry)
        self._unfinished = Gauge(
            "tamani_archive_pieces_unfinished", "Files that have come in part", registry=self.registry
        )
        self._refusing = Gauge(
            "tamani_archive_log_refusing", "1 while the log refuses to sign: it went back", registry=self.registry
        )
        self._last = Gauge(
            "tamani_archive_last_recorded_seconds", "When a notice was last recorded (Unix)", registry=self.registry
        )

    def written(self, rows: Rows) -> None:
        """A transaction was committed."""
        for verdict, count in Count(row[2] for row in rows.answers).items():
            self._answers.labels(verdict).inc(count)
        self._batches.inc()
        self._size.set(rows.head.size)
        self._epoch.set(rows.head.epoch)

    def status(self, found: dict[str, Any]) -> None:
        """What the ledger and the broker say at this moment (`status.read_status`)."""
        self._size.set(found["size"])
        self._epoch.set(found["epoch"])
        self._untold.set(found["answers_pending"])
        for cc, pending in found["feeds_pending"].items():
            self._feeds.labels(cc).set(pending)
        self._log(found["log"])
        self._findings.set(found["findings_untold"])
        self._pieces.set(found["pieces"]["bytes"])
        self._unfinished.set(found["pieces"]["unfinished"])
        if found["lag"] is not None:
            self._lag.set(found["lag"])
        if found["last_recorded"] is not None:
            self._last.set(parse_time(found["last_recorded"]).timestamp())

    def _log(self, found: dict[str, Any]) -> None:
        self._leaves.set(found["leaves"])
        self._signed.set(found["signed"])
        self._attested.set(found["attested"])
        self._attested_age.set(-1 if found["attested_age"] is None else found["attested_age"])

    def text(self, publishing: bool, refusing: bool = False) -> bytes:
        """The exposition text."""
        self._publishing.set(publishing)
        self._refusing.set(refusing)
        return generate_latest(self.registry)
