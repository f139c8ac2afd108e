"""Mail to who asked for it: subscriptions, an outbox, and how far the calendar's changes have been told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    _subscriptions()
    _outbox()
    op.create_table(
        "mail_cursor",
        sa.Column("one", sa.SmallInteger, primary_key=True, server_default="1"),
        sa.Column(
            "arrival",
            sa.BigInteger,
            nullable=False,
            server_default="0",
            comment="of `agenda`: up to here all is told",
        ),
        sa.CheckConstraint("one = 1", name="one_cursor"),
    )
    op.execute("INSERT INTO mail_cursor DEFAULT VALUES")


def _subscriptions() -> None:
    op.create_table(
        "mail_subscription",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("address", sa.Text, nullable=False, comment="personal data: here and nowhere else"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("lang", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False, comment="the filters, as the query of an address"),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("confirm", sa.LargeBinary, comment="SHA-256 of the one-time secret; none once it has been used"),
        sa.Column("confirmed", INSTANT),
        sa.Column("stop", sa.Text, nullable=False, comment="ends this subscription, and opens nothing"),
        sa.UniqueConstraint("stop"),
    )
    op.create_index("mail_subscription_body", "mail_subscription", ["body"])


def _outbox() -> None:
    op.create_table(
        "mail_outbox",
        sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "subscription",
            sa.Integer,
            sa.ForeignKey("mail_subscription.number", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("source", sa.Text, nullable=False, comment="whose thread it is"),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("id", UUID, nullable=False, comment="of the notice that this letter tells"),
        sa.Column("state", sa.Text, nullable=False, comment="waiting, sent, failed or passed (over by a later one)"),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=False, comment="not before; while it is being sent, when to try again"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reply", sa.Integer, comment="the server's last reply code"),
        sa.Column("ended", INSTANT),
        sa.UniqueConstraint("subscription", "source", "id", name="mail_outbox_once"),
    )
    op.create_index("mail_outbox_due", "mail_outbox", ["due"], postgresql_where=sa.text("state = 'waiting'"))
