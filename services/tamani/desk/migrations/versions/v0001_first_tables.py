"""The mirror and what is derived from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only: a desk is rebuilt from its feed, never downgraded."""
    _mirror()
    _record()
    _around()
    op.execute("INSERT INTO position DEFAULT VALUES")


def _mirror() -> None:
    op.create_table(
        "mirror",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recordedtime", INSTANT),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("marks", ARRAY(sa.Text), nullable=False),
        sa.Column("envelope", sa.LargeBinary, comment="the exact DSSE bytes; none for a mark"),
        sa.Column("source", sa.Text, comment="of a mark: the notice it was set on"),
        sa.Column("id", sa.Text),
        sa.Column("mark", sa.Text),
    )
    op.create_index("mirror_mark", "mirror", ["source", "id"], postgresql_where=sa.text("kind = 'mark'"))


def _record() -> None:
    op.create_table(
        "record",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("public_index", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("id", UUID, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False, comment="the subject, whoever speaks"),
        sa.Column("system", sa.Boolean, nullable=False, comment="an act on a notice (ack, correction, withdrawal)"),
        sa.Column("tlp", sa.Text, nullable=False),
        sa.Column("audience", ARRAY(sa.Text), nullable=False),
        sa.Column("lang", sa.Text, nullable=False),
        sa.Column("severity", sa.Text),
        sa.Column("areas", ARRAY(sa.Text), nullable=False),
        sa.Column("time", INSTANT, nullable=False),
        sa.Column("expirytime", INSTANT),
        sa.Column("recordedtime", INSTANT, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("marks", ARRAY(sa.Text), nullable=False),
    )
    _public_number("record")
    op.create_index("record_thread", "record", ["thread", "feed_index"])
    op.create_index("record_said", "record", ["source", "id"])
    op.create_index("record_type", "record", ["type", "feed_index"])


def _around() -> None:
    op.create_table(
        "mark",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("public_index", sa.BigInteger),
        sa.Column("target", sa.BigInteger, nullable=False, comment="feed_index of the notice"),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("recordedtime", INSTANT, nullable=False),
    )
    _public_number("mark")
    op.create_index("mark_target", "mark", ["target"])
    op.create_table(
        "unreadable",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("recordedtime", INSTANT),
    )
    _position()
    op.create_table(
        "cut",
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("feed_index", sa.BigInteger, nullable=False, comment="from here on this epoch replaced the past"),
        sa.Column("public_index", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("sid", sa.LargeBinary, primary_key=True, comment="SHA-256 of the cookie"),
        sa.Column("token", sa.LargeBinary, nullable=False, comment="SHA-256 of the token, never the token"),
        sa.Column("started", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
    )
    op.create_index("session_expires", "session", ["expires"])


def _position() -> None:
    op.create_table(
        "position",
        sa.Column("one", sa.SmallInteger, primary_key=True, server_default="1"),
        sa.Column("cluster", sa.Text, nullable=False, server_default=""),
        sa.Column("next_offset", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
        sa.Column(
            "head",
            sa.BigInteger,
            nullable=False,
            server_default="0",
            comment="feed_index of the last entry taken in",
        ),
        sa.Column("digest", sa.Text, nullable=False, server_default="", comment="of that entry"),
        sa.Column("public_head", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("read_until", INSTANT, comment="when the mirror last knew that it lacked nothing"),
        sa.CheckConstraint("one = 1", name="one_row"),
    )


def _public_number(table: str) -> None:
    op.create_index(
        f"{table}_public",
        table,
        ["public_index"],
        unique=True,
        postgresql_where=sa.text("public_index IS NOT NULL"),
    )
