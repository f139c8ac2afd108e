"""The registry for whoever asks: `GET /v1/registry` gives the bundle as it was received, and how it stands is told.

It holds nothing secret: names of institutions and public keys. A site, an auditor or another region takes it from any
of us, since it proves itself.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Gauge

from tamani.core.errors import OutageError
from tamani.core.event import format_time
from tamani.core.registry import Registry
from tamani.core.trust.standing import warning
from tamani.runtime.registry import RegistryHolder


def registry_routes(holder: RegistryHolder) -> APIRouter:
    """The one route."""
    routes = APIRouter(tags=["registry"])

    @routes.get("/v1/registry")
    async def registry(request: Request) -> Response:
        """The newest registry held here, as its exact bytes: roots, officers' files, documents, signatures."""
        value = holder.value
        if value is None:
            raise OutageError("failed.registry")
        tag = f'"{hashlib.sha256(value).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(value, media_type="application/json", headers=headers)

    return routes


def registry_facts(registry: Registry, now: datetime) -> dict[str, Any]:
    """For `/healthz`: the version, until when officers have signed, and which reminder is due (60, 30, 7, over)."""
    expires = registry.expires
    return {
        "registry": registry.version,
        "registry_expires": format_time(expires) if expires else None,
        "registry_warning": warning(expires, now) if expires else "",
    }


def watch_registry(metrics: CollectorRegistry, service: str, registry: Callable[[], Registry]) -> None:
    """Gauges for `/metrics`: the version held, and the instants (Unix) at which its words run out; 0: none known."""
    gauges: dict[str, tuple[str, Callable[[], float]]] = {
        "version": ("Version of the registry held", lambda: registry().version),
        "expires_seconds": ("When officers should have signed again (Unix)", lambda: _unix(registry().expires)),
        "fresh_until_seconds": ("Until when it is said to be the newest (Unix)", lambda: _unix(registry().fresh_until)),
    }
    for name, (what, value) in gauges.items():
        Gauge(f"tamani_{service}_registry_{name}", what, registry=metrics).set_function(value)


def _unix(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
