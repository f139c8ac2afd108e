"""What an officer must know before the first click: what is new, what is urgent, what waits for us, what is late."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from tamani.core.policy import Reader
from tamani.desk.access import head_for
from tamani.desk.cursors import Cursor
from tamani.desk.demands.sealed import SealedDue, SealedFinder
from tamani.desk.demands.search import Due, Finder
from tamani.desk.gate import Visitor
from tamani.desk.pages.alerts import handled, standing_alerts
from tamani.desk.pages.demands import LineView, line_view
from tamani.desk.pages.listing import stories_of
from tamani.desk.pages.page import viewer_of
from tamani.desk.pages.views import Card, Viewer
from tamani.desk.queries import MOST_FOUND
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

MOST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Morning:
    """Four figures, and what is behind each that no other block of the page shows.

    `since` is the officer's last visit in words ("" if this is their first); `late_by_us` and `late_to_us` count what
    we owe, and are owed, past its day; `many`: more is new than was counted. `cursor`: where the live stream goes on.
    """

    new: int
    many: bool
    since: str
    fresh: list[Card]
    urgent: list[Card]
    ours: int
    late_by_us: int
    late_to_us: int
    late: list[LineView]
    cursor: str

    @property
    def late_in_all(self) -> int:
        """In both directions."""
        return self.late_by_us + self.late_to_us


async def morning_of(desk: Desk, request: Request, visitor: Visitor, owed: Sequence[Due | SealedDue]) -> Morning:
    """For the officer who looks now: `owed` is what waits for an answer of theirs."""
    viewer, reader = viewer_of(desk, request), visitor.reader
    place = await desk.queries.position()
    now = Cursor(head_for(reader, place), place.edition)
    left_off = await asyncio.to_thread(desk.accounts.visits.look, visitor.as_officer().id, visitor.sid or b"", str(now))
    new, latest = await desk.queries.moved_since(reader, Cursor.read(left_off.place if left_off else None), MOST_SHOWN)
    alerts = await standing_alerts(desk, viewer, reader)
    late = await Finder(desk.database, desk.told).late_to(reader, viewer.now)
    sealed = await SealedFinder(desk.database, desk.opener).owed_to(reader, viewer.now)
    return Morning(
        new=new,
        many=new >= MOST_FOUND,
        since=_moment(viewer, left_off.at) if left_off else "",
        fresh=await _cards(desk, viewer, reader, latest),
        urgent=[viewer.card(notice, story) for notice, story in alerts if not handled(story)],
        ours=len(owed),
        late_by_us=sum(one.late for one in owed),
        late_to_us=len(late) + sum(one.late for one in sealed),
        late=[line_view(viewer, one) for one in late[:MOST_SHOWN]],
        cursor=str(now),
    )


def _moment(viewer: Viewer, seconds: int) -> str:
    when = viewer.dates.home(datetime.fromtimestamp(seconds, UTC))
    return f"{viewer.dates.short_day(when.date())}, {viewer.dates.hour(when)}"


async def _cards(desk: Desk, viewer: Viewer, reader: Reader, notices: list[Notice]) -> list[Card]:
    told = await stories_of(desk, reader, notices)
    return [viewer.card(notice, told[notice.thread]) for notice in notices]
