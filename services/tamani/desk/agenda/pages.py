"""The calendar's page: a month, a week or a list, with filters, clashes, both hours; it works without JavaScript."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from babel.dates import format_date, format_interval, get_day_names
from fastapi import APIRouter, Query, Request, Response

from tamani.core.catalogue import catalogue
from tamani.core.codelists import terms
from tamani.core.event import TLP
from tamani.core.names import Country
from tamani.core.policy import Reader
from tamani.desk.agenda.asked import NAMES, Asked
from tamani.desk.agenda.clashes import find_clashes
from tamani.desk.agenda.clocks import home_zone
from tamani.desk.agenda.meetings import TYPE, Meeting
from tamani.desk.agenda.periods import VIEWS, Period, read_period
from tamani.desk.agenda.search import kept_between
from tamani.desk.agenda.views import Almanac, ClashView, DayView, asked_word
from tamani.desk.caching import answer
from tamani.desk.pages.dates import LOCALES
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.page import page_of, viewer_of
from tamani.desk.pages.rendering import render
from tamani.desk.pages.showing import HTML
from tamani.desk.pages.views import Viewer
from tamani.desk.service import Desk

WORDS = {"mois": _("Mois"), "semaine": _("Semaine"), "liste": _("Liste")}
TLP_WORDS = {
    "CLEAR": _("Public : peut être diffusé sans restriction."),
    "GREEN": _("Réservé aux organismes inscrits sur ce bus : ne pas publier."),
    "AMBER": _("Contient des réunions réservées aux organismes qu'elles nomment : ne pas transmettre."),
}
FILTERS = {"body": _("Organisme"), "origin": _("Pays"), "profile": _("Nature"), "theme": _("Thème")}

# More than that at once is a list nobody reads; the rest is marked in the days.
MOST_CLASHES = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter."""

    value: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FilterView:
    """A filter: its name in the address, its word, its values; one at a time."""

    name: str
    word: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class AgendaView:
    """What `agenda.html` shows. `views` are word, address and whether it is the one shown."""

    view: str
    title: str
    weekdays: list[str]
    days: list[DayView]
    total: int
    clashes: list[ClashView]
    all_clashes: int
    views: list[tuple[str, str, bool]]
    earlier: str
    today: str
    later: str
    filters: list[FilterView]
    filtered: bool
    chosen: list[str]
    clear: str
    anchor: str
    feed: str
    query: str
    tlp: str
    tlp_words: str


def build_agenda(desk: Desk) -> APIRouter:
    """The route of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/agenda")
    async def agenda(
        request: Request,
        vue: Annotated[str | None, Query()] = None,
        jour: Annotated[str | None, Query()] = None,
    ) -> Response:
        visitor = await desk.gate.admit(request)
        page = page_of(desk, request, visitor, await desk.queries.position())
        viewer = viewer_of(desk, request)
        period = read_period(vue, jour, viewer.dates.home(viewer.now).date())
        asked = Asked.read(request.query_params.multi_items())
        made = await make_agenda(desk, viewer, visitor.reader, period, asked)
        return answer(request, render(page.lang, "agenda.html", page=page, agenda=made), HTML, visitor)

    return routes


async def make_agenda(desk: Desk, viewer: Viewer, reader: Reader, period: Period, asked: Asked) -> AgendaView:
    """Ask for the meetings of the period and make their words."""
    every = await _meetings(desk, reader, period)
    shown = [meeting for meeting in every if asked.match(meeting)]
    clashes = find_clashes(shown, viewer.labels.registry)
    clashing = frozenset(uid for clash in clashes for uid in (clash.one.uid, clash.other.uid))
    almanac = Almanac(viewer, clashing, lambda day: _address(asked, "liste", day))
    highest = max((meeting.notice.row.tlp for meeting in shown), key=TLP.index, default="CLEAR")
    filters = [_filter(viewer, name, asked, every) for name in NAMES]
    return AgendaView(
        view=period.view,
        title=_title(viewer, period),
        weekdays=_weekdays(viewer),
        days=almanac.days(period, shown),
        total=len(shown),
        clashes=[almanac.clash(clash) for clash in clashes[:MOST_CLASHES]],
        all_clashes=len(clashes),
        views=[(WORDS[view], _address(asked, view, period.day), view == period.view) for view in VIEWS],
        earlier=_address(asked, period.view, period.earlier),
        today=_address(asked, period.view, None),
        later=_address(asked, period.view, period.later),
        filters=filters,
        filtered=bool(asked.query()),
        chosen=[choice.word for one in filters for choice in one.choices if choice.chosen],
        clear=_address(Asked(), period.view, period.day),
        anchor=period.day.isoformat(),
        feed="/agenda.ics" + (f"?{urlencode(asked.query())}" if asked.query() else ""),
        query=f"?{urlencode(asked.query())}" if asked.query() else "",
        tlp=highest,
        tlp_words=TLP_WORDS.get(highest, ""),
    )


async def _meetings(desk: Desk, reader: Reader, period: Period) -> list[Meeting]:
    """The meetings of the period."""
    first, last = period.instants(home_zone(desk.settings.country))
    return await kept_between(desk.meetings, desk.database, reader, first, last)


def _address(asked: Asked, view: str, day: date | None) -> str:
    pairs = [("vue", view)] + ([("jour", day.isoformat())] if day else []) + asked.query()
    return "/agenda?" + urlencode(pairs)


def _title(viewer: Viewer, period: Period) -> str:
    locale = LOCALES[viewer.labels.lang]
    if period.view == "mois":
        return format_date(period.day, "MMMM y", locale=locale)
    last = date.fromordinal(period.last.toordinal() - 1)
    said: str = format_interval(period.first, last, "yMMMd", locale=locale)
    return said


def _weekdays(viewer: Viewer) -> list[str]:
    names = get_day_names("abbreviated", locale=LOCALES[viewer.labels.lang])
    return [names[number] for number in range(7)]


def _filter(viewer: Viewer, name: str, asked: Asked, meetings: list[Meeting]) -> FilterView:
    """What a list can be narrowed to. Bodies are those of the meetings that this reader may see, and no others."""
    chosen = getattr(asked, name)
    words = {value: asked_word(viewer.labels, name, value) for value in _values(viewer, name, chosen, meetings)}
    order = sorted(words, key=lambda value: words[value].casefold()) if name == "body" else list(words)
    return FilterView(name, FILTERS[name], [Choice(value, words[value], value in chosen) for value in order])


def _values(viewer: Viewer, name: str, chosen: tuple[str, ...], meetings: list[Meeting]) -> Iterable[str]:
    match name:
        case "body":
            return {meeting.notice.row.source for meeting in meetings} | set(chosen)
        case "origin":
            return [country.value for country in Country]
        case "profile":
            return catalogue()[TYPE].profiles
    # Those in use today, and what these meetings name although it has ended.
    named = set(chosen).union(*(meeting.themes for meeting in meetings))
    return [code for code in terms("themes") if viewer.labels.offers("theme", code) or code in named]
