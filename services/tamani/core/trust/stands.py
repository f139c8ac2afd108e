"""Whether what a key said stands, once its registry row says that it was compromised. The one place that decides."""

from datetime import datetime

from tamani.core.registry import KeyRow

SUSPECT = "suspect"
CLEARED = "cleared"


def stands(row: KeyRow, recorded: datetime, witnessed: datetime | None = None) -> bool:
    """Whether a record of this key, archived at `recorded`, stands.

    What was archived before the compromise does; the sender's own time counts for nothing. Where it is known when a
    checkpoint that covers the record was first cosigned (`witnessed`), that instant must be before it too: then not
    even the archive's host could have put it there afterwards.
    """
    if row.state == "compromised" and row.compromised_since is None:
        return False
    if row.compromised_since is None:
        return True
    return recorded < row.compromised_since and (witnessed is None or witnessed < row.compromised_since)
