"""What the templates show: a notice as a line of the list, with words and dates already made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.event import Event
from tamani.core.terms_then import day_of
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.states import Badge, badges
from tamani.desk.rows import Notice
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

# The drawing beside a line; a type that has none of its own gets that of its family.
ICONS = {
    "sealed": "lock",
    "monitor.alert": "alert",
    "monitor.report": "report",
    "law.item": "law",
    "roadmap.progress": "roadmap",
}
MANY_AREAS = 3
WAITS = _("Un avis scellé vous attend")
EXPIRES = {
    "minute": _("expire dans %(n)s min"),
    "hour": _("expire dans %(n)s h"),
    "day": _("expire dans %(n)s jours"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the log says of a notice: the word, its tone, the sentence; all in the reader's language; since when."""

    word: str
    tone: str
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One line of the list."""

    href: str
    thread: str
    icon: str
    tile: tuple[str, str] | None
    kind: str
    profile: str
    title: str
    summary: str
    severity: str | None
    severity_word: str
    badges: list[Badge]
    body: str
    country: str
    areas: list[str]
    more_areas: int
    when: str
    recorded: datetime
    meeting: str
    expires: str
    percent: int | None
    tlp: str
    lang: str
    foreign: str
    attested: Standing | None = None
    title_found: Markup | None = None
    passage: Markup | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A notice's title and summary, and the language that they are in."""

    lang: str
    title: str
    summary: str


def said_in(notice: Notice, lang: str) -> Said:
    """In the reader's language, where the body has published a translation that somebody has read over."""
    if notice.row.type == SEALED.name:
        return Said(lang, translations(lang).gettext(WAITS), "")
    head = notice.event.head
    if not notice.row.lang.startswith(lang):
        for one in head.get("translations", ()):
            if one.get("status") == "reviewed" and str(one.get("lang")).startswith(lang):
                return Said(str(one["lang"]), str(one.get("title")), str(one.get("summary") or ""))
    return Said(notice.row.lang, notice.row.title, str(head.get("summary") or ""))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Words and dates for one reader's page."""

    labels: Labels
    dates: Dates
    now: datetime
    # What the log says of the notices of this page; empty where nobody asked.
    standings: Mapping[int, Standing] = field(default_factory=dict)
    # The titles of the notices that what is shown names, by source and id (`naming.with_titles`).
    titles: Mapping[str, str] = field(default_factory=dict)

    def card(self, notice: Notice, story: Story) -> Card:
        """The line of a notice; one that was taken back keeps its place, without its words."""
        row, data = notice.row, notice.event.data
        hidden, said = story.hides(notice), said_in(notice, self.labels.lang)
        day = day_of(notice.event)
        areas = [self.labels.area(area, day) for area in row.areas]
        start = _start(notice.event)
        return Card(
            href=page_path(row.source, row.id),
            thread=row.thread,
            icon=ICONS.get(row.type, row.type.partition(".")[0]),
            tile=self.dates.tile(start) if start and not hidden else None,
            kind=self.labels.type(row.type),
            profile=self._profile(notice),
            title="" if hidden else said.title,
            summary="" if hidden else said.summary,
            severity=None if hidden else row.severity,
            severity_word=self.labels.value("severity", row.severity) if row.severity else "",
            badges=badges(story, notice, self.now),
            attested=self.standings.get(row.feed_index),
            body=self.labels.body(row.source),
            country=self.labels.country(row.origin),
            areas=areas[:MANY_AREAS],
            more_areas=max(0, len(areas) - MANY_AREAS),
            when=self.dates.hours(row.recordedtime),
            recorded=row.recordedtime,
            meeting=self.dates.both(start) if start and not hidden else "",
            expires=self._expires(row.expirytime),
            percent=_percent(data) if not hidden else None,
            tlp=row.tlp,
            lang=said.lang,
            foreign="" if said.lang.startswith(self.labels.lang) else self.labels.language(said.lang),
        )

    def _expires(self, expiry: datetime | None) -> str:
        """How long it still holds, in the largest unit that says it well."""
        if expiry is None or expiry <= self.now:
            return ""
        say = translations(self.labels.lang).gettext
        number, unit = self.dates.how_long(expiry - self.now)
        return say(EXPIRES[unit]) % {"n": number}

    def _profile(self, notice: Notice) -> str:
        """The profile's word, unless it only repeats the type's."""
        kind, profile = self.labels.type(notice.row.type), self.labels.profile(notice.row.type, notice.row.profile)
        return "" if profile.casefold() in kind.casefold() else profile

    def by_day(self, cards: list[Card]) -> list[tuple[date, list[Card]]]:
        """The lines under the day on which they were archived, by the site's own clock."""
        days: dict[date, list[Card]] = {}
        for card in cards:
            days.setdefault(self.dates.home(card.recorded).date(), []).append(card)
        return list(days.items())


def _start(event: Event) -> datetime | None:
    """When a meeting begins; what another type means by that word, in a version to come, nobody here knows."""
    return datetime.fromisoformat(event.data["start"]) if event.kind == "agenda.meeting" else None


def _percent(data: dict[str, Any]) -> int | None:
    found = data.get("percent")
    return found if isinstance(found, int) else None
