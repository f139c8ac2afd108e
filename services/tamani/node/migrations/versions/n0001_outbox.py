"""The first tables: outbox, spent ids, counters and reading positions."""

import sqlalchemy as sa
from alembic import op

revision = "n0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables in an empty file."""
    _outbox()
    _spent()
    op.create_table(
        "counter",
        sa.Column("keyid", sa.String, primary_key=True),
        sa.Column("lane", sa.String, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "position",
        sa.Column("cluster", sa.String, primary_key=True),
        sa.Column("topic", sa.String, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("row_no", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("keyid", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("part_key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("cancels", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("value_sha256", sa.String, nullable=False, unique=True),
        sa.Column("request_sha256", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("queued", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("cluster", sa.String),
        sa.Column("partition", sa.Integer),
        sa.Column("offset", sa.BigInteger),
        sa.Column("verdict", sa.String),
        sa.Column("code", sa.String),
        sa.Column("detail", sa.String),
        sa.Column("epoch", sa.BigInteger),
        sa.Column("log_index", sa.BigInteger),
        sa.Column("answered_at", sa.String),
        sa.Column("closed_at", sa.BigInteger),
        sa.UniqueConstraint("source", "id", name="outbox_source_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_queued", "outbox", ["lane", "row_no"], sqlite_where=sa.text("queued"))
    op.create_index("outbox_due", "outbox", ["lane", "due_at"], sqlite_where=sa.text("due_at IS NOT NULL"))
    op.create_index("outbox_thread", "outbox", ["part_key", "row_no"])
    op.create_index("outbox_closed", "outbox", ["closed_at"], sqlite_where=sa.text("closed_at IS NOT NULL"))


def _spent() -> None:
    op.create_table(
        "spent",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("subject", sa.String),
        sa.Column("digest", sa.String),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("request_sha256", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("code", sa.String),
        sa.Column("epoch", sa.BigInteger),
        sa.Column("log_index", sa.BigInteger),
        sa.Column("answered_at", sa.String),
    )
