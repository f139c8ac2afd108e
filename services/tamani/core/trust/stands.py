"""Whether what a key said stands, once its registry row says that it was compromised. The one place that decides."""

from datetime import UTC, datetime

from tamani.core.registry import KeyRow

SUSPECT = "suspect"
CLEARED = "cleared"
# For `witnessed`: not until now.
NOT_YET = datetime.max.replace(tzinfo=UTC)


def stands(row: KeyRow, recorded: datetime, witnessed: datetime | None = None) -> bool:
    """Whether a record of this key, archived at `recorded`, stands.

    What was archived before the compromise does; the sender's own time counts for nothing. Where witnesses are asked,
    the instant at which enough of them had cosigned a checkpoint that covers the record (`witnessed`, or `NOT_YET`)
    must be before it too: then not even the archive's host could have put it there afterwards. None: nobody is asked,
    or nobody knows any more.
    """
    if row.state == "compromised" and row.compromised_since is None:
        return False
    if row.compromised_since is None:
        return True
    return recorded < row.compromised_since and (witnessed is None or witnessed < row.compromised_since)
