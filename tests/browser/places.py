"""Every page that the desk's application can be asked for, with an address that shows it full; some also empty.

`PAGES` is held against the application's routes: a new page that nobody put here fails `test_every_page.py`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from tamani.core.event import Event
from tamani.desk.app import build_app
from tamani.desk.identities import open_identities, save_identity
from tamani.desk.log_tables import log_alarm
from tamani.desk.opening import Opener
from tamani.desk.tables import unreadable
from tamani.runtime.sealed_key import LIGHT
from tests.browser.days import with_node
from tests.component.desk.conftest import Fed
from tests.component.desk.feeds import FIRST
from tests.component.desk.test_demands import ask
from tests.component.desk.test_erasing import Erasing
from tests.component.desk.test_imports import TABLE, Site
from tests.component.desk.test_laws import item, opinion_on, provision, text
from tests.component.desk.test_publish import MEETING, new_id, send
from tests.component.desk.test_sealed import Reading
from tests.support.notices import (
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    NOTICE_KINDS,
    OBSERVATORY_NE,
    api_body,
    data_of,
)
from tests.support.officers import ALL, PASSWORD, PHRASE, session_of
from tests.support.reading_keys import identity_of

NOTICE = "/avis/{country}/{body}/{id}"
# Route of the application → whether the public may see the page.
PAGES: dict[str, bool] = {
    "/": True,
    NOTICE: True,
    NOTICE + "/ouvert": False,
    NOTICE + "/repondre": False,
    NOTICE + "/transmettre": False,
    NOTICE + "/suite/{name}": False,
    NOTICE + "/action": False,
    NOTICE + "/amender": False,
    NOTICE + "/compte-rendu": False,
    NOTICE + "/proposer-un-point": False,
    NOTICE + "/releve": False,
    NOTICE + "/version-publique": False,
    NOTICE + "/lettre": True,
    NOTICE + "/dossier": False,
    NOTICE + "/preuve": True,
    NOTICE + "/verifier": True,
    NOTICE + "/effacer": False,
    "/accueil": False,
    "/agenda": True,
    "/agenda/adresses": False,
    "/agenda/courriels": False,
    "/agenda/courriels/confirmer/{secret}": True,
    "/agenda/courriels/arret/{secret}": True,
    "/alarmes": False,
    "/a-valider": False,
    "/a-valider/{id}": False,
    "/brouillons/{id}": False,
    "/compte": False,
    "/compte/codes": False,
    "/compte/second-facteur": False,
    "/connexion": True,
    "/connexion/code": True,
    "/demandes": False,
    "/effacements": True,
    "/illisibles": False,
    "/importer": False,
    "/importer/{kind}": False,
    "/importer/fichier/{id}": False,
    "/invitation/{link}": True,
    "/lois": True,
    "/lois/{theme}": True,
    "/lois/texte/{country}/{body}/{id}": True,
    "/officiers": False,
    "/publier": False,
    "/publier/{kind}": False,
    "/publier/envoi/{id}": False,
    "/recherches": False,
    "/verifier": True,
}
# What a browser fetches and does not show, and what only leads on.
NO_PAGES = {"/langue/{lang}", "/static/{name}", "/favicon.ico", "/alarmes/{number}/preuve"}
NO_PAGES |= {NOTICE + "/pieces/{sha256}", "/publier/piece/{sha256}"}
ENDINGS = re.compile(r"\.(ics|atom|xlsx|csv|zip|svg|\{form\})$")
# Without a notice, a file or an account: what a new site shows.
EMPTY = (
    "/",
    "/accueil",
    "/agenda",
    "/agenda/adresses",
    "/agenda/courriels",
    "/alarmes",
    "/a-valider",
    "/demandes",
    "/effacements",
    "/illisibles",
    "/importer",
    "/lois",
    "/lois/temoins",
    "/publier",
    "/recherches",
)


def pages_of(routes: list[Any]) -> set[str]:
    """The addresses of an application that a person can open in a browser."""
    found = {route.path for route in routes if "GET" in (getattr(route, "methods", None) or ())}
    programs = {path for path in found if path.startswith(("/v1/", "/healthz", "/metrics", "/openapi.json"))}
    return {path for path in found - programs - NO_PAGES if not ENDINGS.search(path)}


@dataclass(frozen=True)
class Place:
    """An address to look at, the route that answers, as whom, and with which status."""

    route: str
    path: str
    who: str = "officer"
    status: int = 200


def empty_places() -> list[Place]:
    """What a new site shows to its first officer, and to the public."""
    public = [Place(route, route, "public") for route in EMPTY if PAGES.get(route, True)]
    # What waits for a second person is kept by the node, which is not there yet.
    away = {"/a-valider": 503}
    return [Place(route, route, status=away.get(route, 200)) for route in EMPTY] + public


@dataclass
class Dressed:
    """A site with something of everything: its places, and the sessions of those who look at them."""

    places: list[Place]
    cookies: dict[str, str]


@asynccontextmanager
async def dressing(fed: Fed, folder: Path) -> AsyncIterator[Dressed]:
    """Fill the site for as long as the block lasts; a node stands beside it."""
    cookie = session_of(fed.desk.accounts, COMMISSION_ML, ALL)
    transport = httpx.ASGITransport(build_app(fed.desk))
    browser = httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers={"Accept": "text/html"})
    browser.cookies.set("tamani_session", cookie)
    async with browser, with_node(fed, folder) as node:
        posted = await _posted(browser, Site(fed, node, browser))
        said = await _said(fed)
        enrolling = fed.desk.accounts.signin.accept(_invitation(fed, "Rapporteuse"), PASSWORD)[0]
        invited = Place("/invitation/{link}", f"/invitation/{_invitation(fed, 'Greffe')}", "public")
        places = [*_plain(), *said, *posted, *await _about(browser, said), *_errors(said), invited]
        yield Dressed(places, {"officer": cookie, "enrolling": enrolling})


def _invitation(fed: Fed, function: str) -> str:
    return fed.desk.accounts.officers.invite(None, COMMISSION_ML, function, function.lower(), ALL)[1]


def _plain() -> list[Place]:
    """Pages whose address is the route itself, and those of which one value says enough."""
    whole = {route: public for route, public in PAGES.items() if "{" not in route}
    made = [Place(route, route, "public" if public else "officer") for route, public in whole.items()]
    mail = "/agenda/courriels/"
    return [
        *(one for one in made if one.route != "/compte/second-facteur"),
        Place("/compte/second-facteur", "/compte/second-facteur", "enrolling"),
        Place("/", "/"),
        Place("/", "/?q=introuvable&type=law.item"),
        Place("/", "/?type=law.item"),
        Place("/agenda", "/agenda?vue=liste&jour=2026-03-01"),
        Place("/agenda", "/agenda?jour=2026-03-01"),
        Place("/lois", "/lois"),
        Place("/lois/{theme}", "/lois/temoins"),
        *(Place("/publier/{kind}", f"/publier/{kind}") for kind in ("agenda.meeting", "monitor.alert", "law.text")),
        Place("/importer/{kind}", "/importer/law.provision"),
        Place(mail + "confirmer/{secret}", mail + "confirmer/x", "public"),
        Place(mail + "arret/{secret}", mail + "arret/x", "public"),
    ]


async def _said(fed: Fed) -> list[Place]:
    """What the feed brings: every type, the three laws, requests, something sealed and something erased."""
    each = [fed.feed.say(kind, OBSERVATORY_NE, tlp="CLEAR", full=True) for kind in NOTICE_KINDS]
    fed.feed.mark(each[0])
    item(fed, due="2026-03-01")
    provision(fed, COMMISSION_BF, "absent", gap="Aucune mesure à l'audience ni après le procès.")
    provision(fed, COMMISSION_ML, "partiel", article="Article 12", verbatim="Le témoin est entendu.")
    first = text(fed, ("1", "Le témoin est protégé."), ("2", "Un service est créé."))
    opinion_on(fed, first)
    second = text(fed, ("1", "Le témoin est protégé."), ("2", "Un service est créé à Bamako."), subject=first.subject)
    asked = ask(fed, "Combien de témoins ?", tlp="CLEAR")
    ours = fed.feed.say("agenda.meeting", COMMISSION_ML, tlp="CLEAR", full=True)
    green = fed.feed.say("practice.note", COMMISSION_ML, tlp="GREEN")
    hours = {"start": "2030-04-14T09:00:00Z", "end": "2030-04-14T12:00:00Z", "status": "confirmed"}
    to_come = fed.feed.say("agenda.meeting", COMMISSION_NE, tlp="GREEN", data=data_of("agenda.meeting") | hours)
    action = {"text": "Compléter la ligne du Mali", "owner": COMMISSION_ML, "due": "2026-03-20"}
    decided = data_of("agenda.record", profile="releve") | {"status": "published", "actions": [action]}
    minutes = fed.feed.say("agenda.record", COMMISSION_NE, profile="releve", tlp="GREEN", data=decided)
    notices = [_notice(event, "public") for event in each]
    notices += [_notice(event) for event in (asked, ours, green, to_come, second, minutes)]
    law = Place("/lois/texte/{country}/{body}/{id}", f"/lois/texte{second.source}/{second.id}")
    return [*notices, law, *await _hidden(fed)]


async def _hidden(fed: Fed) -> list[Place]:
    """Something sealed, closed and opened; an erased notice, an unreadable entry, an alarm."""
    _give_keys(fed)
    sealed = _notice((await Reading(fed).say()).event)
    erasing = Erasing(fed)
    gone = await erasing.says()
    await erasing.erases(gone)
    async with fed.desk.database.writing() as connection:
        row = {"feed_index": 10**6, "code": "refused.data", "detail": "", "recordedtime": FIRST}
        await connection.execute(insert(unreadable).values(row))
        alarm = {"feed_index": 1, "code": "failed.log.lacking", "detail": "", "evidence": b"{}", "seen": FIRST}
        await connection.execute(insert(log_alarm).values(alarm))
    opened = Place(NOTICE + "/ouvert", f"{sealed.path}/ouvert")
    return [sealed, opened, Place(NOTICE, _notice(gone).path, status=410)]


def _give_keys(fed: Fed) -> None:
    """The site holds its commission's reading key."""
    desk, at = fed.desk, FIRST + timedelta(hours=1)
    save_identity(desk.settings.reading_keys_path, COMMISSION_ML, identity_of(COMMISSION_ML), PHRASE.encode(), LIGHT)
    known = open_identities(desk.settings.reading_keys_path, PHRASE.encode())
    desk.opener = Opener(desk.database, desk.queries, known, desk.registry, lambda: at)


