"""From a notice's page: answer what is asked of us, and pass a notice on with a day by which we want an answer."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import uuid_utils
from fastapi import APIRouter, Request, Response

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.policy import NAMED
from tamani.core.rights import may_post
from tamani.core.roles import Role
from tamani.desk.demands.asking import ANSWER, REQUEST
from tamani.desk.demands.standing import asks, owes
from tamani.desk.forms.inputs import inputs_of
from tamani.desk.forms.layout import Layout, layout_of
from tamani.desk.gate import Visitor
from tamani.desk.pages.about import About, check_right, first_form, take
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of
from tamani.desk.pages.publish import given_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

LONGEST_TITLE = 120
# What is asked when a notice is passed on: an opinion on a text of law, else information.
PASSED_ON = {
    "avis": (("head.title", "addressed_to", "due", "questions", "head.summary"), {"status": "asked"}),
    "question": (
        ("head.title", "addressed_to", "due", "text", "head.summary"),
        {"status": "asked", "question_kind": "information"},
    ),
}
Build = Callable[[Desk, Request, Visitor, Notice, Story], About]


def build_exchanging(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    def add(path: str, build: Build) -> None:
        @routes.get("/avis/{country}/{body}/{id}" + path)
        async def ask(request: Request, country: Country, body: str, id: UUID) -> Response:  # noqa: A002
            visitor = await desk.gate.admit(request)
            visitor.as_officer(Role.POSTER)
            found = await _found(desk, visitor, f"/{country}/{body}", str(id))
            about = build(desk, request, visitor, *found)
            return await first_form(desk, request, visitor, about, str(uuid_utils.uuid7()))

        @routes.post("/avis/{country}/{body}/{id}" + path)
        async def say(
            request: Request,
            country: Country,
            body: str,
            id: UUID,  # noqa: A002
            visitor: Annotated[Visitor, poster],
        ) -> Response:
            found = await _found(desk, visitor, f"/{country}/{body}", str(id))
            return await take(desk, request, visitor, build(desk, request, visitor, *found), await given_of(request))

    add("/repondre", make_reply)
    add("/transmettre", make_forward)
    return routes


async def _found(desk: Desk, visitor: Visitor, source: str, id_: str) -> tuple[Notice, Story]:
    """The notice and its thread, if the reader may read it and it can be spoken of in the open."""
    found = await desk.queries.said(visitor.reader, source, id_)
    story = Story.of(await desk.queries.threads_of(visitor.reader, [found]))
    if found.row.type == SEALED.name or found.row.system or story.hides(found):
        raise RefusedError("refused.request.notice")
    return found, story


def make_reply(desk: Desk, request: Request, visitor: Visitor, notice: Notice, story: Story) -> About:
    """An answer in the request's thread, for who asks and whom they named.

    Raises:
        RefusedError: `refused.policy.type`; `refused.transition`: nothing is asked; `refused.transition.role`.
    """
    row, body = notice.row, visitor.as_officer().source
    check_right(desk, visitor, ANSWER, row.profile)
    if row.type != REQUEST or not asks(story, notice):
        raise RefusedError("refused.transition", row.type)
    if not owes(story, notice, body) and body not in (notice.event.data.get("addressed_to") or ()):
        raise RefusedError("refused.transition.role", body)
    target = {"source": row.source, "id": row.id}
    readers = tuple(sorted({row.source, *row.audience} - {body}))
    return About(
        notice=notice,
        layout=layout_of(ANSWER, row.profile),
        heading=_say(request, _("Répondre à une demande")),
        action=page_path(row.source, row.id) + "/repondre",
        subject=row.thread,
        fixed={"target": target, "head": {"refs": [target | {"rel": "replies"}]}},
        given={"d.head.title": [_title(_("Réponse"), row.title)]},
        audience=lambda _data: readers,
    )


def make_forward(desk: Desk, request: Request, visitor: Visitor, notice: Notice, story: Story) -> About:
    """A request about the notice, to bodies that may read it, with a day.

    Raises:
        RefusedError: `refused.policy.type`: this body may ask for neither an opinion nor information.
    """
    del story
    row, body = notice.row, visitor.as_officer().source
    profile = _asked_as(desk, body, row.type)
    check_right(desk, visitor, REQUEST, profile)
    target = {"source": row.source, "id": row.id}
    named = {"text": target} if profile == "avis" else {}
    return About(
        notice=notice,
        layout=_passing_on(profile),
        heading=_say(request, _("Transmettre avec échéance")),
        action=page_path(row.source, row.id) + "/transmettre",
        subject=None,
        fixed=named | {"head": {"refs": [target | {"rel": "replies"}]}},
        given={"d.head.title": [_title(_("Pour suite"), row.title)]},
        audience=lambda data: tuple(sorted(set(data.get("addressed_to") or ()) - {body})),
        among=frozenset({row.source, *row.audience} - {body}) if row.tlp in NAMED else None,
    )


def _asked_as(desk: Desk, body: str, kind: str) -> str:
    """The profile of the request: an opinion where it is about a text of law and this body may ask for one."""
    mine = may_post(desk.registry.current, body, desk.clock()).get(REQUEST, ())
    return "avis" if kind == "law.text" and "avis" in mine else "question"


def _passing_on(profile: str) -> Layout:
    """Few questions: to whom, until when, what."""
    first, filled = PASSED_ON[profile]
    known = inputs_of(REQUEST, profile)
    return Layout(REQUEST, profile, tuple(known[path] for path in first), (), filled)


def _title(word: str, title: str) -> str:
    """In French, which is what a notice's title is written in until its author says otherwise."""
    return f"{translations('fr').gettext(word)} : {title}"[:LONGEST_TITLE].strip()


def _say(request: Request, words: str) -> str:
    return translations(language_of(request)).gettext(words)
