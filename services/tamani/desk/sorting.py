"""What an entry of the feed is to a mirror that stands at a position: a pure decision, so a test sees all of it."""

from enum import StrEnum

from tamani.core.feed import FeedEntry
from tamani.desk.position import Position


class Place(StrEnum):
    """Where an entry falls."""

    NEXT = "next"
    HAVE = "have"
    GAP = "gap"
    FORK = "fork"
    NEWER = "newer"


def is_sound(entry: FeedEntry) -> bool:
    """Whether its numbers can be those of a feed; others no table could hold."""
    return entry.epoch < 2**31 and entry.feed_index < 2**62


def place_of(position: Position, entry: FeedEntry) -> Place:
    """Where this entry falls for a mirror at this position.

    HAVE: taken in already, or of a history that a later epoch replaced. NEWER: of a later epoch, which replaces what
    stands at its index and after. GAP: something before it is missing. FORK: what stands before it is not what we have.
    """
    if entry.epoch > position.epoch:
        return Place.NEWER
    if entry.epoch < position.epoch or entry.feed_index <= position.head:
        return Place.HAVE
    if entry.feed_index > position.head + 1:
        return Place.GAP
    return Place.NEXT if entry.prev == position.digest else Place.FORK


def leading_run(position: Position, entries: list[FeedEntry]) -> list[FeedEntry]:
    """The longest beginning of `entries` that follows on without a hole."""
    run: list[FeedEntry] = []
    head, digest = position.head, position.digest
    for entry in entries:
        if entry.epoch != position.epoch or entry.feed_index != head + 1 or entry.prev != digest:
            break
        run.append(entry)
        head, digest = entry.feed_index, entry.digest
    return run