async def _posted(browser: httpx.AsyncClient, site: Site) -> list[Place]:
    """What the site's own officer has begun, sent and dropped."""
    draft, cookie = await new_id(browser), browser.cookies["tamani_session"]
    await send(browser, "garder", id=draft, **MEETING)
    sent = await site.fed.desk.posting.say(cookie, api_body("law.item", tlp="GREEN"))
    waits = await new_id(browser)
    await send(browser, "publier", id=waits, **MEETING | {"tlp": "CLEAR", "d.head.body": "Ordre du jour"})
    file = (await site.upload(TABLE)).headers["location"]
    for kind, path, form in (
        ("recherches", "/recherches", {"nom": "Témoins", "filtres": "q=témoins"}),
        ("adresses", "/agenda/adresses", {"nom": "Présidence"}),
    ):
        answer = await _fill(browser, path, form)
        assert answer.status_code < 400, (kind, answer.text)
    return [
        Place("/brouillons/{id}", f"/brouillons/{draft}"),
        Place("/publier/envoi/{id}", f"/publier/envoi/{sent}"),
        Place("/publier/envoi/{id}", f"/publier/envoi/{waits}"),
        Place("/a-valider/{id}", f"/a-valider/{waits}"),
        Place("/importer/fichier/{id}", file),
    ]


