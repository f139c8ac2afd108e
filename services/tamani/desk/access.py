"""Who a reader is, and what they may see: the one policy function's word, in SQL for paging and again on every row.

An anonymous reader counts by public numbers alone, so that no gap tells them how much is said elsewhere.
"""

from sqlalchemy import ColumnElement, FromClause, and_, or_

from tamani.core.policy import NAMED, Reader
from tamani.desk.position import Position
from tamani.desk.tables import record


def may_see(reader: Reader, row: FromClause = record) -> ColumnElement[bool]:
    """`core.policy.may_read` as a filter before paging; `Row.readable_by` decides again on every row that leaves."""
    if reader.body is None:
        return row.c.tlp == "CLEAR"
    named = or_(row.c.source == reader.body, row.c.audience.contains([reader.body]))
    return or_(row.c.tlp.in_(["CLEAR", "GREEN"]), and_(row.c.tlp.in_(sorted(NAMED)), named))


def numbered_for(reader: Reader, row: FromClause = record) -> ColumnElement[int]:
    """The column by which this reader counts."""
    return row.c.public_index if reader.body is None else row.c.feed_index


def head_for(reader: Reader, place: Position) -> int:
    """The last number that this reader's answers are complete through."""
    return place.public_head if reader.body is None else place.head
