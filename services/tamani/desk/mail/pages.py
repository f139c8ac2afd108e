"""The pages of mail: ask for it, confirm by the link that was sent, stop by one press (RFC 8058)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import TamaniError
from tamani.desk.agenda.address_pages import Number, body_of, signed_in
from tamani.desk.agenda.asked import Asked
from tamani.desk.agenda.views import asked_words
from tamani.desk.caching import answer
from tamani.desk.gate import Visitor
from tamani.desk.mail.letters import CONFIRM_PATH, STOP_PATH
from tamani.desk.mail.subscriptions import Listed
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.page import language_of, page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.service import Desk
from tamani.runtime.routes import join

HERE = "/agenda/courriels"
NO_STORE = {"Cache-Control": "no-store"}
Secret = Annotated[str, Path(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class ListedView:
    """A line of the page."""

    number: int
    masked: str
    words: str
    confirmed: bool
    refused: int | None
    reminders: bool


def build_mail_pages(desk: Desk) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False)
    Posting = Annotated[Visitor, officer_who_posts(desk)]  # noqa: N806

    @routes.get(HERE)
    async def show(request: Request) -> Response:
        visitor, body = await signed_in(desk, request)
        return await _page(desk, request, visitor, body)

    @routes.post(HERE)
    async def ask(
        request: Request,
        visitor: Posting,
        courriel: Annotated[str, Form()] = "",
        rappels: Annotated[bool, Form()] = False,
    ) -> Response:
        body, made = body_of(visitor), desk.postman.subscriptions
        asked = Asked.read(request.query_params.multi_items())
        subscription, secret = await made.ask(courriel, body, language_of(request), asked, reminders=rappels)
        try:
            await desk.postman.confirm(subscription, secret)
        except TamaniError:
            await made.forget(subscription.number)
            raise
        return await _page(desk, request, visitor, body, sent=True)

    @routes.post(HERE + "/{number}/supprimer")
    async def forget(number: Number, visitor: Posting) -> Response:
        await desk.postman.subscriptions.forget(number, body_of(visitor))
        return RedirectResponse(HERE, 303)

    join(routes, _build_links(desk))
    return routes


def _build_links(desk: Desk) -> APIRouter:
    """What the links of a letter lead to. The secret in the address is all that is asked for: a mail program that stops
    a subscription comes without cookie and without origin. Opening a link changes nothing; only a press does.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get(CONFIRM_PATH + "{secret}")
    async def confirming(request: Request, secret: Secret) -> Response:
        return await _simple(desk, request, "mail_confirm.html", done=None, action=CONFIRM_PATH + secret)

    @routes.post(CONFIRM_PATH + "{secret}")
    async def confirm(request: Request, secret: Secret) -> Response:
        done = await desk.postman.subscriptions.confirm(secret)
        return await _simple(desk, request, "mail_confirm.html", done=done, action="")

    @routes.get(STOP_PATH + "{secret}")
    async def stopping(request: Request, secret: Secret) -> Response:
        return await _simple(desk, request, "mail_stop.html", done=False, action=STOP_PATH + secret)

    @routes.post(STOP_PATH + "{secret}")
    async def stop(request: Request, secret: Secret) -> Response:
        await desk.postman.subscriptions.stop(secret)
        return await _simple(desk, request, "mail_stop.html", done=True, action="")

    return routes


async def _simple(desk: Desk, request: Request, template: str, **context: object) -> Response:
    page = page_of(desk, request, Visitor(), None)
    return answer(request, render(page.lang, template, page=page, **context), HTML, Visitor(), NO_STORE)


async def _page(desk: Desk, request: Request, visitor: Visitor, body: str, *, sent: bool = False) -> Response:
    page = page_of(desk, request, visitor, await desk.queries.position())
    labels = viewer_of(desk, request).labels
    asked = Asked.read(request.query_params.multi_items())
    made = render(
        page.lang,
        "mail_list.html",
        page=page,
        on=desk.postman.on,
        sent=sent,
        action=HERE + (f"?{request.url.query}" if request.url.query else ""),
        words=asked_words(labels, asked),
        rows=[_row(labels, one) for one in await desk.postman.subscriptions.listed(body)],
        quiet=(desk.settings.mail_quiet_from, desk.settings.mail_quiet_until),
    )
    return answer(request, made, HTML, visitor, NO_STORE)


def _row(labels: Labels, one: Listed) -> ListedView:
    return ListedView(one.number, one.masked, asked_words(labels, one.asked), one.confirmed, one.refused, one.reminders)
