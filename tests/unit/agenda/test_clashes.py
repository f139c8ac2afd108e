"""Which meetings are in each other's way."""

from datetime import UTC, datetime
from typing import Any

from tamani.desk.agenda.clashes import find_clashes
from tamani.desk.agenda.meetings import Hours, Meeting
from tests.component.desk.feeds import Feed
from tests.support.agenda import REGISTRY, meeting_in
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, OBSERVATORY_BF, OBSERVATORY_ML
from tests.unit.agenda.test_meetings import convene


def at(source: str, start: int, end: int, **changes: str) -> Meeting:
    """A meeting of this body, from one hour of a day to another."""
    feed = Feed()
    hours = {"start": f"2026-12-01T{start:02d}:00:00Z", "end": f"2026-12-01T{end:02d}:00:00Z"}
    said = convene(feed, source, **changes, subject=f"agenda/{source}-{start}", body=source, **hours)
    return meeting_in(feed, said)


def titles(*meetings: Meeting) -> list[tuple[str, str]]:
    return [(c.one.notice.row.source, c.other.notice.row.source) for c in find_clashes(meetings, REGISTRY)]


def test_two_commissions_at_once_clash_and_tell_the_common_hours() -> None:
    (clash,) = find_clashes([at(COMMISSION_BF, 10, 13), at(COMMISSION_ML, 9, 12)], REGISTRY)
    assert clash.hours == Hours(datetime(2026, 12, 1, 10, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert clash.shared == frozenset()


def test_one_after_the_other_do_not() -> None:
    """Nor does a meeting without length."""
    assert titles(at(COMMISSION_ML, 9, 12), at(COMMISSION_BF, 12, 14)) == []
    assert titles(at(COMMISSION_ML, 9, 12), at(COMMISSION_BF, 9, 9)) == []


def test_strangers_may_meet_at_once() -> None:
    assert titles(at(OBSERVATORY_ML, 9, 12), at(COMMISSION_BF, 9, 12)) == []
    assert titles(at(OBSERVATORY_ML, 9, 12), at(OBSERVATORY_BF, 9, 12)) == []


def test_a_body_wanted_at_both_makes_them_clash() -> None:
    feed = Feed()
    convening: dict[str, Any] = {"body": OBSERVATORY_ML, "organisers": [OBSERVATORY_BF]}
    joint = meeting_in(feed, convene(feed, OBSERVATORY_ML, subject="agenda/joint", **convening))
    (clash,) = find_clashes([joint, at(OBSERVATORY_BF, 9, 12)], REGISTRY)
    assert clash.shared == {OBSERVATORY_BF}


def test_what_is_called_off_clashes_with_nothing() -> None:
    feed = Feed()
    opened = convene(feed, COMMISSION_BF, body=COMMISSION_BF)
    assert len(titles(meeting_in(feed, opened), at(COMMISSION_ML, 9, 12))) == 1
    convene(feed, COMMISSION_BF, body=COMMISSION_BF, status="cancelled")
    assert titles(meeting_in(feed, opened), at(COMMISSION_ML, 9, 12)) == []
