"""From the page of minutes: whoever is in charge of an action says what became of it, to those who read the minutes."""

from dataclasses import replace

from fastapi import APIRouter, Request

from tamani.core.errors import RefusedError
from tamani.core.rights import may_mark
from tamani.core.roles import Role
from tamani.desk.demands.asking import FOLLOW_UP, demands_of
from tamani.desk.demands.standing import asks, parties_to
from tamani.desk.forms.layout import Layout, layout_of
from tamani.desk.gate import Visitor
from tamani.desk.pages.about import LONGEST_TITLE, About
from tamani.desk.pages.about_routes import about_routes
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

ACTION = "action"
HEADING, TITLE = _("Dire la suite donnée à une action"), _("Suite donnée")


def build_follow_up(desk: Desk) -> APIRouter:
    """The routes."""
    return about_routes(desk, {ACTION: make_follow_up})


def may_follow_up(desk: Desk, visitor: Visitor, notice: Notice) -> bool:
    """Whether the form would open for whoever is in charge: an act on a notice needs no right, only its label."""
    who = visitor.officer
    if who is None or Role.POSTER not in who.roles or not desk.posting.there:
        return False
    return notice.row.tlp in may_mark(desk.registry.current, who.source, desk.clock())


def make_follow_up(desk: Desk, request: Request, visitor: Visitor, notice: Notice, story: Story) -> About:
    """What became of one of the actions that this body has yet to end; which one, the address may say.

    Raises:
        RefusedError: `refused.transition`: these are no minutes in force; `refused.transition.role`: none is ours.
    """
    del desk
    row, body = notice.row, visitor.as_officer().source
    actions = [one for one in demands_of(notice.event) if one.what] if asks(story, notice) else []
    if not actions:
        raise RefusedError("refused.transition", row.type)
    mine = [one for one in actions if any(p.body == body and not p.settled for p in parties_to(story, notice, one))]
    if not mine:
        raise RefusedError("refused.transition.role", body)
    target = {"source": row.source, "id": row.id}
    readers = tuple(sorted({row.source, *row.audience} - {body}))
    asked = request.query_params.get(f"d.{ACTION}", mine[0].what)
    title = f"{translations('fr').gettext(TITLE)} : {row.title}"[:LONGEST_TITLE].strip()
    return About(
        notice=notice,
        layout=_among(tuple(one.what for one in mine)),
        heading=translations(language_of(request)).gettext(HEADING),
        action=f"{page_path(row.source, row.id)}/{ACTION}",
        subject=row.thread,
        fixed={"target": target, "head": {"refs": [target | {"rel": "implements"}]}},
        given={"d.head.title": [title], f"d.{ACTION}": [asked]},
        audience=lambda _data: readers,
    )


def _among(actions: tuple[str, ...]) -> Layout:
    """The form, with these actions to choose among."""
    layout = layout_of(*FOLLOW_UP)
    first = (replace(one, kind="one", choices=actions) if one.path == ACTION else one for one in layout.first)
    return replace(layout, first=tuple(first))
