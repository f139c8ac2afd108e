"""The HTTP door of a node: the only way to the bus. Translates; decides nothing."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from tamani.core.envelope import MAX_EVENT, MAX_VALUE
from tamani.core.errors import RefusedError
from tamani.core.sealed_package import MAX_PACKAGE, MEDIA_TYPE, Package
from tamani.node import elsewhere, review_rows, rows
from tamani.node.body import parse, read_body
from tamani.node.door import Door
from tamani.node.drafts import Draft, read_draft
from tamani.node.faults import InvalidError
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.node.publish import Publisher
from tamani.node.review_api import make_review_routes
from tamani.node.review_rules import UNSEALED
from tamani.node.review_views import held_view, waiting_view
from tamani.node.reviewing import Held, Reviews
from tamani.node.views import (
    AcceptedView,
    MessageView,
    PageView,
    State,
    StraysView,
    accepted_view,
    message_view,
    strays_view,
)
from tamani.runtime.problems import install_problems, lang_of, problem
from tamani.runtime.routes import join

# JSON may write one character of text as six; what counts is the sealed event, judged later.
MAX_DRAFT = 2 * MAX_EVENT
MOST_STRAYS = 100
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "JSON ou enveloppe illisible / unreadable JSON or envelope", **_PROBLEM},
    401: {"description": "Jeton absent, inconnu ou révoqué / token missing, unknown or revoked", **_PROBLEM},
    403: {"description": "Non permis / not allowed", **_PROBLEM},
    404: {"description": "Inconnu ici / unknown here", **_PROBLEM},
    409: {"description": "Identifiant déjà employé / id already used", **_PROBLEM},
    413: {"description": "Trop volumineux / too large", **_PROBLEM},
    415: {"description": "Autre chose que du JSON / something else than JSON", **_PROBLEM},
    422: {"description": "Contenu invalide, champ par champ / invalid content, field by field", **_PROBLEM},
    503: {"description": "Réessayez / try again", **_PROBLEM},
}


def _body_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The request body for OpenAPI: it is read and capped by hand, so FastAPI cannot know it."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_ENVELOPE = {"type": "object", "required": ["payloadType", "payload", "signatures"], "title": "DSSE v1.0.2"}
_BASE64 = {"type": "string", "contentEncoding": "base64"}
_PACKAGE = {
    "type": "object",
    "required": ["envelope", "capsules"],
    "properties": {"envelope": _BASE64, "capsules": {"type": "object", "additionalProperties": _BASE64}},
}
_ENVELOPES = _body_of(_ENVELOPE)
_ENVELOPES["requestBody"]["content"][MEDIA_TYPE] = {"schema": _PACKAGE}
_BEARER = {"type": "http", "scheme": "bearer"}


def _posting(publisher: Publisher, reviews: Reviews, door: Door, metrics: Metrics) -> APIRouter:
    routes = APIRouter(prefix="/v1", responses=_REFUSALS, tags=["node"])

    @routes.post("/messages", status_code=202, openapi_extra=_body_of(Draft.model_json_schema()))
    async def say(request: Request, response: Response) -> AcceptedView:
        """Say a notice: it is checked, sealed with your body's key and kept; `202` means that it cannot be lost.

        What a second person must release is kept unsealed until then (`to-validate`).
        """
        with metrics.counting():
            who = await door.poster(request)
            draft = read_draft(parse(await read_body(request, MAX_DRAFT)))
            said = await reviews.say(who, draft)
        response.headers["Location"] = f"/v1/messages/{said.id}"
        return held_view(said) if isinstance(said, Held) else accepted_view(said)

    @routes.post("/envelopes", status_code=202, openapi_extra=_ENVELOPES)
    async def pass_on(request: Request, response: Response) -> AcceptedView:
        """Hand over an envelope that your body signed with its own key elsewhere; it travels untouched.

        A sealed notice comes with its capsules (`application/vnd.tamani.sealed+json`).
        """
        with metrics.counting():
            who = await door.poster(request)
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() == MEDIA_TYPE:
                package = Package.parse(await read_body(request, MAX_PACKAGE))
                accepted = await publisher.pass_on(who.source, package.envelope, package.capsules)
            else:
                accepted = await publisher.pass_on(who.source, await read_body(request, MAX_VALUE))
        response.headers["Location"] = f"/v1/messages/{accepted.id}"
        return accepted_view(accepted)

    return routes


def _following(reviews: Reviews, outbox: Outbox, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/v1", responses=_REFUSALS, tags=["node"])

    @routes.get("/messages/{message_id}")
    async def show(request: Request, message_id: str) -> MessageView:
        """Where one of your notices stands."""
        source = (await door.poster(request)).source
        row = await outbox.read(lambda c: rows.find(c, source, message_id) or rows.find_spent(c, source, message_id))
        if row is not None:
            return message_view(row)
        held = await outbox.read(lambda c: review_rows.find(c, source, message_id))
        if held is None:
            raise RefusedError("refused.request.notice")
        return waiting_view(reviews, held)

    @routes.get("/messages/{message_id}/receipt")
    async def receipt(request: Request, message_id: str) -> Response:
        """The region's signed promise of one of your notices, byte for byte: which entry of the log it is."""
        source = (await door.poster(request)).source
        row = await outbox.read(lambda c: rows.find(c, source, message_id))
        if row is None or row.promise is None:
            raise RefusedError("refused.request.notice")
        return Response(row.promise, media_type="application/json")

    return routes


def _listing(reviews: Reviews, outbox: Outbox, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/v1", responses=_REFUSALS, tags=["node"])

    @routes.get("/messages")
    async def page(
        request: Request,
        state: State | Literal["open"] | None = None,
        before: int | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> PageView:
        """Your notices, newest first. `state=open` are those that the region has not answered for.

        The first page begins with those that were not sealed: they count towards no `limit`.
        """
        source = (await door.poster(request)).source
        states = UNSEALED if state is None else UNSEALED & {state}
        held = await outbox.read(lambda c: review_rows.listed(c, source, states, limit)) if before is None else ()
        found = await outbox.read(lambda c: rows.page(c, source, state, before, limit))
        more = found[-1].row_no if len(found) == limit else None
        listed = [waiting_view(reviews, row) for row in held] + [message_view(row) for row in found]
        return PageView(messages=listed, next=more)

    return routes


def _alarms(outbox: Outbox, door: Door) -> APIRouter:
    routes = APIRouter(prefix="/v1", responses=_REFUSALS, tags=["node"])

    @routes.get("/elsewhere")
    async def strays(request: Request) -> StraysView:
        """What was archived under your body's keys and did not leave from here: whoever said it has the key, too."""
        source = (await door.poster(request)).source
        return strays_view(await outbox.read(lambda c: elsewhere.listed(c, source, MOST_STRAYS)))

    return routes


def build_app(publisher: Publisher, reviews: Reviews, outbox: Outbox, door: Door, metrics: Metrics) -> FastAPI:
    """The node's application; a site serves it beside the desk's."""
    app = FastAPI(title="Tamani : poster / post", version="1", docs_url=None, redoc_url=None)
    install_problems(app)

    async def invalid(request: Request, error: InvalidError) -> JSONResponse:
        return problem(error.code, error.detail, lang_of(request), faults=error.listed)

    app.exception_handler(InvalidError)(invalid)
    join(app, _posting(publisher, reviews, door, metrics), _following(reviews, outbox, door))
    join(app, _listing(reviews, outbox, door), _alarms(outbox, door))
    join(app, make_review_routes(reviews, outbox, door, _REFUSALS))
    return app
