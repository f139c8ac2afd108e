"""A witness over HTTP: checkpoints are brought to it (C2SP tlog-witness), its copy is read by anybody (tlog-tiles)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from tamani import __version__
from tamani.core.errors import RefusedError, TamaniError
from tamani.core.event import format_time
from tamani.runtime.log_requests import Env, Wanted
from tamani.runtime.problems import install_problems
from tamani.runtime.routes import join
from tamani.witness import alarms
from tamani.witness.cosigner import Cosigned
from tamani.witness.request import MAX_REQUEST
from tamani.witness.service import Service
from tamani.witness.state import read_last
from tamani.witness.watch import Look

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FRESH = {"Cache-Control": "no-cache"}


def build_app(service: Service) -> FastAPI:
    """The application of one witness."""
    app = FastAPI(title="Tamani witness", version=__version__)
    install_problems(app)
    join(app, _cosigning(service), _copy(service), _figures(service))
    return app


def _cosigning(service: Service) -> APIRouter:
    routes = APIRouter(tags=["witness"])

    @routes.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint."""
        try:
            answer = await asyncio.to_thread(service.cosigner.add_checkpoint, await _body(request))
        except TamaniError as error:
            service.metrics.answered(error.code.status)
            raise
        if isinstance(answer, Cosigned):
            service.metrics.answered(200)
            return Response(answer.line, media_type="text/plain; charset=utf-8")
        service.metrics.answered(409)
        # Not through `media_type`, which would add a charset: the specification gives the type exactly.
        return Response(f"{answer.size}\n".encode(), 409, headers={"Content-Type": "text/x.tlog.size"})

    return routes


async def _body(request: Request) -> bytes:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_REQUEST:
            raise RefusedError("refused.witness.request", f"> {MAX_REQUEST}")
    return content


def _copy(service: Service) -> APIRouter:
    routes = APIRouter(tags=["log"], prefix="/log")

    @routes.get("/checkpoint")
    def checkpoint() -> Response:
        """The checkpoint that was cosigned last."""
        return Response(service.served.checkpoint(), media_type="text/plain; charset=utf-8", headers=FRESH)

    @routes.get("/tile/{path:path}")
    def tile(path: str) -> Response:
        """Hashes, or entries, of the copy."""
        content = service.served.tile(f"tile/{path}")
        return Response(content, media_type="application/octet-stream", headers=FOREVER)

    @routes.get("/proof/{env}")
    def proof(env: Env) -> Response:
        """The file that proves one entry."""
        content = service.served.proof(bytes.fromhex(env))
        return Response(content, media_type="text/plain; charset=utf-8", headers=FRESH)

    @routes.post("/proofs")
    def proofs(wanted: Wanted) -> dict[str, Any]:
        """Proofs of many entries under one checkpoint."""
        return service.served.proofs([bytes.fromhex(env) for env in wanted.env])

    return routes


def _figures(service: Service) -> APIRouter:
    routes = APIRouter(tags=["operators"])

    @routes.get("/healthz")
    def healthz() -> dict[str, Any]:
        """Up; and whether it has anything to say that cannot wait."""
        with service.database.reading() as db:
            open_ = sorted({alarm.code for alarm in alarms.alarms(db)})
        return {
            "status": "alarm" if open_ else "ok",
            "service": "witness",
            "country": service.settings.country,
            "version": __version__,
            "alarms": open_,
        }

    _add_standing(routes, service)

    @routes.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        """For this machine alone, unless it is told otherwise."""
        if not service.settings.metrics_open and (request.client is None or request.client.host not in LOOPBACK):
            raise RefusedError("refused.request.unknown")
        with service.database.reading() as db:
            text = service.metrics.text(read_last(db), alarms.alarms(db))
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return routes


def _add_standing(routes: APIRouter, service: Service) -> None:
    """What it has seen, and the files that prove what is wrong."""

    @routes.get("/v1/status")
    def status() -> dict[str, Any]:
        """How far it cosigned, what it saw elsewhere, and every alarm that stands, in words."""
        with service.database.reading() as db:
            last, found = read_last(db), alarms.alarms(db)
        return {
            "country": service.settings.country,
            "size": last.size,
            "root": last.root.hex(),
            "cosigned": _moment(last.time) if last.time else None,
            "looks": {name: _look(look) for name, look in service.watch.looks.items()},
            "alarms": [_alarm(alarm) for alarm in found],
        }

    @routes.get("/v1/evidence/{number}")
    def evidence(number: int) -> Response:
        """The file that proves an alarm to anybody."""
        with service.database.reading() as db:
            alarm = alarms.find_alarm(db, number)
        if alarm is None or alarm.conflict is None:
            raise RefusedError("refused.request.unknown", str(number))
        return Response(alarm.conflict, media_type="application/json")


def _moment(seconds: int) -> str:
    return format_time(datetime.fromtimestamp(seconds, UTC))


def _look(look: Look) -> dict[str, Any]:
    return {"at": _moment(look.at), "size": look.size, "wrong": look.wrong}


def _alarm(alarm: alarms.Alarm) -> dict[str, Any]:
    return {
        "number": alarm.number,
        "code": alarm.code,
        "since": _moment(alarm.since),
        "detail": alarm.detail,
        "fr": alarm.sentence("fr"),
        "en": alarm.sentence("en"),
        "provable": alarm.conflict is not None,
    }
