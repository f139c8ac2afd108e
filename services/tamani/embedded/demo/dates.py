"""Dates relative to the first start, so that a demo of next year has a full calendar and no stale alert.

Grammar: `<sign><number><unit>[ <weekday>][ <HH:MM>][ <zone>]`; unit `h`, `d`, `w`, `m` or `q`. With a weekday the week
counts from Monday (`+2w tue 09:00 Africa/Niamey`). `@<any of these>` as a whole string, or `{<…>}` inside a sentence.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from babel.dates import format_date

from tamani.core.event import format_time

WHEN: Final = re.compile(
    r"(?P<count>[+-]\d{1,4})(?P<unit>[hdwmq])"
    r"(?: (?P<weekday>mon|tue|wed|thu|fri|sat|sun))?(?: (?P<clock>\d\d:\d\d))?(?: (?P<zone>Africa/[A-Z][a-z]+))?"
)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# None of the three has summer time (domain: checked), and a small machine may have no zone files.
ZONES: Final = {"Africa/Ouagadougou": 0, "Africa/Bamako": 0, "Africa/Niamey": 1}


class When:
    """A relative date, resolved against the first start."""

    def __init__(self, text: str) -> None:
        match = WHEN.fullmatch(text)
        if match is None:
            raise ValueError(text)
        self._text = text
        self._count = int(match["count"])
        self._unit = match["unit"]
        self._weekday = match["weekday"]
        self._clock = match["clock"]
        self.zone = match["zone"] or "Africa/Ouagadougou"
        self._tz = timezone(timedelta(hours=ZONES[self.zone]))
        if self._weekday and self._unit != "w":
            raise ValueError(text)

    def __repr__(self) -> str:
        return f"When({self._text!r})"

    def instant(self, start: datetime) -> str:
        """RFC 3339 in UTC, whole seconds."""
        if self._unit == "h":
            return format_time(start + timedelta(hours=self._count))
        if self._clock is None:
            raise ValueError(f"{self._text}: an instant needs an hour")
        hour, minute = map(int, self._clock.split(":"))
        local = datetime.combine(self.date(start), datetime.min.time(), self._tz)
        return format_time((local + timedelta(hours=hour, minutes=minute)).astimezone(UTC))

    def date(self, start: datetime) -> date:
        """The day, in the zone of the expression."""
        today = start.astimezone(self._tz).date()
        if self._unit == "d":
            return today + timedelta(days=self._count)
        if self._unit == "w":
            monday = today - timedelta(days=today.weekday())
            return monday + timedelta(weeks=self._count, days=WEEKDAYS.index(self._weekday or "mon"))
        raise ValueError(f"{self._text}: not a day")

    def day(self, start: datetime) -> str:
        """`2026-12-08`."""
        return self.date(start).isoformat()

    def period(self, start: datetime) -> str:
        """The month (`2026-10`) or quarter (`2026-T3`) that lies this far away."""
        today = start.astimezone(self._tz).date()
        if self._unit == "m":
            months = today.year * 12 + today.month - 1 + self._count
            return f"{months // 12}-{months % 12 + 1:02d}"
        if self._unit == "q":
            quarters = today.year * 4 + (today.month - 1) // 3 + self._count
            return f"{quarters // 4}-T{quarters % 4 + 1}"
        raise ValueError(f"{self._text}: not a period")

    def words(self, start: datetime, lang: str) -> str:
        """As a sentence says it: « mardi 8 décembre 2026 à 09h00 », "Tuesday 8 December 2026 at 09:00"."""
        said = format_date(self.date(start), "EEEE d MMMM y", locale=lang)
        if self._clock is None:
            return said
        return f"{said} at {self._clock}" if lang == "en" else f"{said} à {self._clock.replace(':', 'h')}"
