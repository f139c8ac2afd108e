"""How long a body has left to answer. Pure: the hour is given.

A day lasts until its end in UTC, which is the hour of Ouagadougou and Bamako; in Niamey it lasts an hour longer. So two
bodies in two countries are told the same.
"""

from datetime import UTC, date, datetime

# A reminder goes out when so many days are left, and once when the day has passed.
STAGES = (7, 1, -1)
FAR = 10**9


def days_left(due: date | None, now: datetime) -> int | None:
    """Whole days until the last day to answer: 0 on that day, below 0 once it has passed; nothing without a day."""
    return None if due is None else (due - now.astimezone(UTC).date()).days


def urgency(due: date | None, now: datetime) -> int:
    """A key to sort by: what is late longest first, then what is due soonest, then what has no day."""
    left = days_left(due, now)
    return FAR if left is None else left


def stage_of(left: int | None) -> int | None:
    """The reminder that is in its time: the last of `STAGES` that has come; nothing while there is time enough."""
    come = [stage for stage in STAGES if left is not None and left <= stage]
    return min(come, default=None)
