"""Hours by the clocks of three capitals: agreeing ones together, the site's own first, other days named."""

from datetime import UTC, date, datetime

import pytest

from tamani.core.names import Country
from tamani.desk.agenda import clocks
from tamani.desk.agenda.clocks import CAPITALS, begins, dated, days_of, elsewhere, home_zone, said
from tamani.desk.agenda.meetings import Hours
from tamani.desk.pages.dates import Dates

MORNING = Hours(datetime(2026, 12, 2, 9, tzinfo=UTC), datetime(2026, 12, 2, 12, 30, tzinfo=UTC))
LATE = Hours(datetime(2026, 12, 2, 22, 30, tzinfo=UTC), datetime(2026, 12, 2, 23, 30, tzinfo=UTC))
THREE_DAYS = Hours(datetime(2026, 12, 29, 9, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("country", "words"),
    [
        (Country.ML, "09h00–12h30 Bamako, Ouagadougou · 10h00–13h30 Niamey"),
        (Country.RG, "09h00–12h30 Bamako, Ouagadougou · 10h00–13h30 Niamey"),
        (Country.BF, "09h00–12h30 Ouagadougou, Bamako · 10h00–13h30 Niamey"),
        (Country.NE, "10h00–13h30 Niamey · 09h00–12h30 Bamako, Ouagadougou"),
    ],
)
def test_each_site_reads_its_own_hour_first(country: Country, words: str) -> None:
    assert said(Dates("fr", country), MORNING) == words


def test_english_writes_its_own_hours() -> None:
    assert said(Dates("en", Country.ML), MORNING) == "09:00–12:30 Bamako, Ouagadougou · 10:00–13:30 Niamey"


def test_a_clock_that_shows_another_day_says_so() -> None:
    """In Niamey it is past midnight when it ends in Bamako."""
    dates = Dates("fr", Country.ML)
    assert said(dates, LATE) == "22h30–23h30 Bamako, Ouagadougou · 23h30–jeu. 3 déc. 2026 00h30 Niamey"
    assert dated(dates, LATE).startswith("mer. 2 déc. 2026, 22h30")
    assert dated(Dates("fr", Country.NE), LATE).startswith("mer. 2 déc. 2026 – jeu. 3 déc. 2026, 23h30–00h30 Niamey")


def test_several_days_have_a_first_and_a_last() -> None:
    words = dated(Dates("fr", Country.ML), THREE_DAYS)
    assert words == ("mar. 29 déc. 2026 – jeu. 31 déc. 2026, 09h00–16h00 Bamako, Ouagadougou · 10h00–17h00 Niamey")
    assert days_of(THREE_DAYS, home_zone(Country.ML)) == (date(2026, 12, 29), date(2026, 12, 31))


def test_what_ends_at_midnight_takes_no_further_day() -> None:
    until_midnight = Hours(datetime(2026, 12, 2, 20, tzinfo=UTC), datetime(2026, 12, 3, 0, tzinfo=UTC))
    assert days_of(until_midnight, home_zone(Country.BF)) == (date(2026, 12, 2), date(2026, 12, 2))
    assert days_of(until_midnight, home_zone(Country.NE)) == (date(2026, 12, 2), date(2026, 12, 3))
    at_midnight = Hours(datetime(2026, 12, 3, tzinfo=UTC), datetime(2026, 12, 3, tzinfo=UTC))
    assert days_of(at_midnight, home_zone(Country.ML)) == (date(2026, 12, 3), date(2026, 12, 3))


def test_the_short_hour_names_who_differs() -> None:
    assert (begins(Dates("fr", Country.ML), MORNING), elsewhere(Dates("fr", Country.ML), MORNING)) == (
        "09h00",
        "10h00 Niamey",
    )
    assert elsewhere(Dates("fr", Country.NE), MORNING) == "09h00 Bamako, Ouagadougou"


def test_clocks_that_part_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should one of the three ever have summer time, its hour is its own: nothing is assumed."""
    from zoneinfo import ZoneInfo

    parted = (CAPITALS[0], ("Ouagadougou", ZoneInfo("Europe/Lisbon")), CAPITALS[2])
    monkeypatch.setattr(clocks, "CAPITALS", parted)
    july = Hours(datetime(2026, 7, 1, 9, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert said(Dates("fr", Country.ML), july) == "09h00–12h00 Bamako · 10h00–13h00 Ouagadougou, Niamey"
