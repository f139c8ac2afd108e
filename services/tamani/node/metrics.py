"""What a node counts, for Prometheus. Never a body, a subject nor an id: figures only."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from sqlalchemy import Connection, func, select

from tamani.core.errors import TamaniError
from tamani.core.names import Lane
from tamani.node import elsewhere, review_rows
from tamani.node.outbox import Outbox
from tamani.node.promises import ALARMS, ATTESTED
from tamani.node.promises import figures as log_figures
from tamani.node.tables import outbox as table


class Metrics:
    """The counters of one node, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        lane = ["lane"]
        self._posted = Counter("tamani_node_posts", "Posts by outcome", ["outcome"], registry=self.registry)
        self._sent = Counter("tamani_node_sent", "Notices acknowledged by the broker", lane, registry=self.registry)
        self._repeated = Counter("tamani_node_repeated", "Notices sent again", lane, registry=self.registry)
        self._answers = Counter("tamani_node_receipts", "Receipts by verdict", ["verdict"], registry=self.registry)
        self._depth = Gauge("tamani_node_outbox_open", "Notices not yet answered", lane, registry=self.registry)
        self._queued = Gauge("tamani_node_outbox_queued", "Notices not yet sent", lane, registry=self.registry)
        self._oldest = Gauge(
            "tamani_node_outbox_oldest_queued_seconds", "Age of the oldest unsent", lane, registry=self.registry
        )
        self._unproved = Gauge(
            "tamani_node_log_unattested",
            "Archived notices not yet proved under enough witnesses",
            registry=self.registry,
        )
        self._broken = Gauge(
            "tamani_node_log_alarms", "Notices whose promised entry is missing or elsewhere", registry=self.registry
        )
        self._strays = Gauge(
            "tamani_node_key_elsewhere",
            "Notices archived under keys of ours that this node never sealed",
            registry=self.registry,
        )
        self._unseen = Gauge(
            "tamani_node_to_validate", "Notices that wait for a second person of their body", registry=self.registry
        )
        self._heard = Gauge("tamani_node_bus_connected", "1 while the lane is connected", lane, registry=self.registry)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count a post by its outcome: `accepted` or the code of the refusal."""
        try:
            yield
        except TamaniError as error:
            self._posted.labels(error.code.name).inc()
            raise
        self._posted.labels("accepted").inc()

    def sent(self, lane: Lane, count: int) -> None:
        """The broker has acknowledged so many."""
        self._sent.labels(lane.value).inc(count)

    def repeated(self, lane: Lane, count: int) -> None:
        """So many go again for want of a receipt."""
        self._repeated.labels(lane.value).inc(count)

    def answered(self, verdict: str) -> None:
        """A receipt was about a notice of ours."""
        self._answers.labels(verdict).inc()

    async def text(self, outbox: Outbox, connected: dict[Lane, bool], counting: Collection[str]) -> bytes:
        """The exposition text, with the figures of this moment; `counting`: the keys that nobody has silenced."""
        waiting = await outbox.read(queue_figures)
        standing = await outbox.read(log_figures)
        self._unproved.set(sum(standing.values()) - standing.get(ATTESTED, 0))
        self._broken.set(sum(standing.get(state, 0) for state in ALARMS))
        self._unseen.set(await outbox.read(review_rows.waiting))
        self._strays.set(await outbox.read(lambda c: elsewhere.count(c, counting)))
        now = outbox.now()
        for lane in Lane:
            depth, queued, oldest = waiting.get(lane, (0, 0, None))
            self._depth.labels(lane.value).set(depth)
            self._queued.labels(lane.value).set(queued)
            self._oldest.labels(lane.value).set(0 if oldest is None else (now - oldest) / 1000)
            self._heard.labels(lane.value).set(connected.get(lane, False))
        return generate_latest(self.registry)


def queue_figures(connection: Connection) -> dict[Lane, tuple[int, int, int | None]]:
    """For each lane: notices not yet answered, of these not yet sent, and since when (ms) the oldest of these waits."""
    queued = table.c.queued
    figures = (
        select(
            table.c.lane,
            func.count(),
            func.count().filter(queued),
            func.min(table.c.created_at).filter(queued),
        )
        .where(table.c.closed_at.is_(None))
        .group_by(table.c.lane)
    )
    return {Lane(lane): (depth, waiting, oldest) for lane, depth, waiting, oldest in connection.execute(figures)}
