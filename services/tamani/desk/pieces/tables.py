"""Where the bytes lie: in the desk's own database, so that its backup has them and an erasure reaches their files."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from tamani.desk.tables import INSTANT, metadata

# Where a piece is on its lane: a body's own waits here, goes up, is refused; another country's was fetched.
HERE, WAITING, UP, REFUSED, FETCHED = "here", "waiting", "up", "refused", "fetched"

piece = Table(
    "piece",
    metadata,
    Column("source", Text, nullable=False, comment="the body that brought it: the same file of another is another"),
    Column("sha256", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("used", INSTANT, nullable=False, comment="when a form last named it"),
    Column("notices", ARRAY(UUID(as_uuid=False)), nullable=False, comment="ids of those that name it"),
    Column("archived", Boolean, nullable=False, comment="one of them has come back in the feed"),
    Column("lane", Text, nullable=False, server_default=HERE, comment="here, waiting, up, refused or fetched"),
    Column("by", UUID(as_uuid=False), comment="the archived notice under which it goes up"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due", INSTANT, comment="not tried again before; none: at once"),
    Column("code", Text, comment="why the region refuses it"),
    PrimaryKeyConstraint("source", "sha256"),
    Index("piece_waiting", "due", postgresql_where=text("lane = 'waiting'")),
)
