"""What the calendar's templates show: days with their meetings, clashes, filters, with words and hours already made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tamani.desk.agenda import clocks
from tamani.desk.agenda.asked import Asked
from tamani.desk.agenda.clashes import Clash
from tamani.desk.agenda.meetings import TYPE, Hours, Meeting
from tamani.desk.agenda.periods import Period
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.states import Badge
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.wire import page_path

BADGES = {
    "tentative": Badge(_("À confirmer"), "warn", _("L'organisme n'a pas encore confirmé cette réunion.")),
    "postponed": Badge(_("Reportée"), "warn", _("L'organisme a reporté cette réunion.")),
    "cancelled": Badge(_("Annulée"), "stop", _("L'organisme a annulé cette réunion : elle n'aura pas lieu.")),
    "withdrawn": Badge(_("Retirée"), "stop", _("L'organisme a retiré cet avis ; son contenu n'est plus montré.")),
    "held": Badge(_("Tenue"), "calm", _("Cette réunion a eu lieu.")),
}
MOVED = Badge(_("Déplacée"), "warn", _("Les heures ont changé ; les anciennes sont barrées."))
# Of a day of the month; the rest is on the day's own list.
MOST_A_DAY = 6
CLASHES = Badge(_("Conflit"), "stop", _("Une autre réunion affichée se tient en même temps, avec les mêmes membres."))


@dataclass(frozen=True, slots=True)
class Slot:
    """A meeting on one of its days; `ghost` on a day that it has left."""

    href: str
    title: str
    lang: str
    kind: str
    body: str
    country: str
    tlp: str
    state: str
    begins: str
    elsewhere: str
    hours: str
    before: list[str]
    part: str
    badges: list[Badge]
    ghost: bool
    moved: str


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of the page. `more`: how many meetings it has besides, and where they are."""

    day: date
    number: str
    name: str
    today: bool
    outside: bool
    slots: list[Slot]
    more: int
    href: str


