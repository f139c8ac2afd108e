"""The tables of a node's one SQLite file. Times are Unix milliseconds; digests and keyids are lower-case hex.

`outbox.queued` says that a row must be produced (again); `due_at` when a row that was sent must be, should no receipt
come; `closed_at` that the region has answered. Migrations in `migrations/` make these tables; a test holds both equal.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("row_no", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("keyid", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("part_key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("cancels", Boolean(create_constraint=False), nullable=False),
    Column("digest", String, nullable=False),
    Column("value_sha256", String, nullable=False, unique=True),
    Column("request_sha256", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("queued", Boolean(create_constraint=False), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", BigInteger),
    Column("due_at", BigInteger),
    Column("cluster", String),
    Column("partition", Integer),
    Column("offset", BigInteger),
    Column("verdict", String),
    Column("code", String),
    Column("detail", String),
    Column("epoch", BigInteger),
    Column("log_index", BigInteger),
    Column("answered_at", String),
    Column("closed_at", BigInteger),
    # the signed receipt as it came, the entry that it promised, how that stands in the log and under which checkpoint
    Column("promise", LargeBinary),
    Column("leaf_index", BigInteger),
    Column("log_state", String),
    Column("log_size", BigInteger),
    UniqueConstraint("source", "id", name="outbox_source_id"),
    sqlite_autoincrement=True,
)
Index("outbox_queued", outbox.c.lane, outbox.c.row_no, sqlite_where=text("queued"))
Index("outbox_due", outbox.c.lane, outbox.c.due_at, sqlite_where=text("due_at IS NOT NULL"))
Index("outbox_thread", outbox.c.part_key, outbox.c.row_no)
# SQLite goes by a partial index only where it is asked in the index's own words.
UNPROVED = "state = 'archived' AND log_state IS NOT 'attested'"
Index("outbox_unproved", outbox.c.row_no, sqlite_where=text(UNPROVED))
Index("outbox_closed", outbox.c.closed_at, sqlite_where=text("closed_at IS NOT NULL"))

# The keys of a sealed notice, one age file for the readers of each origin. Erased, nobody can be sent it again.
# `cluster` is the broker cluster that took it after the one that its notice's row names had lost it.
capsule = Table(
    "capsule",
    metadata,
    Column("row_no", Integer, primary_key=True),
    Column("origin", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("cluster", String),
)

# Ids that are spent though their row is gone: closed rows past their time, and what a restored file forgot but the
# region has answered for (then `request_sha256` is null: we cannot tell whether a repeat is the same).
spent = Table(
    "spent",
    metadata,
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("subject", String),
    Column("digest", String),
    Column("sequence", BigInteger),
    Column("request_sha256", String),
    Column("state", String, nullable=False),
    Column("code", String),
    Column("epoch", BigInteger),
    Column("log_index", BigInteger),
    Column("answered_at", String),
)

# Orders of erasure as they came: when this node carried them out, whether the file was written anew since, and how
# often a sign of life has said so.
erasure = Table(
    "erasure",
    metadata,
    Column("order_env", String, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("erased_at", BigInteger),
    Column("scrubbed", Boolean(create_constraint=False), nullable=False, server_default="0"),
    Column("told", Integer, nullable=False, server_default="0"),
)

# Notices archived under keys of ours that this node never sealed; and whether this file could know.
elsewhere = Table(
    "elsewhere",
    metadata,
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("keyid", String, nullable=False),
    Column("log_index", BigInteger, nullable=False),
    Column("answered_at", String, nullable=False),
    Column("found_at", BigInteger, nullable=False),
)
whole = Table(
    "whole",
    metadata,
    Column("one", Integer, primary_key=True),
)

# The last sequence given (or seen in a receipt) per key and lane.
counter = Table(
    "counter",
    metadata,
    Column("keyid", String, primary_key=True),
    Column("lane", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# How far the receipts of one broker cluster were read.
position = Table(
    "position",
    metadata,
    Column("cluster", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

# Checkpoints of the log under which notices of ours were proved, with the cosignatures that they had.
log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True),
    Column("note", String, nullable=False),
)

# What waits for a second person, or has: the poster's own words in a box (`node.box`) until it is decided, then none.
# Type and subject are those under which it would be sealed, so that they tell no more than the outbox does.
review = Table(
    "review",
    metadata,
    Column("review_no", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("why", String, nullable=False),
    Column("author", String, nullable=False),
    Column("author_name", String, nullable=False),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("request_sha256", String, nullable=False),
    Column("keyid", String, nullable=False),
    Column("box", LargeBinary),
    Column("remark", LargeBinary),
    Column("code", String),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("source", "id", name="review_source_id"),
)
Index("review_changed", review.c.state, review.c.changed_at)

# Who wrote, sent back, took back, released or refused what, and when: functions and accounts, never what was said.
review_act = Table(
    "review_act",
    metadata,
    Column("act_no", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("id", String, nullable=False),
    Column("act", String, nullable=False),
    Column("officer", String, nullable=False),
    Column("name", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
Index("review_act_of", review_act.c.source, review_act.c.id)
