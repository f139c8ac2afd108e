"""*À valider*: what waits for a second person of the body, read as it will be seen, with its readers named.

The node decides who may do what; a page only spares the click that it would refuse.
"""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from tamani.core.errors import TamaniError
from tamani.core.roles import Role
from tamani.core.second_person import Why
from tamani.desk.gate import Visitor
from tamani.desk.pages.as_read import Unsealed, as_read
from tamani.desk.pages.documents import attachments_in
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.naming import with_titles
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.showing import show
from tamani.desk.pages.two_people import WHY
from tamani.desk.reviews import Review, ReviewDoor
from tamani.desk.service import Desk

# The address's word → the node's step.
STEPS = {
    "valider": "approve",
    "renvoyer": "send-back",
    "refuser": "refuse",
    "reprendre": "take-back",
    "abandonner": "drop",
}
STATES = {
    "to-validate": (_("À valider"), "warn"),
    "sent-back": (_("Renvoyé à l'auteur"), "warn"),
    "released": (_("Validé"), "good"),
    "refused": (_("Refusé"), "stop"),
}
ACTS = {
    "written": _("a écrit"),
    "approve": _("a validé"),
    "send-back": _("a renvoyé à l'auteur"),
    "refuse": _("a refusé"),
    "take-back": _("a repris"),
    "drop": _("a renoncé"),
    "late": _("Personne n'a validé à temps"),
    "alone": _("a publié, sans seconde personne"),
}
Word = Literal["valider", "renvoyer", "refuser", "reprendre", "abandonner"]


class Said(BaseModel):
    """The form of a step: which content was read, and what the author is told."""

    vu: str = ""
    remarque: str = ""


def build_reviews(desk: Desk) -> APIRouter:
    """The routes of the second pair of eyes."""
    routes = APIRouter(include_in_schema=False, prefix="/a-valider")
    officer: Any = officer_who_posts(desk)

    @routes.get("")
    async def waiting(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        who = visitor.as_officer()
        found = await ReviewDoor(desk.posting).open(_cookie(desk, request))
        listed = [_listed(desk, request, one) for one in found]
        shown: dict[str, Any] = {
            "waiting": [one for one in listed if one["state"] == "to-validate" and not one["yours"]],
            "mine": [one for one in listed if one["yours"]],
            "back": [one for one in listed if one["state"] == "sent-back" and not one["yours"]],
            "may": Role.VALIDATOR in who.roles,
        }
        return show(desk, request, "reviews.html", visitor, **shown)

    @routes.get("/{id}")
    async def one(request: Request, id: UUID) -> Response:  # noqa: A002
        return await _page(desk, request, await desk.gate.admit(request), str(id))

    @routes.post("/{id}/{word}")
    async def act(
        request: Request,
        id: UUID,  # noqa: A002
        word: Word,
        visitor: Annotated[Visitor, officer],
        given: Annotated[Said, Form()],
    ) -> Response:
        door, cookie = ReviewDoor(desk.posting), _cookie(desk, request)
        told = {"seen": given.vu, "remark": given.remarque}
        try:
            before = await door.one(cookie, str(id))
            done = await door.act(cookie, str(id), STEPS[word], told)
        except TamaniError as error:
            return await _page(desk, request, visitor, str(id), error=error, remark=given.remarque)
        if done.state in {"released", "refused"}:
            await asyncio.to_thread(desk.accounts.drafts.drop_posted, visitor.as_officer().source, str(id))
        if done.state == "refused" and attachments_in((before.draft or {}).get("data", {})):
            await desk.pieces.give_up(visitor.as_officer().source, str(id))
        return RedirectResponse(f"/a-valider/{id}", 303)

    return routes


async def for_me(desk: Desk, request: Request, visitor: Visitor) -> list[dict[str, Any]]:
    """What this officer may release, for the first page: nothing where they have not the role."""
    if Role.VALIDATOR not in visitor.as_officer().roles or not desk.posting.there:
        return []
    found = await ReviewDoor(desk.posting).open(_cookie(desk, request))
    return [_listed(desk, request, one) for one in found if one.state == "to-validate" and not one.yours]


async def _page(
    desk: Desk, request: Request, visitor: Visitor, id_: str, *, error: TamaniError | None = None, remark: str = ""
) -> Response:
    who = visitor.as_officer()
    found = await ReviewDoor(desk.posting).one(_cookie(desk, request), id_)
    shown: dict[str, Any] = {
        "one": _listed(desk, request, found),
        "read": await _read(desk, request, visitor, found),
        "subject": (found.draft or {}).get("subject"),
        "digest": found.digest,
        "remark": found.remark,
        "typed": remark,
        "done": [(viewer_of(desk, request).dates.both(act.at), act.by, ACTS[act.act]) for act in found.done],
        "may": Role.VALIDATOR in who.roles and not found.yours,
        # What a program or an imported table said has no form to go back to.
        "form": found.yours and await asyncio.to_thread(desk.accounts.drafts.holds, who, id_),
    }
    return show(desk, request, "review.html", visitor, error, **shown)


async def _read(desk: Desk, request: Request, visitor: Visitor, found: Review) -> dict[str, Any] | None:
    if found.draft is None:
        return None
    told, audience = found.draft, tuple(sorted(set(found.draft["audience"])))
    said = Unsealed(told["type"], told["profile"], told["tlp"], audience, told["data"])
    viewer = await with_titles(desk.queries, visitor.reader, viewer_of(desk, request), said.data)
    return await as_read(desk, request, visitor.as_officer().source, said, viewer)


def _listed(desk: Desk, request: Request, one: Review) -> dict[str, Any]:
    viewer, draft = viewer_of(desk, request), one.draft or {"type": "", "profile": "", "tlp": ""}
    word, tone = STATES[one.state]
    return {
        "id": one.id,
        "state": one.state,
        "word": word,
        "tone": tone,
        "title": one.title,
        "kind": viewer.labels.type(draft["type"]),
        "profile": viewer.labels.profile(draft["type"], draft["profile"]),
        "tlp": draft["tlp"],
        "author": one.author,
        "yours": one.yours,
        "when": viewer.dates.both(one.changed),
        "why": WHY[Why(one.why)],
    }


def _cookie(desk: Desk, request: Request) -> str:
    return request.cookies.get(desk.gate.cookie, "")
