"""What our keys have said elsewhere, and whether this file could know."""

import sqlalchemy as sa
from alembic import op

revision = "n0006"
down_revision = "n0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A file of before knows it once it has read the region's answers to their end."""
    op.create_table(
        "elsewhere",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("keyid", sa.String, nullable=False),
        sa.Column("log_index", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.String, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
    )
    op.create_table("whole", sa.Column("one", sa.Integer, primary_key=True))
