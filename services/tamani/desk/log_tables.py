"""The desk's tables about the log: what it says of each notice, and what it lacked or contradicted."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from tamani.desk.tables import INSTANT, metadata

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False, comment="as it was received"),
    Column("witnesses", ARRAY(Text), nullable=False),
    Column("attested", INSTANT, comment="when the last of the witnesses that are enough signed"),
    Column("seen", INSTANT, nullable=False),
)

attestation = Table(
    "attestation",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("env", LargeBinary, nullable=False),
    Column("asked", INSTANT, nullable=False),
    Column("leaf_index", BigInteger),
    Column("entry", Text),
    Column("reg", BigInteger),
    Column("path", LargeBinary, comment="hashes of 32 bytes, from the entry's sibling up"),
    Column("size", BigInteger, ForeignKey("checkpoint.size")),
    Column("attested", INSTANT),
    Index("attestation_waiting", "asked", postgresql_where=text("attested IS NULL")),
)

registry_version = Table(
    "registry_version",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("env", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("leaf_index", BigInteger),
    Column("entry", Text),
    Column("path", LargeBinary),
    Column("size", BigInteger, ForeignKey("checkpoint.size")),
)

log_alarm = Table(
    "log_alarm",
    metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("feed_index", BigInteger),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("evidence", LargeBinary, nullable=False, comment="the answer, byte for byte"),
    Column("seen", INSTANT, nullable=False),
    Column("settled", INSTANT, comment="when the log gave what it had lacked"),
    Index("log_alarm_open", "feed_index", "code", postgresql_where=text("settled IS NULL")),
)
