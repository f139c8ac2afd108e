"""Dates as people of three capitals read them: both hours, always (Ouagadougou and Bamako UTC+0, Niamey UTC+1)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from tamani.core.event import parse_time
from tamani.core.names import Country

WEST = (ZoneInfo("Africa/Bamako"), "Bamako, Ouagadougou")
EAST = (ZoneInfo("Africa/Niamey"), "Niamey")
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_QUARTER = re.compile(r"(\d{4})-T([1-4])")
_HALF = re.compile(r"(\d{4})-S([12])")
_MONTH = re.compile(r"(\d{4})-(\d\d)")


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates in one language, the site's own hour first."""

    lang: str
    country: Country = Country.RG

    @property
    def _zones(self) -> tuple[tuple[ZoneInfo, str], tuple[ZoneInfo, str]]:
        return (EAST, WEST) if self.country is Country.NE else (WEST, EAST)

    @property
    def _locale(self) -> str:
        return LOCALES[self.lang]

    def home(self, when: datetime) -> datetime:
        """The instant by the site's own clock."""
        return when.astimezone(self._zones[0][0])

    def hour(self, when: datetime) -> str:
        """`09h00`, in English `09:00`, by the clock that the instant carries."""
        return when.strftime("%H:%M" if self.lang == "en" else "%Hh%M")

    def both(self, when: datetime) -> str:
        """`mer. 2 déc. 2026, 09h00 (Bamako, Ouagadougou) / 10h00 (Niamey)`; the second day too, where it differs."""
        (zone, name), (other_zone, other_name) = self._zones
        here, there = when.astimezone(zone), when.astimezone(other_zone)
        first = f"{self.short_day(here.date())}, {self.hour(here)} ({name})"
        also = "" if here.date() == there.date() else self.short_day(there.date()) + ", "
        return f"{first} / {also}{self.hour(there)} ({other_name})"

    def hours(self, when: datetime) -> str:
        """`09h00 · 10h00 Niamey`: for a list whose days are headings."""
        (zone, _), (other_zone, other_name) = self._zones
        name = other_name.partition(",")[0]
        return f"{self.hour(when.astimezone(zone))} · {self.hour(when.astimezone(other_zone))} {name}"

    def short_day(self, day: date) -> str:
        """`mer. 2 déc. 2026`."""
        return _formatted(day, "EEE d MMM y", self._locale)

    def long_day(self, day: date) -> str:
        """`mercredi 2 décembre 2026`."""
        return _formatted(day, "EEEE d MMMM y", self._locale)

    def tile(self, when: datetime) -> tuple[str, str]:
        """Day and month of a calendar leaf, by the site's own clock."""
        here = self.home(when).date()
        return _formatted(here, "d", self._locale), _formatted(here, "MMM", self._locale)

    def period(self, text: str) -> str:
        """`2026-T4` as `4e trimestre 2026`; what reads otherwise stays as it is."""
        if match := _QUARTER.fullmatch(text):
            nth = {"1": "1er", "2": "2e", "3": "3e", "4": "4e"}[match[2]]
            return f"Q{match[2]} {match[1]}" if self.lang == "en" else f"{nth} trimestre {match[1]}"
        if match := _HALF.fullmatch(text):
            nth = "1er" if match[2] == "1" else "2e"
            return f"H{match[2]} {match[1]}" if self.lang == "en" else f"{nth} semestre {match[1]}"
        if match := _MONTH.fullmatch(text):
            return format_date(date(int(match[1]), int(match[2]), 1), "MMMM y", locale=self._locale)
        return text

    def written(self, text: str) -> str | None:
        """An instant or a day as a notice writes them, in words; nothing if it is neither."""
        try:
            if len(text) == len("2026-12-02"):
                return self.short_day(date.fromisoformat(text))
            return self.both(parse_time(text))
        except ValueError:
            return None

    def how_long(self, span: timedelta) -> tuple[int, str]:
        """A length of time in its largest whole unit: number and unit (`minute`, `hour`, `day`)."""
        minutes = int(span.total_seconds() // 60)
        if minutes < 120:
            return minutes, "minute"
        return (minutes // 60, "hour") if minutes < 48 * 60 else (minutes // 1440, "day")


@lru_cache(maxsize=10_000)
def _formatted(day: date, pattern: str, locale: str) -> str:
    """A page writes the same few days hundreds of times."""
    return format_date(day, pattern, locale=locale)
