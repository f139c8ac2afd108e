"""Where an entry falls for a mirror: every case, and the runs that come of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamani.core.feed import FeedEntry
from tamani.desk.position import Position
from tamani.desk.sorting import Place, leading_run, place_of


def entry(index: int, epoch: int = 1, prev: str | None = None) -> FeedEntry:
    return FeedEntry(
        epoch=epoch,
        feed_index=index,
        prev=digest(index - 1) if prev is None else prev,
        kind="record",
        recordedtime="2026-03-02T09:00:00Z",
        digest=digest(index),
    )


def digest(index: int) -> str:
    return f"{index:064x}" if index else ""


HERE = Position(epoch=1, head=5, digest=digest(5))


@pytest.mark.parametrize(
    ("given_entry", "place"),
    [
        (entry(6), Place.NEXT),
        (entry(5), Place.HAVE),
        (entry(1), Place.HAVE),
        (entry(7), Place.GAP),
        (entry(6, prev="ff"), Place.FORK),
        (entry(6, epoch=2), Place.NEWER),
        (entry(3, epoch=2), Place.NEWER),
        (entry(9, epoch=2), Place.NEWER),
    ],
)
def test_each_place(given_entry: FeedEntry, place: Place) -> None:
    """One answer for each way in which an entry can meet a position."""
    assert place_of(HERE, given_entry) is place


def test_what_an_older_epoch_says_is_past() -> None:
    """After a newer history began, the old one is not taken in any more, whatever its number."""
    now = Position(epoch=2, head=5, digest=digest(5))
    assert [place_of(now, entry(n)) for n in (3, 6, 9)] == [Place.HAVE] * 3


@given(st.lists(st.integers(1, 12), max_size=20), st.integers(0, 8))
def test_a_run_is_what_can_be_stored_at_once(indexes: list[int], head: int) -> None:
    """It is contiguous from the head on, and its first missing neighbour is not NEXT."""
    position = Position(epoch=1, head=head, digest=digest(head))
    entries = [entry(index) for index in indexes]
    run = leading_run(position, entries)
    assert [e.feed_index for e in run] == list(range(head + 1, head + 1 + len(run)))
    assert run == entries[: len(run)]
    if len(run) < len(entries):
        after = Position(epoch=1, head=head + len(run), digest=digest(head + len(run)))
        assert place_of(after, entries[len(run)]) is not Place.NEXT
