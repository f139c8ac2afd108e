"""An officer's first page: what waits or was found amiss, what they can publish, where the last notices stand."""

from typing import Annotated, Any, Literal
from uuid import UUID

import uuid_utils
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from tamani.core.codes import code
from tamani.core.errors import TamaniError
from tamani.core.roles import Role
from tamani.desk.demands.sealed import SealedFinder
from tamani.desk.demands.search import Due, Finder
from tamani.desk.findings import CONTESTED, Alarm, alarms_of, silent_others
from tamani.desk.forms.reading import instant
from tamani.desk.gate import Visitor
from tamani.desk.pages.due import owed_view, sealed_view
from tamani.desk.pages.exchanging import may_reply
from tamani.desk.pages.follow_up import may_follow_up
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.morning import morning_of
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.publish import hand_of, publishable
from tamani.desk.pages.put_aside import drafts_of
from tamani.desk.pages.reviews import for_me
from tamani.desk.pages.showing import show
from tamani.desk.pages.strayed import strays_of
from tamani.desk.pages.views import Viewer
from tamani.desk.posting import Sent
from tamani.desk.rows import Notice
from tamani.desk.saved.pages import saved_links
from tamani.desk.service import Desk
from tamani.desk.wire import page_path
from tamani.runtime.accounts.book import Officer

MOST_TILES = 6
# What is published most stands first; what stands in no list comes after it, in the catalogue's order.
FIRST = ("agenda.meeting", "monitor.alert", "exchange.request", "monitor.report", "law.provision", "law.item")
MOST_WAITING = 12
MOST_ALARMS = 6
MOST_SENT = 5
STATES = {
    "to-validate": (_("À valider"), "warn"),
    "sent-back": (_("Renvoyé"), "warn"),
    "waiting": (_("En attente"), "warn"),
    "sent": (_("Envoyé"), "calm"),
    "archived": (_("Archivé"), "good"),
    "refused": (_("Refusé"), "stop"),
}
ALARMS = {
    CONTESTED: _("Un autre contenu porte le même identifiant : publiez une correction qui dit lequel vaut."),
    "numeros": _("Des avis de votre organisme ne sont pas arrivés à l'archive : regardez vos envois."),
    "silence": _("Le nœud de votre organisme ne donne plus signe de vie : vérifiez sa liaison."),
}
SAID = {
    "will-attend": _("Viendra"),
    "will-not-attend": _("Ne viendra pas"),
    "other-date": _("Propose une autre date"),
}


class Given(BaseModel):
    """The form of an answer: to which notice, what, and the id of the answer itself."""

    organisme: str
    avis: UUID
    reponse: Literal["will-attend", "will-not-attend", "other-date"]
    id: str
    date: str = ""


def build_home(desk: Desk) -> APIRouter:
    """The routes of the first page, of an answer, and of a notice on its way."""
    routes = APIRouter(include_in_schema=False)
    poster: Any = officer_who_posts(desk, Role.POSTER)

    @routes.get("/accueil")
    async def home(request: Request) -> Response:
        return await _home(desk, request, await desk.gate.admit(request))

    @routes.post("/publier/reponse")
    async def answer(
        request: Request,
        visitor: Annotated[Visitor, poster],
        given: Annotated[Given, Form()],
    ) -> Response:
        try:
            asked = await desk.queries.said(visitor.reader, given.organisme, str(given.avis))
            draft = _answer(asked, visitor, given, hand_of(desk, visitor).tz) | {"id": given.id}
            made = await desk.posting.say(request.cookies.get(desk.gate.cookie, ""), draft)
        except TamaniError as error:
            return await _home(desk, request, visitor, error)
        return RedirectResponse(f"/publier/envoi/{made}", 303)

    @routes.get("/publier/envoi/{id}")
    async def sent(request: Request, id: str) -> Response:  # noqa: A002
        visitor = await desk.gate.admit(request)
        who = visitor.as_officer(Role.POSTER)
        found = await desk.posting.one(request.cookies.get(desk.gate.cookie, ""), id)
        shown: dict[str, Any] = {"sent": _sent(desk, request, found, who.source), "id": id}
        return show(desk, request, "sent.html", visitor, **shown)

    return routes


