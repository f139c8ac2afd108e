"""Meetings as a desk would fold them, without a desk: notices of a feed, read as its own rows."""

from datetime import datetime

from tamani.core.envelope import decode_envelope
from tamani.core.event import Event
from tamani.desk.agenda.meetings import Meeting
from tamani.desk.projection import Projected, project
from tamani.desk.rows import Notice, Row
from tamani.desk.threads import Story, stories
from tests.component.desk.feeds import Feed
from tests.support.notices import registry

REGISTRY = registry()


def notices_of(feed: Feed) -> list[Notice]:
    """The feed's entries as the projection would keep them."""
    return [_notice(feed, number) for number in range(len(feed.entries))]


def story_of(feed: Feed, event: Event) -> Story:
    """The thread of one of its notices."""
    found = stories(notices_of(feed))
    return found[event.source, event.subject]


def meeting_in(feed: Feed, event: Event) -> Meeting:
    """The meeting of the thread that this notice opened."""
    found = Meeting.of(story_of(feed, event))
    assert found is not None
    return found


def _notice(feed: Feed, number: int) -> Notice:
    entry = feed.entries[number]
    shown = project(entry, REGISTRY)
    assert isinstance(shown, Projected)
    assert entry.envelope is not None
    columns = shown.columns() | {"feed_index": entry.feed_index, "public_index": None}
    for name in ("time", "expirytime", "recordedtime"):
        columns[name] = datetime.fromisoformat(columns[name]) if columns[name] else None
    for name in ("audience", "areas", "marks"):
        columns[name] = tuple(columns[name])
    return Notice(
        Row(**columns), entry.envelope.encode(), entry.digest, shown.event, decode_envelope(entry.envelope.encode())
    )
