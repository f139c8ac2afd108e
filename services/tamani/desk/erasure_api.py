"""What an order of erasure must say of a notice, for whoever may read the notice; and how an erasure stands."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tamani.core.erasure.order import facts_of
from tamani.core.errors import RefusedError
from tamani.core.event import format_time
from tamani.core.policy import Reader
from tamani.core.registry import Registry
from tamani.desk.erasures import Erasure
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.tables import erasure

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Jeton inconnu ou révoqué / token unknown or revoked", **_PROBLEM},
    403: {"description": "Organisme non inscrit / body not enrolled", **_PROBLEM},
    404: {"description": "Rien que vous puissiez lire / nothing that you may read", **_PROBLEM},
    422: {"description": "Demande mal formée / malformed request", **_PROBLEM},
    503: {"description": "Réessayez / try again", **_PROBLEM},
}


class Companion(BaseModel):
    """Another notice of the same thread: an order does not reach it."""

    source: str
    id: str
    type: str
    title: str


class Present(BaseModel):
    """A notice that is there: what an order would say of it."""

    state: Literal["present"] = "present"
    facts: dict[str, str]
    title: str
    thread: list[Companion]


class Confirmed(BaseModel):
    """Where an order was carried out, and since when the region knows."""

    part: str = Field(description="desk/<country> or node/<name>")
    recorded: str


class Gone(BaseModel):
    """A notice that was erased: since when, why, by which order, who has confirmed and who has not."""

    state: Literal["erased"] = "erased"
    source: str
    id: str
    recorded: str
    basis: str
    reason: str
    order: str = Field(description="The officers' order, as signed: DSSE of application/vnd.tamani.erasure+json")
    confirmations: list[Confirmed]
    waiting: list[str]


class Erased(BaseModel):
    """The latest erasures that you could have read the notices of: whoever copied from here forgets these too."""

    erasures: list[Gone]


class ToConfirm(BaseModel):
    """What the region has not heard of yet."""

    orders: list[str] = Field(description="Names of orders in the log (hex)")


def build_erasures(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(responses=_REFUSALS, tags=["desk"])

    @routes.get("/v1/erasures")
    async def erasures(request: Request) -> Erased:
        """What was erased, newest first."""
        visitor = await desk.gate.admit(request)
        found = await desk.erasures.all(visitor.reader)
        return Erased(erasures=[gone(one, desk.registry.current) for one in found])

    @routes.get("/v1/erasures/to-confirm")
    async def to_confirm(request: Request) -> ToConfirm:
        """Orders that this desk has carried out, files and all: for a node of the country that confirms in its name."""
        desk.gate.admit_confirmer(request)
        return ToConfirm(orders=list(await desk.erasures.to_confirm()))

    @routes.get("/v1/erasures/{id}")
    async def one(request: Request, id: UUID) -> Annotated[Present | Gone, Field(discriminator="state")]:  # noqa: A002
        """How an erasure stands; of a notice that is there, what `tamani erase propose` asks."""
        visitor = await desk.gate.admit(request)
        try:
            return await present(desk, visitor.reader, await desk.queries.with_id(visitor.reader, str(id)))
        except RefusedError as error:
            if error.code.name != "refused.erased":
                raise
        return gone(await desk.erasures.one(visitor.reader, erasure.c.id == str(id)), desk.registry.current)

    return routes


async def present(desk: Desk, reader: Reader, notice: Notice) -> Present:
    """What an order would say of a notice, and what else its thread holds for this reader."""
    thread = await desk.queries.threads_of(reader, [notice])
    others = [one.row for one in thread if one.row.id != notice.row.id]
    return Present(
        facts=facts_of(notice.envelope, notice.event, format_time(notice.row.recordedtime)),
        title=notice.row.title,
        thread=[Companion(source=row.source, id=row.id, type=row.type, title=row.title) for row in others],
    )


def gone(found: Erasure, registry: Registry) -> Gone:
    """An erasure for programs."""
    order = found.order
    return Gone(
        source=order.source,
        id=order.id,
        recorded=format_time(found.recorded),
        basis=order.basis,
        reason=order.reason,
        order=found.signed.encode().decode(),
        confirmations=[Confirmed(part=one.part, recorded=format_time(one.recorded)) for one in found.confirmations],
        waiting=[str(part) for part in found.waiting(registry)],
    )
