"""Reminders by mail: who wants them, and which have been written, once for each day that was set."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("mail_subscription", sa.Column("reminders", sa.Boolean, nullable=False, server_default="false"))
    op.add_column(
        "mail_outbox", sa.Column("reminder", sa.Text, comment="the day and which of its reminders; none: a convocation")
    )
    op.drop_constraint("mail_outbox_once", "mail_outbox")
    once = ["subscription", "source", "id"]
    op.create_index("mail_outbox_once", "mail_outbox", once, unique=True, postgresql_where=sa.text("reminder IS NULL"))
    op.create_index(
        "mail_outbox_reminded",
        "mail_outbox",
        ["subscription", "source", "thread", "reminder"],
        unique=True,
        postgresql_where=sa.text("reminder IS NOT NULL"),
    )
