"""How the desk is: `/healthz` for a supervisor, `/metrics` for an operator. Figures only, and none that counts notices.

A desk cut off from the region is well: it goes on reading, that is what it is for. How far it stands is said to this
machine alone, because the number of entries tells of notices that not everybody may read.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from tamani import __version__
from tamani.core.errors import RefusedError
from tamani.desk.pieces.tables import REFUSED, WAITING
from tamani.desk.service import Desk
from tamani.desk.tables import unreadable
from tamani.runtime.registry_door import registry_facts, watch_registry

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def build_health(desk: Desk) -> APIRouter:
    """The two routes."""
    routes = APIRouter(tags=["desk"])
    gauges = _Gauges()
    watch_registry(gauges.registry, "desk", lambda: desk.registry.current)

    @routes.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """Up and able to read, and what it knows of the region."""
        return await health(desk)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not desk.settings.metrics_open and (request.client is None or request.client.host not in LOOPBACK):
            raise RefusedError("refused.request.unknown")
        return Response(await gauges.text(desk), media_type=CONTENT_TYPE_LATEST)

    return routes


async def health(desk: Desk) -> dict[str, Any]:
    """The answer of `/healthz`.

    Raises:
        OutageError: `failed.database`: it cannot read.
    """
    place = await desk.queries.position()
    return {
        "status": "ok",
        "service": "desk",
        "country": desk.settings.country.value,
        "version": __version__,
        **registry_facts(desk.registry.current, desk.clock()),
        "feed": desk.mirror.health.broker,
        "archive": desk.mirror.health.archive,
        "listening": desk.hub.listening,
        "mail": desk.postman.state,
        "complete_at": place.read_until.isoformat(timespec="seconds") if place.read_until else None,
    }


class _Gauges:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._head = self._gauge("feed_index", "Last entry taken in")
        self._behind = self._gauge("behind_seconds", "Since when the mirror is not known to lack nothing")
        self._unreadable = self._gauge("unreadable", "Entries that cannot be shown")
        self._dropped = self._gauge("dropped", "Records of the feed that were no entries, since the start")
        self._clients = self._gauge("stream_clients", "Live readers connected")
        self._feed = self._gauge("feed_connected", "1 while the feed is followed")
        self._waiting = self._gauge("mail_waiting", "Letters that wait to be sent")
        self._refused = self._gauge("mail_failed", "Letters that their server has refused for good")
        self._pieces = self._gauge("pieces_waiting", "Files of archived notices that the region has not got yet")
        self._pieces_refused = self._gauge("pieces_refused", "Files that the region has refused for good")

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"tamani_desk_{name}", what, registry=self.registry)

    async def text(self, desk: Desk) -> bytes:
        """The exposition text, with the figures of this moment."""
        place = await desk.queries.position()
        async with desk.database.reading() as connection:
            self._unreadable.set(await connection.scalar(select(func.count()).select_from(unreadable)) or 0)
        self._head.set(place.head)
        if place.read_until is not None:
            self._behind.set(max(0.0, (desk.clock() - place.read_until).total_seconds()))
        self._dropped.set(desk.mirror.health.dropped)
        self._clients.set(desk.hub.count)
        self._feed.set(desk.mirror.health.broker == "ok")
        letters = await desk.postman.outbox.counts()
        self._waiting.set(letters.get("waiting", 0))
        self._refused.set(letters.get("failed", 0))
        pieces = await desk.pieces.on_lane()
        self._pieces.set(pieces.get(WAITING, 0) if desk.upward else 0)
        self._pieces_refused.set(pieces.get(REFUSED, 0))
        return generate_latest(self.registry)