@dataclass(frozen=True, slots=True)
class ClashView:
    """Two meetings in each other's way."""

    titles: tuple[str, str]
    hrefs: tuple[str, str]
    bodies: tuple[str, str]
    hours: str
    shared: list[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A meeting on one of its days, or (`former`) on a day that it has left; `part`: which of several days it is."""

    meeting: Meeting
    former: Hours | None = None
    part: str = ""

    @property
    def order(self) -> tuple[bool, datetime]:
        """What goes on since an earlier day first, then by hour."""
        return not self.part, (self.former or self.meeting.hours).start


@dataclass(frozen=True, slots=True)
class Almanac:
    """Makes views for one reader's page. `address`: where a day is shown whole."""

    viewer: Viewer
    clashing: frozenset[str]
    address: Callable[[date], str]

    def days(self, period: Period, meetings: list[Meeting]) -> list[DayView]:
        """Every day of the period with what is on it; in a list, only days that have something."""
        on: dict[date, list[_Place]] = {}
        for meeting in meetings:
            for day, place in self._places(meeting, period):
                on.setdefault(day, []).append(place)
        days = sorted(on) if period.view == "liste" else period.days()
        return [self._day(day, period, on.get(day, [])) for day in days]

    def clash(self, clash: Clash) -> ClashView:
        """Both meetings by title, and when they overlap."""
        pair = clash.one, clash.other
        return ClashView(
            titles=(self._title(pair[0]), self._title(pair[1])),
            hrefs=(_href(pair[0]), _href(pair[1])),
            bodies=(self._body(pair[0]), self._body(pair[1])),
            hours=clocks.dated(self.viewer.dates, clash.hours),
            shared=[self.viewer.labels.body(body) for body in sorted(clash.shared)],
        )

    def _day(self, day: date, period: Period, places: list[_Place]) -> DayView:
        """In a month, where meetings have left a day they make room for those that it has."""
        dates, most = self.viewer.dates, MOST_A_DAY if period.view == "mois" else len(places)
        shown = sorted(places, key=lambda one: (one.former is not None, one.order))[:most]
        return DayView(
            day=day,
            number=str(day.day),
            name=dates.long_day(day),
            today=day == dates.home(self.viewer.now).date(),
            outside=period.view == "mois" and (day.year, day.month) != (period.day.year, period.day.month),
            slots=[
                self._slot(place, brief=period.view == "mois") for place in sorted(shown, key=lambda one: one.order)
            ],
            more=len(places) - len(shown),
            href=self.address(day),
        )

    def _places(self, meeting: Meeting, period: Period) -> Iterator[tuple[date, _Place]]:
        """The meeting on each of its days within the period, and a trace on the days that it has left."""
        zone = clocks.home_zone(self.viewer.dates.country)
        first, last = clocks.days_of(meeting.hours, zone)
        own = [first] if period.view == "liste" else _within(period, first, last)
        taken = {day for day in own if _in(period, day)}
        yield from ((day, _Place(meeting, part=self._part(day, first, last))) for day in sorted(taken))
        for hours in meeting.before:
            began, ended = clocks.days_of(hours, zone)
            left = [began] if period.view == "liste" else _within(period, began, ended)
            yield from ((day, _Place(meeting, hours)) for day in left if _in(period, day) and day not in taken)
            taken |= set(left)

    def _slot(self, place: _Place, *, brief: bool) -> Slot:
        """In brief, the hours of before are left to the meeting's own page."""
        meeting, former = place.meeting, place.former
        row, dates, labels = meeting.notice.row, self.viewer.dates, self.viewer.labels
        hours = former or meeting.hours
        say = translations(labels.lang).gettext
        several = _several_days(meeting.hours, clocks.home_zone(dates.country))
        return Slot(
            href=_href(meeting),
            title=self._title(meeting),
            lang=said_in(meeting.notice, labels.lang).lang,
            kind=labels.profile(row.type, row.profile),
            body=self._body(meeting),
            country=labels.country(row.origin),
            tlp=row.tlp,
            state=meeting.state,
            begins=clocks.begins(dates, hours),
            elsewhere=clocks.elsewhere(dates, hours),
            hours=(clocks.dated if several else clocks.said)(dates, hours),
            before=[] if former or brief else [clocks.dated(dates, one) for one in meeting.before],
            part=place.part,
            badges=self._badges(meeting),
            ghost=former is not None,
            moved=say(_("Nouvelle date : %(when)s")) % {"when": clocks.dated(dates, meeting.hours)} if former else "",
        )

    def _badges(self, meeting: Meeting) -> list[Badge]:
        badge = BADGES.get(meeting.state)
        moved = bool(meeting.before) and not meeting.off and meeting.state != "postponed"
        clashing = meeting.uid in self.clashing
        return [one for one, holds in ((badge, badge), (MOVED, moved), (CLASHES, clashing)) if one and holds]

    def _part(self, day: date, first: date, last: date) -> str:
        if first == last:
            return ""
        number, total = (day - first).days + 1, (last - first).days + 1
        return translations(self.viewer.labels.lang).gettext(_("jour %(n)s sur %(total)s")) % {
            "n": number,
            "total": total,
        }

    def _title(self, meeting: Meeting) -> str:
        return "" if meeting.state == "withdrawn" else said_in(meeting.notice, self.viewer.labels.lang).title

    def _body(self, meeting: Meeting) -> str:
        return self.viewer.labels.body(str(meeting.notice.row.source))


def _href(meeting: Meeting) -> str:
    return page_path(meeting.notice.row.source, meeting.notice.row.id)


def _within(period: Period, first: date, last: date) -> list[date]:
    """The days from `first` to `last` that the period shows."""
    start, end = max(first, period.first), min(last, date.fromordinal(period.last.toordinal() - 1))
    return [date.fromordinal(number) for number in range(start.toordinal(), end.toordinal() + 1)]


def _in(period: Period, day: date) -> bool:
    return period.first <= day < period.last


def _several_days(hours: Hours, zone: ZoneInfo) -> bool:
    first, last = clocks.days_of(hours, zone)
    return first != last


def asked_words(labels: Labels, asked: Asked) -> str:
    """The filters in words."""
    return ", ".join(asked_word(labels, name, value) for name, value in asked.query())


def asked_word(labels: Labels, name: str, value: str) -> str:
    """A value of a filter of `Asked`, in words."""
    match name:
        case "body":
            return labels.body(value)
        case "origin":
            return labels.country(value)
        case "profile":
            return labels.profile(TYPE, value)
        case _:
            return labels.value("themes", value)
