"""What a page covers, and where its neighbours are."""

from datetime import date

import pytest

from tamani.core.errors import RefusedError
from tamani.desk.agenda.periods import read_period

TODAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("view", "day", "edges"),
    [
        ("mois", "2026-12-15", ((2026, 11, 30), (2027, 1, 4), (2026, 11, 1), (2027, 1, 1))),
        ("mois", "2027-02-28", ((2027, 2, 1), (2027, 3, 1), (2027, 1, 1), (2027, 3, 1))),
        ("mois", "2026-01-31", ((2025, 12, 29), (2026, 2, 2), (2025, 12, 1), (2026, 2, 1))),
        ("semaine", "2026-12-06", ((2026, 11, 30), (2026, 12, 7), (2026, 11, 29), (2026, 12, 13))),
        ("liste", "2026-12-03", ((2026, 12, 3), (2027, 3, 4), (2026, 9, 3), (2027, 3, 4))),
    ],
)
def test_whole_weeks_and_neighbours(view: str, day: str, edges: tuple[tuple[int, int, int], ...]) -> None:
    """A month shows the weeks that it touches, from Monday; a list goes on where the one before ended."""
    period = read_period(view, day, TODAY)
    found = period.first, period.last, period.earlier, period.later
    assert found == tuple(date(*edge) for edge in edges)
    assert period.first <= period.day < period.last


def test_without_words_it_is_this_month() -> None:
    period = read_period(None, None, TODAY)
    assert (period.view, period.day) == ("mois", TODAY)
    assert len(period.days()) % 7 == 0


@pytest.mark.parametrize(
    ("view", "day"), [("annee", None), ("mois", "hier"), ("mois", "1969-12-31"), ("", "2101-01-01")]
)
def test_what_is_no_period_is_refused(view: str, day: str | None) -> None:
    with pytest.raises(RefusedError, match=r"refused\.request"):
        read_period(view, day, TODAY)
