"""When mail waits for the morning. What changes within 48 hours of a meeting waits for nothing."""

from datetime import datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from tamani.desk.agenda.meetings import Meeting

PRESSING = timedelta(hours=48)


def not_before(now: datetime, meeting: Meeting, zone: ZoneInfo, quiet: tuple[int, int]) -> datetime:
    """Now, or the end of the quiet hours of this clock (`quiet`: from, until)."""
    nearest = min(hours.start for hours in (meeting.hours, *meeting.before))
    return now if nearest - now < PRESSING else end_of_quiet(now, zone, quiet)


def end_of_quiet(now: datetime, zone: ZoneInfo, quiet: tuple[int, int]) -> datetime:
    """Now if it is not quiet; equal hours mean that it never is."""
    begins, ends = quiet
    here = now.astimezone(zone)
    overnight = begins > ends
    asleep = (here.hour >= begins or here.hour < ends) if overnight else begins <= here.hour < ends
    if not asleep:
        return now
    day = here.date() + timedelta(days=1 if overnight and here.hour >= begins else 0)
    return datetime.combine(day, clock(ends), zone)
