"""An entry of the feed, and what became of it."""

from dataclasses import dataclass

from tamani.core.feed import FeedEntry
from tamani.desk.projection import Outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """What the mirror keeps, and what the projection shows of it."""

    entry: FeedEntry
    outcome: Outcome
