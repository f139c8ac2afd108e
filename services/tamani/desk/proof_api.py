"""The file that proves a notice, for whoever may read the notice: by its number here, or by its id at any site."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from tamani.core.bundle import ENDING, MEDIA_TYPE
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

Number = Annotated[int, Path(ge=1, le=10**18)]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"description": "Rien que vous puissiez lire ou prouver / nothing that you may read or prove", **_PROBLEM},
    503: {"description": "Pas encore attesté / not attested yet", **_PROBLEM},
}


def build_proofs(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(responses=_REFUSALS, tags=["desk"])

    async def proof_of(request: Request, visitor: Visitor, notice: Notice) -> Response:
        mine = notice.row.source == visitor.reader.body
        receipt = await desk.posting.receipt(request, desk.gate.cookie, notice.row.id) if mine else ""
        body = await desk.attestations.proof(notice, receipt)
        name = f'attachment; filename="{notice.row.id}{ENDING}"'
        return answer(request, body, MEDIA_TYPE, visitor, {"Content-Disposition": name})

    @routes.get("/v1/records/{feed_index}/proof")
    async def by_number(request: Request, feed_index: Number) -> Response:
        """Everything that proves this notice, in one file: see `tamani proof verify`."""
        visitor = await desk.gate.admit(request)
        return await proof_of(request, visitor, await desk.queries.one(visitor.reader, feed_index))

    @routes.get("/v1/proofs/{id}")
    async def by_id(request: Request, id: UUID) -> Response:  # noqa: A002
        """The same, by the notice's own id."""
        visitor = await desk.gate.admit(request)
        return await proof_of(request, visitor, await desk.queries.with_id(visitor.reader, str(id)))

    return routes
