"""Where officers left off."""

import sqlalchemy as sa
from alembic import op

revision = "o0003"
down_revision = "o0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and what a session found in it."""
    op.create_table(
        "visit",
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), primary_key=True),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
    )
    op.add_column("session", sa.Column("before", sa.String))
    op.add_column("session", sa.Column("before_at", sa.Integer))
