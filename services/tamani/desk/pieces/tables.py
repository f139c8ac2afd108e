"""Where the bytes lie: in the desk's own database, so that its backup has them and an erasure reaches their files."""

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from tamani.desk.tables import INSTANT, metadata

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
    PrimaryKeyConstraint("source", "sha256"),
)