async def _home(desk: Desk, request: Request, visitor: Visitor, error: TamaniError | None = None) -> Response:
    who = visitor.as_officer()
    viewer = viewer_of(desk, request)
    waiting = await Finder(desk.database, desk.told).owed_by(visitor.reader, desk.clock())
    sealed = await SealedFinder(desk.database, desk.opener).owed_by(visitor.reader, desk.clock())
    alarms = await alarms_of(desk.queries, visitor.reader)
    shown: dict[str, Any] = {
        "morning": await morning_of(desk, request, visitor, [*waiting, *sealed]),
        "waiting": [
            owed_view(viewer, one, str(uuid_utils.uuid7()), may_reply=_may_answer(desk, visitor, one))
            for one in waiting[:MOST_WAITING]
        ],
        "sealed": [sealed_view(viewer, one) for one in sealed[:MOST_WAITING]],
        "alarms": [
            {"card": viewer.card(one.notice, one.story), "why": ALARMS[one.kind], "act": _settling(desk, who, one)}
            for one in alarms[:MOST_ALARMS]
        ],
        "silent": [_silent(viewer, one) for one in await silent_others(desk.queries, visitor.reader)],
        "strays": await strays_of(desk, request, visitor),
        "more_alarms": max(0, len(alarms) - MOST_ALARMS),
        "more": max(0, len(waiting) - MOST_WAITING) + max(0, len(sealed) - MOST_WAITING),
        "may_answer": Role.POSTER in who.roles and desk.posting.there,
        "validates": Role.VALIDATOR in who.roles and desk.posting.there,
        "reviews": await for_me(desk, request, visitor),
        "tiles": tiles_of(desk, request, visitor)[:MOST_TILES],
        "drafts": await drafts_of(desk, request, visitor),
        "sent": await _latest(desk, request, visitor),
        "saved": await saved_links(desk, visitor),
    }
    return show(desk, request, "home.html", visitor, error, **shown)


def _may_answer(desk: Desk, visitor: Visitor, one: Due) -> bool:
    if one.demand.what:
        return may_follow_up(desk, visitor, one.notice)
    return may_reply(desk, visitor.as_officer().source, one.notice)


def _settling(desk: Desk, who: Officer, alarm: Alarm) -> str:
    """Where this officer says which of two contents stands; nowhere if that is not theirs to say."""
    posts = Role.POSTER in who.roles and desk.posting.there
    row = alarm.notice.row
    return f"{page_path(row.source, row.id)}/suite/correction" if posts and alarm.kind == CONTESTED else ""


def _silent(viewer: Viewer, notice: Notice) -> dict[str, str]:
    """A node that is silent: whose, since when, and where that is said."""
    data, row = notice.event.data, notice.row
    since = viewer.dates.written(data["since"]) or ""
    return {"body": viewer.labels.body(data["about"]), "since": since, "href": page_path(row.source, row.id)}


def tiles_of(desk: Desk, request: Request, visitor: Visitor) -> list[dict[str, str]]:
    """What this officer can publish: one tile a type."""
    who, labels = visitor.as_officer(), viewer_of(desk, request).labels
    if Role.POSTER not in who.roles or not desk.posting.there:
        return []
    found = publishable(desk, who.source)
    return [
        {
            "href": f"/publier/{kind}",
            "word": labels.type(kind),
            "icon": kind.partition(".")[0],
            "profiles": ", ".join(labels.profile(kind, profile) for profile in profiles[:4]),
        }
        for kind, profiles in sorted(found.items(), key=_place)
    ]


def _place(tile: tuple[str, object]) -> int:
    return FIRST.index(tile[0]) if tile[0] in FIRST else len(FIRST)


async def _latest(desk: Desk, request: Request, visitor: Visitor) -> list[dict[str, Any]]:
    who = visitor.as_officer()
    if Role.POSTER not in who.roles or not desk.posting.there:
        return []
    found = await desk.posting.latest(request.cookies.get(desk.gate.cookie, ""), MOST_SENT)
    return [_sent(desk, request, one, who.source) for one in found]


def _sent(desk: Desk, request: Request, one: Sent, source: str) -> dict[str, Any]:
    page, labels = page_of(desk, request, Visitor(), None), viewer_of(desk, request).labels
    word, tone = STATES[one.state]
    return {
        "id": one.id,
        "kind": labels.type(one.type),
        "state": one.state,
        "word": word,
        "tone": tone,
        "why": code(one.code).sentence(page.lang) if one.code else "",
        "detail": one.detail or "",
        "href": page_path(source, one.id) if one.state == "archived" else "",
        "unsealed": one.unsealed,
    }


def _answer(asked: Notice, visitor: Visitor, given: Given, tz: str) -> dict[str, Any]:
    """The answer as its own notice: in the thread, marked as what it answers, for those who read that."""
    body = visitor.as_officer().source
    level = given.reponse
    title = translations("fr").gettext(SAID[level])
    data: dict[str, Any] = {
        "head": {"title": f"{title} : {asked.row.title}"[:120].strip()},
        "target": {"source": asked.row.source, "id": asked.row.id},
        "level": level,
    }
    readers = {asked.row.source, *asked.row.audience} - {body}
    said = {"type": "ack", "profile": "participation", "subject": asked.event.subject, "tlp": asked.row.tlp}
    more = {"proposed": instant(given.date, tz)} if given.date and level == "other-date" else {}
    return said | {"audience": sorted(readers), "lang": "fr", "data": data | more}
