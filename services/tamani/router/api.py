"""How a router worker is: `/healthz` for a supervisor, `/metrics` for an operator."""

from typing import Any

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from tamani import __version__
from tamani.core.errors import RefusedError
from tamani.router.work import Worker
from tamani.runtime.clock import system_clock
from tamani.runtime.problems import install_problems
from tamani.runtime.registry_door import registry_facts

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def build_app(worker: Worker) -> FastAPI:
    """The application of one worker."""
    app = FastAPI(title="Tamani router", version=__version__)
    install_problems(app)

    @app.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """Up, and what it is doing. A worker that waits for the broker is well; one at its limit says so."""
        return {
            "status": "halted" if worker.forwarder.halted else "ok",
            "service": "router",
            "instance": worker.settings.instance,
            "version": __version__,
            "state": worker.state,
            **registry_facts(worker.registry.current, system_clock()),
        }

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not worker.settings.metrics_open and (request.client is None or request.client.host not in LOOPBACK):
            raise RefusedError("refused.request.unknown")
        return Response(worker.metrics.text(bool(worker.forwarder.halted)), media_type=CONTENT_TYPE_LATEST)

    return app
