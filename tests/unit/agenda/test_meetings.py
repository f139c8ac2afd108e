"""A meeting is what its thread makes of it: state, hours old and new, a sequence that only grows."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tamani.core.event import Event
from tamani.desk.agenda.meetings import Hours, Meeting, uid_of
from tests.component.desk.feeds import Feed
from tests.support.agenda import meeting_in, story_of
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, data_of

SUBJECT = "agenda/seance"
MORNING = {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T12:00:00Z"}
NEXT_DAY = {"start": "2026-12-02T09:00:00Z", "end": "2026-12-02T12:00:00Z"}


def convene(feed: Feed, source: str = COMMISSION_ML, tlp: str = "CLEAR", subject: str = SUBJECT, **data: Any) -> Event:
    """A version of the meeting."""
    return feed.say("agenda.meeting", source, subject=subject, tlp=tlp, data=data_of("agenda.meeting") | MORNING | data)


def withdraw(feed: Feed, event: Event, source: str = COMMISSION_ML, subject: str = SUBJECT) -> Event:
    """Take a version back."""
    data = data_of("withdrawal") | {"target": {"source": event.source, "id": event.id}}
    return feed.say("withdrawal", source, subject=subject, tlp="CLEAR", data=data)


def test_a_first_convocation() -> None:
    feed = Feed()
    event = convene(feed)

    meeting = meeting_in(feed, event)

    assert (meeting.state, meeting.sequence, meeting.first, meeting.before) == ("confirmed", 0, True, ())
    assert meeting.uid == uid_of(COMMISSION_ML, SUBJECT)
    assert meeting.hours == Hours(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC))


def test_a_new_hour_strikes_the_old_one() -> None:
    """And hours that came back are not struck out."""
    feed = Feed()
    event = convene(feed)
    convene(feed, **NEXT_DAY, sequence=1)
    moved = meeting_in(feed, event)
    assert [hours.start.day for hours in moved.before] == [1]
    assert (moved.hours.start.day, moved.sequence, moved.first) == (2, 1, False)

    convene(feed, sequence=2)
    back = meeting_in(feed, event)
    assert [hours.start.day for hours in back.before] == [2]
    assert back.hours.start.day == 1


@pytest.mark.parametrize("state", ["tentative", "confirmed", "postponed", "held", "cancelled"])
def test_the_state_is_that_of_the_last_version(state: str) -> None:
    feed = Feed()
    event = convene(feed, status="confirmed" if state == "held" else "tentative")
    convene(feed, status=state)
    meeting = meeting_in(feed, event)
    assert meeting.state == state
    assert meeting.off is (state == "cancelled")


def test_taken_back_it_is_off_and_keeps_its_name() -> None:
    feed = Feed()
    event = convene(feed)
    uid = meeting_in(feed, event).uid
    withdraw(feed, event)
    gone = meeting_in(feed, event)
    assert (gone.state, gone.off, gone.sequence, gone.uid) == ("withdrawn", True, 1, uid)
    assert gone.changed == gone.latest.row.recordedtime
    assert gone.latest.row.type == "withdrawal"


def test_a_version_taken_back_leaves_the_one_before() -> None:
    """Its hours are told again, under a higher sequence, and those of what was taken back nowhere."""
    feed = Feed()
    event = convene(feed)
    wrong = convene(feed, **NEXT_DAY, sequence=1)
    withdraw(feed, wrong)
    meeting = meeting_in(feed, event)
    assert (meeting.hours.start.day, meeting.before, meeting.sequence) == (1, (), 2)


def test_the_sequence_grows_whatever_the_sender_counts() -> None:
    """A sender that forgets to count, counts backwards, or leaps."""
    feed = Feed()
    event = convene(feed, sequence=0)
    seen = [meeting_in(feed, event).sequence]
    for claimed in (0, 7, 3, 8, 8):
        convene(feed, sequence=claimed)
        seen.append(meeting_in(feed, event).sequence)
    assert seen == [0, 1, 7, 8, 9, 10]
    assert all(later > earlier for earlier, later in pairwise(seen))


def test_nothing_counts_after_a_cancellation() -> None:
    feed = Feed()
    event = convene(feed)
    convene(feed, status="cancelled", sequence=1)
    before = meeting_in(feed, event)
    convene(feed, status="confirmed", sequence=2, **NEXT_DAY)
    after = meeting_in(feed, event)
    assert (after.state, after.sequence, after.hours, after.latest.row.id) == (
        before.state,
        before.sequence,
        before.hours,
        before.latest.row.id,
    )


def test_somebody_else_neither_moves_nor_ends_it() -> None:
    feed = Feed()
    event = convene(feed)
    convene(feed, COMMISSION_BF, status="cancelled")
    withdraw(feed, event, COMMISSION_BF)
    assert meeting_in(feed, event).state == "confirmed"
    assert meeting_in(feed, event).sequence == 0
    assert uid_of(COMMISSION_ML, SUBJECT) != uid_of(COMMISSION_BF, SUBJECT)


def test_what_has_no_effect_is_no_meeting_and_moves_none() -> None:
    """A thread cannot open with a cancellation, nor go back from confirmed to tentative."""
    feed = Feed()
    opened_badly = convene(feed, status="cancelled")
    assert Meeting.of(story_of(feed, opened_badly)) is None
    feed = Feed()
    event = convene(feed)
    convene(feed, status="tentative", sequence=5, **NEXT_DAY)
    assert (meeting_in(feed, event).state, meeting_in(feed, event).sequence) == ("confirmed", 0)
    convene(feed, sequence=1)
    assert meeting_in(feed, event).before == ()


def test_a_cancellation_taken_back_lets_it_stand_again() -> None:
    """With the hours it had, under a higher sequence."""
    feed = Feed()
    event = convene(feed)
    withdraw(feed, convene(feed, status="cancelled"))
    assert (meeting_in(feed, event).state, meeting_in(feed, event).sequence) == ("confirmed", 2)


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "1970-12-31T23:00:00Z", "2100-01-01T00:00:00Z"])
def test_hours_that_no_clock_can_tell_make_no_meeting(start: str) -> None:
    """Else one such notice would break the page of everybody who may read it."""
    feed = Feed()
    event = convene(feed, start=start, end="9999-12-31T23:59:59Z")
    assert Meeting.of(story_of(feed, event)) is None


def test_a_thread_of_another_type_is_no_meeting() -> None:
    feed = Feed()
    event = feed.say("agenda.item", subject="agenda/point")
    assert Meeting.of(story_of(feed, event)) is None


def test_what_it_concerns() -> None:
    """Bodies, countries and themes: its own, its readers', and those of its points."""
    feed = Feed()
    data = data_of("agenda.meeting", full=True) | MORNING
    event = feed.say("agenda.meeting", subject=SUBJECT, tlp="AMBER", audience=COMMISSION_BF, data=data)
    meeting = meeting_in(feed, event)
    assert meeting.parties == {COMMISSION_ML, COMMISSION_BF}
    assert meeting.countries == {"bf", "ml", "ne"}
    assert meeting.themes == {"temoins", "entraide-judiciaire"}