async def _fill(browser: httpx.AsyncClient, path: str, form: dict[str, str]) -> httpx.Response:
    (token,) = set(re.findall(r'name="jeton_formulaire" value="([0-9a-f]+)"', (await browser.get(path)).text))
    here = {"Origin": "http://desk.test"}
    return await browser.post(path, data=form | {"jeton_formulaire": token}, headers=here)


async def _about(browser: httpx.AsyncClient, said: list[Place]) -> list[Place]:
    """The pages about a notice that its own page leads to, each once."""
    found: dict[str, Place] = {}
    for place in (one for one in said if one.route == NOTICE and one.status == 200):
        page = (await browser.get(place.path)).text
        for end in re.findall(rf'href="{re.escape(place.path)}(/[^"]+)"', page):
            route = NOTICE + re.sub(r"^/suite/.*", "/suite/{name}", end.partition("?")[0])
            if route in PAGES:
                found.setdefault(route, Place(route, place.path + end))
    for end in ("/effacer", "/preuve"):
        found.setdefault(NOTICE + end, Place(NOTICE + end, said[0].path + end))
    found[NOTICE + "/verifier"] = Place(NOTICE + "/verifier", f"{said[0].path}/verifier", "public", 503)
    return list(found.values())


def _errors(said: list[Place]) -> list[Place]:
    """What is not there, not allowed, not for the public, not understood."""
    return [
        Place("", "/nulle-part", "public", 404),
        Place("", "/nulle-part", status=404),
        Place("/officiers", "/officiers", "public", 401),
        Place("/agenda", "/agenda?vue=annee", "public", 422),
        Place("/invitation/{link}", "/invitation/" + "x" * 43, "public", 410),
        Place("/publier/{kind}", "/publier/chasse", status=403),
    ]


def _notice(event: Event, who: str = "officer") -> Place:
    return Place(NOTICE, f"/avis{event.source}/{event.id}", who)
