"""The quiet hours, by the clock of the site."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tamani.desk.mail.quiet import end_of_quiet

NIAMEY = ZoneInfo("Africa/Niamey")
NIGHT, NOON = (21, 7), (12, 14)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=NIAMEY)


@pytest.mark.parametrize(
    ("now", "quiet", "then"),
    [
        (at(1, 20, 59), NIGHT, at(1, 20, 59)),
        (at(1, 21), NIGHT, at(2, 7)),
        (at(2, 0), NIGHT, at(2, 7)),
        (at(2, 6, 59), NIGHT, at(2, 7)),
        (at(2, 7), NIGHT, at(2, 7)),
        (at(31, 23), NIGHT, datetime(2027, 1, 1, 7, tzinfo=NIAMEY)),
        (at(1, 12), NOON, at(1, 14)),
        (at(1, 14), NOON, at(1, 14)),
        (at(1, 3), (0, 0), at(1, 3)),
    ],
)
def test_mail_waits_for_the_end_of_the_quiet(now: datetime, quiet: tuple[int, int], then: datetime) -> None:
    """Over midnight, within a day, and never where both hours are the same."""
    assert end_of_quiet(now, NIAMEY, quiet) == then
