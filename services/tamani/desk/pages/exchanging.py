"""From a notice's page: answer what is asked of us, and pass a notice on with a day by which we want an answer."""

from fastapi import APIRouter, Request

from tamani.core.errors import RefusedError
from tamani.core.policy import NAMED
from tamani.core.rights import may_mark, may_post
from tamani.desk.demands.asking import ANSWER, REQUEST
from tamani.desk.demands.standing import asks, owes
from tamani.desk.forms.inputs import inputs_of
from tamani.desk.forms.layout import Layout, layout_of
from tamani.desk.gate import Visitor
from tamani.desk.pages.about import LONGEST_TITLE, About, check_right
from tamani.desk.pages.about_routes import about_routes
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

# What is asked when a notice is passed on: an opinion on a text of law, else information.
PASSED_ON = {
    "avis": (("head.title", "addressed_to", "due", "questions", "head.summary"), {"status": "asked"}),
    "question": (
        ("head.title", "addressed_to", "due", "text", "head.summary"),
        {"status": "asked", "question_kind": "information"},
    ),
}


def build_exchanging(desk: Desk) -> APIRouter:
    """The routes."""
    return about_routes(desk, {"repondre": make_reply, "transmettre": make_forward})


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
        RefusedError: `refused.policy.type`: this body may ask for neither an opinion nor information;
            `refused.request.notice`: it is sealed, and not passed on.
    """
    del story
    if notice.sealed:
        raise RefusedError("refused.request.notice")
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


def may_reply(desk: Desk, body: str, notice: Notice) -> bool:
    """Whether the form of an answer to this request would open: the body's rights allow it."""
    row, now = notice.row, desk.clock()
    mine = may_post(desk.registry.current, body, now).get(ANSWER, ())
    return row.type == REQUEST and row.profile in mine and row.tlp in may_mark(desk.registry.current, body, now)


def may_forward(desk: Desk, body: str, notice: Notice) -> bool:
    """The same of passing this notice on."""
    row, now = notice.row, desk.clock()
    if row.system or notice.sealed or row.tlp not in may_mark(desk.registry.current, body, now):
        return False
    mine = may_post(desk.registry.current, body, now).get(REQUEST, ())
    return _asked_as(desk, body, row.type) in mine


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
