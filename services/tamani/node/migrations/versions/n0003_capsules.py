"""The keys of sealed notices, beside the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "n0003"
down_revision = "n0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "capsule",
        sa.Column("row_no", sa.Integer, primary_key=True),
        sa.Column("origin", sa.String, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("cluster", sa.String),
    )
