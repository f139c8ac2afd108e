"""Hours by the clocks of the three capitals, agreeing ones together: `09h00 Bamako, Ouagadougou · 10h00 Niamey`.

Zones are the tz database's. That two of them agree, and that none has summer time, is seen and not assumed.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tamani.core.names import Country
from tamani.desk.agenda.meetings import Hours
from tamani.desk.pages.dates import Dates

CAPITALS = (
    ("Bamako", ZoneInfo("Africa/Bamako")),
    ("Ouagadougou", ZoneInfo("Africa/Ouagadougou")),
    ("Niamey", ZoneInfo("Africa/Niamey")),
)
HOME = {Country.BF: "Ouagadougou", Country.NE: "Niamey"}


def home_zone(country: Country) -> ZoneInfo:
    """The clock of a site: its capital's; the region's goes with Bamako."""
    return dict(CAPITALS)[HOME.get(country, "Bamako")]


def said(dates: Dates, hours: Hours) -> str:
    """Both hours by every clock; the day too, where a clock shows another one than the site's own."""
    zone = home_zone(dates.country)
    days = _days(hours, zone)
    return " · ".join(f"{text} {', '.join(names)}" for text, names in _groups(dates, hours, days).items())


def dated(dates: Dates, hours: Hours) -> str:
    """The day (or the first and the last) by the site's own clock, then the hours by every clock."""
    first, last = _days(hours, home_zone(dates.country))
    day = dates.short_day(first) if first == last else f"{dates.short_day(first)} – {dates.short_day(last)}"
    return f"{day}, {said(dates, hours)}"


def begins(dates: Dates, hours: Hours) -> str:
    """The hour of beginning alone, by the site's own clock."""
    return dates.hour(hours.start.astimezone(home_zone(dates.country)))


def elsewhere(dates: Dates, hours: Hours) -> str:
    """The hour of beginning by the clocks that do not agree with the site's own."""
    own = begins(dates, hours)
    others: dict[str, list[str]] = {}
    for name, zone in CAPITALS:
        others.setdefault(dates.hour(hours.start.astimezone(zone)), []).append(name)
    return " · ".join(f"{hour} {', '.join(names)}" for hour, names in others.items() if hour != own)


def days_of(hours: Hours, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day that a meeting touches, by this clock; one that ends at midnight is over by then."""
    first, last = hours.start.astimezone(zone), hours.end.astimezone(zone)
    whole = last.date()
    return first.date(), max(first.date(), date.fromordinal(whole.toordinal() - 1) if _is_midnight(last) else whole)


def _is_midnight(when: datetime) -> bool:
    return (when.hour, when.minute, when.second) == (0, 0, 0)


def _days(hours: Hours, zone: ZoneInfo) -> tuple[date, date]:
    return hours.start.astimezone(zone).date(), hours.end.astimezone(zone).date()


def _groups(dates: Dates, hours: Hours, days: tuple[date, date]) -> dict[str, list[str]]:
    """The capitals by what their clocks show; the site's own come first."""
    home = HOME.get(dates.country, "Bamako")
    found: dict[str, list[str]] = {}
    for name, zone in sorted(CAPITALS, key=lambda one: one[0] != home):
        start, end = hours.start.astimezone(zone), hours.end.astimezone(zone)
        text = f"{_hour(dates, start, days[0])}\u2013{_hour(dates, end, days[1])}"
        found.setdefault(text, []).append(name)
    return found


def _hour(dates: Dates, when: datetime, day: date) -> str:
    also = "" if when.date() == day else f"{dates.short_day(when.date())} "
    return also + dates.hour(when)
