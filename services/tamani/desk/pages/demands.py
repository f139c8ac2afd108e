"""What our body has asked of others, on one page; and on a notice's own page: who is asked, and what was passed on."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.deeds import VERSION
from tamani.core.roles import Role
from tamani.desk.demands.asking import REQUEST, demands_of, over
from tamani.desk.demands.clock import days_left, urgency
from tamani.desk.demands.sealed import SealedFinder
from tamani.desk.demands.search import MOST, Due, Finder
from tamani.desk.demands.standing import asks, owes
from tamani.desk.gate import Visitor
from tamani.desk.pages.acts import may_do
from tamani.desk.pages.due import DueView, PartyView, due_view, party_view, reply_path, sealed_view
from tamani.desk.pages.exchanging import may_forward, may_reply
from tamani.desk.pages.follow_up import may_follow_up
from tamani.desk.pages.following import ANSWER
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.showing import show
from tamani.desk.pages.views import Card, Viewer, said_in
from tamani.desk.references import Links
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story, stories
from tamani.desk.wire import page_path

POSTPONED = f"{VERSION}:postponed"


@dataclass(frozen=True, slots=True)
class LineView:
    """One thing asked (`what`: of minutes, the action): who is asked, and how many have yet to answer."""

    card: Card
    what: str
    due: DueView
    parties: list[PartyView]
    missing: int


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action of minutes: who is in charge and what they say, how long they have; `reply` is where we say it."""

    what: str
    party: PartyView
    due: DueView
    settled: bool
    reply: str


@dataclass(frozen=True, slots=True)
class ForwardView:
    """A request about the notice of the page: who asks whom; to those two, how long is left or that it is answered."""

    title: str
    href: str
    body: str
    to: str
    due: DueView | None
    done: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What a notice's page adds. `reply` and `forward` are addresses, where this officer may do that.

    So is `postpone`: with the id of an answer after it, to the date that it proposes.
    """

    due: DueView | None
    open: bool
    parties: list[PartyView]
    actions: list[ActionView]
    forwards: list[ForwardView]
    reply: str
    forward: str
    postpone: str


def build_demands(desk: Desk) -> APIRouter:
    """The route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/demandes")
    async def demands(request: Request) -> Response:
        visitor = await desk.gate.admit(request)
        visitor.as_officer()
        viewer = viewer_of(desk, request)
        found = await Finder(desk.database, desk.told).owed_to(visitor.reader, desk.clock())
        lines = [line_view(viewer, one) for one in found]
        sealed = await SealedFinder(desk.database, desk.opener).owed_to(visitor.reader, desk.clock())
        shown: dict[str, Any] = {
            "sealed": [sealed_view(viewer, one) for one in sealed],
            "waiting": [one for one in lines if one.missing],
            "answered": [one for one in lines if not one.missing],
            "full": len(found) >= MOST,
        }
        return show(desk, request, "demands.html", visitor, **shown)

    return routes


def line_view(viewer: Viewer, one: Due) -> LineView:
    """What our body has asked, as a line."""
    card = viewer.card(one.notice, one.story)
    asked = [party_view(viewer, one, party) for party in one.parties]
    return LineView(card, one.demand.what, due_view(viewer, one), asked, len(one.missing))


async def panel_of(
    desk: Desk, viewer: Viewer, visitor: Visitor, notice: Notice, *, story: Story, links: Links
) -> Panel | None:
    """For bodies only. The asker sees every addressee; an addressee sees itself, and nobody else's delay."""
    body = visitor.reader.body
    if body is None or notice.row.type == SEALED.name or story.hides(notice):
        return None
    one, actions = _due(viewer, notice, story), _actions(desk, viewer, visitor, notice, story)
    mine = [party for party in one.parties if body in (notice.row.source, party.body)] if one else []
    posts = visitor.officer is not None and Role.POSTER in visitor.officer.roles and desk.posting.there
    page = page_path(notice.row.source, notice.row.id)
    answers = posts and owes(story, notice, body) and may_reply(desk, body, notice)
    return Panel(
        due=due_view(viewer, one) if one and mine else None,
        open=asks(story, notice) and not over(notice.event, viewer.now),
        parties=[party_view(viewer, one, party) for party in mine] if one else [],
        actions=actions,
        forwards=await _forwards(desk, viewer, visitor, links),
        reply=f"{page}/repondre" if answers else "",
        forward=f"{page}/transmettre" if posts and may_forward(desk, body, notice) else "",
        postpone=f"{page}/suite/{POSTPONED}?{ANSWER}=" if _may_postpone(desk, visitor, notice, story) else "",
    )


def _may_postpone(desk: Desk, visitor: Visitor, notice: Notice, story: Story) -> bool:
    return any(deed.name == POSTPONED for deed in may_do(desk, visitor, notice, story))


def _due(viewer: Viewer, notice: Notice, story: Story) -> Due | None:
    """What the notice as a whole asks."""
    return next((one for one in _dues(viewer, notice, story) if not one.demand.what), None)


def _dues(viewer: Viewer, notice: Notice, story: Story) -> list[Due]:
    return [Due(notice, story, one, days_left(one.due, viewer.now)) for one in demands_of(notice.event)]


def _actions(desk: Desk, viewer: Viewer, visitor: Visitor, notice: Notice, story: Story) -> list[ActionView]:
    """The actions of minutes in force: all of them to whose minutes they are, one's own to anybody in charge."""
    body, posts = visitor.reader.body, may_follow_up(desk, visitor, notice)
    if not asks(story, notice):
        return []
    return [
        ActionView(
            what=one.demand.what,
            party=party_view(viewer, one, party),
            due=due_view(viewer, one),
            settled=party.settled,
            reply=reply_path(one) if posts and party.body == body and not party.settled else "",
        )
        for one in _dues(viewer, notice, story)
        if one.demand.what
        for party in one.parties
        if body in (notice.row.source, party.body)
    ]


async def _forwards(desk: Desk, viewer: Viewer, visitor: Visitor, links: Links) -> list[ForwardView]:
    """The requests about the notice that this reader may read and that ask somebody, the soonest first."""
    others = [other for _rel, other in links.named_by if other.row.type == REQUEST]
    told = stories(await desk.queries.threads_of(visitor.reader, others))
    found = [due for other in others if (due := _due(viewer, other, told[other.thread])) is not None]
    found.sort(key=lambda one: (urgency(one.due, viewer.now), one.notice.row.feed_index))
    return [_forward(viewer, one, visitor.reader.body) for one in found]


def _forward(viewer: Viewer, one: Due, body: str | None) -> ForwardView:
    row, asked = one.notice.row, [party.body for party in one.parties]
    concerned = body in (row.source, *asked)
    return ForwardView(
        title=said_in(one.notice, viewer.labels.lang).title,
        href=page_path(row.source, row.id),
        body=viewer.labels.body(row.source),
        to=", ".join(viewer.labels.body(source) for source in asked),
        due=due_view(viewer, one) if concerned and one.missing and asks(one.story, one.notice) else None,
        done=concerned and not one.missing,
    )
