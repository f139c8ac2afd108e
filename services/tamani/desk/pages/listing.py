"""The first page: threads, newest first, under the day they were archived, with filters that show what they leave."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from tamani.core.policy import Reader
from tamani.desk.cursors import Cursor
from tamani.desk.facets import Facets, count_facets
from tamani.desk.filters import CHOICES, Filters
from tamani.desk.pages.alerts import SEVERITIES, standing_alerts
from tamani.desk.pages.attested import with_attestations
from tamani.desk.pages.found import show_found
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Card, Viewer
from tamani.desk.queries import Page as Found
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story, Thread, stories

PER_PAGE = 25
OPEN_CHOICES = 6
WORDS = {
    "type": _("Nature"),
    "severity": _("Gravité"),
    "origin": _("Origine"),
    "area": _("Région"),
    "theme": _("Thème"),
    "body": _("Organisme"),
    "lang": _("Langue"),
}
EDGES = {"since": _("depuis le %(day)s"), "until": _("jusqu'au %(day)s")}


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of a filter."""

    value: str
    word: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """One filter: the boxes shown, and the rest behind a fold."""

    name: str
    word: str
    choices: list[Choice]
    rest: list[Choice]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    word: str
    href: str


@dataclass(frozen=True, slots=True)
class ListView:
    """What `list.html` shows."""

    days: list[tuple[date, list[Card]]]
    day_name: Callable[[date], str]
    total: int
    facets: list[FacetView]
    alerts: list[Card]
    chips: list[Chip]
    cursor: str
    stream: str
    q: str
    kept: list[tuple[str, str]]
    unseen: list[tuple[str, str]]
    query: str
    atom: str
    newest: str
    older: str
    is_older: bool
    since: str
    until: str


async def make_list(desk: Desk, viewer: Viewer, reader: Reader, filters: Filters, before: Cursor) -> ListView:
    """Ask for the page and make its words."""
    found = await desk.queries.threads(reader, filters, before, PER_PAGE)
    threads = await stories_of(desk, reader, found.notices)
    facets = await count_facets(desk.database, reader, filters)
    viewer = await with_attestations(desk, viewer, found.notices)
    cards = [viewer.card(notice, threads[notice.thread]) for notice in found.notices]
    if filters.q:
        cards = await show_found(
            desk.queries, desk.registry.current, filters.q, list(zip(found.notices, cards, strict=True))
        )
    alerts = [] if filters.any or before.number else await standing_alerts(desk, viewer, reader)
    query = urlencode(filters.query())
    days = dict(filters.query())
    return ListView(
        days=viewer.by_day(cards),
        day_name=lambda day: day_name(viewer, day),
        total=facets.total,
        facets=_facets(viewer, facets, filters),
        alerts=[viewer.card(*one) for one in alerts],
        chips=_chips(viewer, filters),
        cursor=str(Cursor(found.complete_through, found.edition)),
        stream=f"{query}&" if query else "",
        q=filters.q,
        kept=[pair for pair in filters.query() if pair[0] != "q"],
        unseen=[pair for pair in filters.query() if pair[0] not in {*WORDS, *EDGES}],
        query=query,
        atom=_address("/feed.atom", query),
        newest=_address("/", query),
        older=_older(query, found),
        is_older=bool(before.number),
        since=days.get("since", ""),
        until=days.get("until", ""),
    )


async def stories_of(desk: Desk, reader: Reader, notices: list[Notice]) -> dict[Thread, Story]:
    """The threads of these notices, each as this reader sees it."""
    return stories(await desk.queries.threads_of(reader, notices))


def day_name(viewer: Viewer, day: date) -> str:
    """Today, yesterday, or the day in full."""
    say, today = translations(viewer.labels.lang).gettext, viewer.dates.home(viewer.now).date()
    if day == today:
        return say(_("Aujourd'hui"))
    return say(_("Hier")) if day == today - timedelta(days=1) else viewer.dates.long_day(day)


def _facets(viewer: Viewer, facets: Facets, filters: Filters) -> list[FacetView]:
    return [view for name in WORDS if (view := _facet(viewer, name, facets.counts[name], filters)).choices]


def _facet(viewer: Viewer, name: str, counts: dict[str, int], filters: Filters) -> FacetView:
    """Chosen values first, even if nothing is left of them; then the most frequent; severities in their own order."""
    chosen = getattr(filters, name)
    values = list(dict.fromkeys([*chosen, *counts]))
    if name == "severity":
        values = [value for value in SEVERITIES if value in values]
    made = [Choice(v, viewer.labels.choice(name, v), counts.get(v, 0), v in chosen) for v in values]
    cut = max(OPEN_CHOICES, len(chosen))
    shown = made if len(made) <= cut + 1 else made[:cut]
    return FacetView(name, WORDS[name], shown, made[len(shown) :])


def _chips(viewer: Viewer, filters: Filters) -> list[Chip]:
    chips = []
    for name, value in filters.query():
        rest = filters.without(name, value if name in CHOICES else None)
        chips.append(Chip(_word(viewer, name, value), _address("/", urlencode(rest.query()))))
    return chips


def words_of_filters(viewer: Viewer, filters: Filters) -> str:
    """All filters in words."""
    return ", ".join(_word(viewer, name, value) for name, value in filters.query())


def _word(viewer: Viewer, name: str, value: str) -> str:
    if name in EDGES:
        say = translations(viewer.labels.lang).gettext
        return say(EDGES[name]) % {"day": viewer.dates.written(value) or value}
    return f"« {value} »" if name == "q" else viewer.labels.choice(name, value)


def _older(query: str, found: Found) -> str:
    if not found.more:
        return ""
    return _address("/", f"{query}&" * bool(query) + urlencode({"avant": found.next}))


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
