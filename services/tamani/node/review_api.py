"""The door to what waits for a second person: for officers of the body, never for a program."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request

from tamani.core.errors import RefusedError
from tamani.core.roles import Role
from tamani.node import review_rows
from tamani.node.door import Door
from tamani.node.outbox import Outbox
from tamani.node.review_rules import OPEN
from tamani.node.review_views import Remark, ReviewsView, ReviewView, ReviewWord, Seen, acts_of, review_view
from tamani.node.reviewing import Reviewer, Reviews
from tamani.runtime.accounts.book import Officer

MOST = 200
Shown = Callable[[Officer, str], Awaitable[ReviewView]]


def make_review_routes(reviews: Reviews, outbox: Outbox, door: Door, refusals: dict[int | str, Any]) -> APIRouter:
    """The routes under `/v1/reviews`."""
    routes = APIRouter(prefix="/v1/reviews", responses=refusals, tags=["node"])

    shown = partial(_shown, reviews, outbox)
    _add_reading(routes, reviews, outbox, door)
    _add_second(routes, reviews, door, shown)
    _add_author(routes, reviews, door, shown)
    return routes


async def _shown(reviews: Reviews, outbox: Outbox, who: Officer, id_: str) -> ReviewView:
    row = await outbox.read(lambda c: review_rows.find(c, who.source, id_))
    if row is None:
        raise RefusedError("refused.request.notice")
    acts = await outbox.read(lambda c: acts_of(c, row))
    return review_view(reviews, row, who.id).model_copy(update={"acts": acts})


def _add_reading(routes: APIRouter, reviews: Reviews, outbox: Outbox, door: Door) -> None:
    @routes.get("")
    async def page(request: Request, state: ReviewWord | None = None) -> ReviewsView:
        """What of your body waits for a second person or came back to its author; or what is in one state."""
        who = await door.officer(request, Role.VALIDATOR, Role.POSTER)
        found = await outbox.read(lambda c: review_rows.listed(c, who.source, [state] if state else OPEN, MOST))
        return ReviewsView(reviews=[review_view(reviews, row, who.id) for row in found])

    @routes.get("/{message_id}")
    async def show(request: Request, message_id: str) -> ReviewView:
        """One of them, with its content while it waits, and its trail."""
        return await _shown(reviews, outbox, await door.officer(request, Role.VALIDATOR, Role.POSTER), message_id)


def _add_second(routes: APIRouter, reviews: Reviews, door: Door, shown: Shown) -> None:
    """What the second person may do."""

    @routes.post("/{message_id}/approve")
    async def approve(request: Request, message_id: str, given: Seen) -> ReviewView:
        """Release what another officer wrote, exactly as you have read it: it is sealed and sent."""
        who = await door.officer(request, Role.VALIDATOR)
        await reviews.approve(_reviewer(who), message_id, given.seen)
        return await shown(who, message_id)

    @routes.post("/{message_id}/send-back")
    async def send_back(request: Request, message_id: str, given: Remark) -> ReviewView:
        """Give it back to its author, with a remark; said again, it waits again."""
        who = await door.officer(request, Role.VALIDATOR)
        await reviews.step("send-back", _reviewer(who), message_id, given.remark)
        return await shown(who, message_id)

    @routes.post("/{message_id}/refuse")
    async def refuse(request: Request, message_id: str, given: Remark) -> ReviewView:
        """Refuse it for good: its words are forgotten, its author reads why."""
        who = await door.officer(request, Role.VALIDATOR)
        await reviews.step("refuse", _reviewer(who), message_id, given.remark)
        return await shown(who, message_id)


def _add_author(routes: APIRouter, reviews: Reviews, door: Door, shown: Shown) -> None:
    """What its author may do."""

    @routes.post("/{message_id}/take-back")
    async def take_back(request: Request, message_id: str) -> ReviewView:
        """Take back what you wrote, to change it before another reads it."""
        who = await door.officer(request, Role.POSTER)
        await reviews.step("take-back", _reviewer(who), message_id)
        return await shown(who, message_id)

    @routes.post("/{message_id}/drop")
    async def drop(request: Request, message_id: str) -> ReviewView:
        """Give up what you wrote: its words are forgotten."""
        who = await door.officer(request, Role.POSTER)
        await reviews.step("drop", _reviewer(who), message_id)
        return await shown(who, message_id)


def _reviewer(who: Officer) -> Reviewer:
    return Reviewer(who.id, who.source, who.function)
