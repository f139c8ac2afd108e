"""How the node is, for a supervisor and an operator: `/healthz` and `/metrics`.

A node cut off from the bus is well: it goes on taking notices, that is what it is for. So being alone is said, not
counted as a failure.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from tamani import __version__
from tamani.core.errors import RefusedError
from tamani.core.names import Lane
from tamani.core.policy import key_state
from tamani.core.registry import Registry
from tamani.node import elsewhere
from tamani.node.metrics import Metrics, queue_figures
from tamani.node.outbox import Outbox
from tamani.node.promises import figures as log_figures
from tamani.node.settings import NodeSettings
from tamani.runtime.clock import system_clock
from tamani.runtime.registry_door import registry_facts

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def make_health(
    settings: NodeSettings,
    *,
    outbox: Outbox,
    metrics: Metrics,
    registry: Callable[[], Registry],
    connected: Callable[[], dict[Lane, bool]],
) -> APIRouter:
    """The two routes."""
    routes = APIRouter(tags=["node"])

    @routes.get("/healthz")
    async def healthz(request: Request) -> dict[str, Any]:
        """Up, and what it knows of the region; to this machine alone, how much waits."""
        facts = {
            "status": "ok",
            "service": "node",
            "name": settings.name,
            "version": __version__,
            **registry_facts(registry(), system_clock()),
            "bus": {lane.value: up for lane, up in connected().items()},
        }
        return facts | await waiting() if trusted(request) else facts

    async def waiting() -> dict[str, Any]:
        figures = await outbox.read(queue_figures)
        return {
            "open": {lane.value: figures.get(lane, (0, 0, None))[0] for lane in Lane},
            "queued": {lane.value: figures.get(lane, (0, 0, None))[1] for lane in Lane},
            "log": await outbox.read(log_figures),
            "key_elsewhere": await outbox.read(lambda c: elsewhere.count(c, counting())),
        }

    def counting() -> list[str]:
        """The keys that officers have not silenced."""
        now = system_clock()
        return [row.keyid for row in registry().keys if key_state(row, now) is None]

    def trusted(request: Request) -> bool:
        return settings.metrics_open or (request.client is not None and request.client.host in LOOPBACK)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics_text(request: Request) -> Response:
        if not trusted(request):
            raise RefusedError("refused.request.unknown")
        return Response(await metrics.text(outbox, connected(), counting()), media_type=CONTENT_TYPE_LATEST)

    return routes
