"""From notices as read to the entries that `core.thread` folds."""

from tamani.core.thread import Entry
from tamani.desk.rows import Notice


def entry_of(notice: Notice) -> Entry:
    """The entry of a notice."""
    return Entry(notice.row.feed_index, notice.event, frozenset(notice.row.marks))
