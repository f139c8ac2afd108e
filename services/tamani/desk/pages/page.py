"""What every page knows: who reads, in which language, on whose desk, and whether the region has been heard of late."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from fastapi import Request

from tamani import __version__
from tamani.core.roles import Role
from tamani.desk.gate import Visitor
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.languages import LANGUAGES, translations
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.registry_words import registry_banner
from tamani.desk.pages.views import Viewer
from tamani.desk.position import Position
from tamani.desk.service import Desk
from tamani.runtime.accounts.sessions import form_token

LANGUAGE_COOKIE = "tamani_langue"
STALE = timedelta(minutes=2)
NEVER = _("Ce site n'a pas encore joint la région : il montre ce que contient sa propre copie.")
CUT_OFF = _("Liaison avec la région interrompue : ce site montre sa propre copie, à jour au %(when)s.")


@dataclass(frozen=True, slots=True)
class Page:
    """The frame around a page's own content."""

    lang: str
    visitor: Visitor
    demo: bool
    country: str
    body: str
    here: str
    stale: str
    # How many alarms of the log stand open: for bodies.
    alarms: int
    # The synchroniser token of every form on the page.
    form_token: str
    registry: str = ""
    version: str = __version__

    @property
    def head(self) -> bool:
        """Whether this officer manages the accounts of their body."""
        return self.visitor.officer is not None and Role.HEAD in self.visitor.officer.roles

    @property
    def other(self) -> str:
        """The other language."""
        return "en" if self.lang == "fr" else "fr"


def language_of(request: Request) -> str:
    """French, unless this reader has chosen English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "fr")
    return chosen if chosen in LANGUAGES else "fr"


def viewer_of(desk: Desk, request: Request) -> Viewer:
    """Words and dates for this request."""
    lang, now = language_of(request), desk.clock()
    return Viewer(Labels(lang, desk.registry.current, now), Dates(lang, desk.settings.country), now)


def page_of(desk: Desk, request: Request, visitor: Visitor, place: Position | None) -> Page:
    """The frame for this request; `place` is how far the mirror has read, where that can be known."""
    viewer = viewer_of(desk, request)
    labels = viewer.labels
    return Page(
        lang=labels.lang,
        visitor=visitor,
        demo=desk.demo,
        country=labels.country(desk.settings.country.value),
        body=labels.body(visitor.reader.body) if visitor.reader.body else "",
        here=local_path(request.url.path + (f"?{request.url.query}" if request.url.query else "")),
        stale=_stale(viewer, place) if place is not None else "",
        alarms=desk.attesting.alarms if desk.attesting is not None and visitor.signed_in else 0,
        form_token=form_token(cookie) if (cookie := request.cookies.get(desk.gate.cookie)) else "",
        registry=registry_banner(viewer),
    )


def _stale(viewer: Viewer, place: Position) -> str:
    say = translations(viewer.labels.lang).gettext
    if place.read_until is None:
        return say(NEVER)
    if viewer.now - place.read_until < STALE:
        return ""
    return say(CUT_OFF) % {"when": viewer.dates.both(place.read_until)}


def local_path(asked: str | None) -> str:
    """A path of this site to go back to; the first page instead of anything that could lead elsewhere."""
    if not asked or not asked.startswith("/") or asked.startswith("//") or "\\" in asked:
        return "/"
    return quote(asked, safe="/?&=%:+,.-_~")
