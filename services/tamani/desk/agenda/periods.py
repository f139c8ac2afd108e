"""What a page of the calendar covers: a month in whole weeks, a week, or a quarter as a list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from tamani.core.errors import RefusedError

VIEWS = ("mois", "semaine", "liste")
WEEK = timedelta(days=7)
LISTED = timedelta(weeks=13)
# Further away nobody convenes, and arithmetic on dates would leave the calendar.
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to before `last`; `earlier` and `later` are days of the pages beside."""

    view: str
    day: date
    first: date
    last: date
    earlier: date
    later: date

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its edges by this clock."""
        return datetime.combine(self.first, clock.min, zone), datetime.combine(self.last, clock.min, zone)

    def days(self) -> list[date]:
        """Every day, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days)]


def read_period(view: str | None, day: str | None, today: date) -> Period:
    """From the words of an address; without them, this month.

    Raises:
        RefusedError: `refused.request`: no such view, or no such day.
    """
    chosen = view or VIEWS[0]
    if chosen not in VIEWS:
        raise RefusedError("refused.request", "vue")
    try:
        anchor = date.fromisoformat(day) if day else today
    except ValueError as error:
        raise RefusedError("refused.request", "jour") from error
    if not EARLIEST <= anchor <= LATEST:
        raise RefusedError("refused.request", "jour")
    return {"mois": _month, "semaine": _week, "liste": _list}[chosen](anchor)


def monday(day: date) -> date:
    """The first day of its week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def _month(day: date) -> Period:
    first = day.replace(day=1)
    later = (first + timedelta(days=31)).replace(day=1)
    earlier = (first - timedelta(days=1)).replace(day=1)
    return Period("mois", day, monday(first), monday(later - timedelta(days=1)) + WEEK, earlier, later)


def _week(day: date) -> Period:
    first = monday(day)
    return Period("semaine", day, first, first + WEEK, day - WEEK, day + WEEK)


def _list(day: date) -> Period:
    return Period("liste", day, day, day + LISTED, day - LISTED, day + LISTED)
