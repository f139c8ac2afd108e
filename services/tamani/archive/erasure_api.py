"""The door for orders of erasure. An order proves itself: nobody signs in, and nobody else's word is asked for."""

from fastapi import APIRouter, Request
from psycopg import OperationalError
from pydantic import BaseModel, Field

from tamani.archive.erasing import Eraser
from tamani.archive.store import Store
from tamani.archive.wire import instant
from tamani.archive.work import Worker
from tamani.core.erasure.order import MAX_ORDER
from tamani.core.errors import OutageError, RefusedError


class ErasedView(BaseModel):
    """What stands in the log for the notice."""

    order: str = Field(description="The order's name in the log: `env` of its entry (hex)")
    leaf_index: int = Field(description="The entry")
    recordedtime: str = Field(description="Since when the notice is erased")
    again: bool = Field(description="Whether it was erased before: then nothing has changed")


def build_erasures(worker: Worker) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["archive"])
    eraser = Eraser(Store("", worker.registry.digest), worker.registry, worker.memory, worker.clock)

    @routes.post("/v1/erasures")
    async def erase(request: Request) -> ErasedView:
        """Carry out an order that two officers have signed (`application/vnd.tamani.erasure+json` in DSSE)."""
        value = await _limited(request)
        try:
            async with worker.pool.connection() as connection:
                done = await eraser.erase(connection, value)
        except OperationalError as error:
            raise OutageError("failed.database") from error
        return ErasedView(
            order=done.order.hex(), leaf_index=done.leaf_index, recordedtime=instant(done.recorded), again=done.again
        )

    return routes


async def _limited(request: Request) -> bytes:
    """The body, if it may be an order: whoever comes to this door has not signed in."""
    value = b""
    async for part in request.stream():
        value += part
        if len(value) > MAX_ORDER:
            raise RefusedError("refused.erasure", f"> {MAX_ORDER}")
    return value
