"""The accounts of a body, for its head: who has which role, invite, give roles, reset, close; and who did what."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from tamani.core.errors import RefusedError
from tamani.core.roles import Role, read_roles
from tamani.desk.gate import Visitor
from tamani.desk.pages.guard import officer_who_posts
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of, viewer_of
from tamani.desk.pages.showing import show
from tamani.desk.service import Desk
from tamani.runtime.accounts.book import Officer
from tamani.runtime.accounts.officers import OPENED, Act
from tamani.runtime.accounts.rules import ALWAYS, USUAL

ROLES = {
    Role.READER: (_("Lecture"), _("Lit ce qui est adressé à l'organisme.")),
    Role.POSTER: (_("Publication"), _("Prépare et publie les avis.")),
    Role.VALIDATOR: (_("Validation"), _("Relit et libère ce qui attend une seconde personne.")),
    Role.HEAD: (_("Responsable"), _("Invite, donne les rôles, réinitialise et ferme les comptes.")),
}
STATES = {"invited": _("Invité"), "active": _("Actif"), "closed": _("Fermé")}
ACTS = {
    "invited": _("a invité"),
    "accepted": _("a ouvert son compte :"),
    "second-factor": _("a enregistré son second facteur :"),
    "recovery-code": _("a employé un code de secours :"),
    "recovery-renewed": _("a renouvelé ses codes de secours :"),
    "password": _("a changé son mot de passe :"),
    "roles": _("a changé les rôles de"),
    "reset": _("a réinitialisé"),
    "closed": _("a fermé"),
    OPENED: _("a ouvert l'avis scellé"),
    ALWAYS: _("demande une seconde personne pour tout :"),
    USUAL: _("revient à la règle commune :"),
}
OPERATOR = _("L'administrateur du site")


def build_officers(desk: Desk) -> APIRouter:
    """The routes of the head."""
    routes = APIRouter(include_in_schema=False)
    head: Any = officer_who_posts(desk, Role.HEAD)
    officers = desk.accounts.officers

    @routes.get("/officiers")
    async def all_of_them(request: Request) -> Response:
        return await _page(desk, request, await desk.gate.admit(request))

    @routes.post("/officiers")
    async def invite(
        request: Request,
        visitor: Annotated[Visitor, head],
        fonction: Annotated[str, Form()] = "",
        identifiant: Annotated[str, Form()] = "",
        role: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        who = visitor.as_officer()
        asked = {"fonction": fonction, "identifiant": identifiant, "role": role or []}
        try:
            roles = read_roles(role or [])
            made, link = await asyncio.to_thread(officers.invite, who, who.source, fonction, identifiant, roles)
        except RefusedError as error:
            return await _page(desk, request, visitor, error, asked=asked)
        return await _page(desk, request, visitor, handed=(made, _address(desk, request, link)))

    @routes.post("/officiers/{id}/reinitialiser")
    async def reset(request: Request, visitor: Annotated[Visitor, head], id: str) -> Response:  # noqa: A002
        try:
            link = await asyncio.to_thread(officers.reset, visitor.as_officer(), id)
        except RefusedError as error:
            return await _page(desk, request, visitor, error)
        about = await asyncio.to_thread(officers.get, id)
        return await _page(desk, request, visitor, handed=(about, _address(desk, request, link)))

    @routes.post("/officiers/{id}/fermer")
    async def close(request: Request, visitor: Annotated[Visitor, head], id: str) -> Response:  # noqa: A002
        return await _change(desk, request, visitor, lambda: officers.close(visitor.as_officer(), id))

    @routes.post("/officiers/{id}/roles")
    async def give_roles(
        request: Request,
        visitor: Annotated[Visitor, head],
        id: str,  # noqa: A002
        role: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        def give() -> None:
            officers.set_roles(visitor.as_officer(), id, read_roles(role or []))

        return await _change(desk, request, visitor, give)

    @routes.post("/officiers/seconde-personne")
    async def second(
        request: Request, visitor: Annotated[Visitor, head], toujours: Annotated[str, Form()] = ""
    ) -> Response:
        rules = desk.accounts.rules
        return await _change(desk, request, visitor, lambda: rules.set_always_two(visitor.as_officer(), bool(toujours)))

    return routes


async def _change(desk: Desk, request: Request, visitor: Visitor, act: Callable[[], None]) -> Response:
    try:
        await asyncio.to_thread(act)
    except RefusedError as error:
        return await _page(desk, request, visitor, error)
    return RedirectResponse("/officiers", 303)


async def _page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    error: RefusedError | None = None,
    *,
    handed: tuple[Officer, str] | None = None,
    asked: dict[str, Any] | None = None,
) -> Response:
    head = visitor.as_officer(Role.HEAD)
    everybody = await asyncio.to_thread(desk.accounts.officers.of_body, head.source)
    acts = await asyncio.to_thread(desk.accounts.officers.trail, head.source)
    shown = {
        "me": head,
        "officers": everybody,
        "roles": ROLES,
        "states": STATES,
        "trail": _trail(desk, request, acts),
        "handed": handed,
        "always_two": await asyncio.to_thread(desk.accounts.rules.always_two, head.source),
        "asked": asked or {"fonction": "", "identifiant": "", "role": ["poster"]},
    }
    return show(desk, request, "officers.html", visitor, error, **shown)


def _trail(desk: Desk, request: Request, acts: list[Act]) -> list[dict[str, str]]:
    dates, say = viewer_of(desk, request).dates, translations(language_of(request)).gettext
    return [
        {
            "when": dates.both(datetime.fromtimestamp(act.at, UTC)),
            "by": act.by.function if act.by else say(OPERATOR),
            "act": say(ACTS[act.act]),
            "about": act.detail if act.act == OPENED else act.about.function,
        }
        for act in acts
    ]


def _address(desk: Desk, request: Request, link: str) -> str:
    """The link as it is handed over: at the site's public address, else at the one by which the head came."""
    base = desk.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{base.rstrip('/')}/invitation/{link}"
