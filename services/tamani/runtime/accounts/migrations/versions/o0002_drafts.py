"""What bodies ask of their officers, and the forms that officers have put aside."""

import sqlalchemy as sa
from alembic import op

revision = "o0002"
down_revision = "o0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "body_rule",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("always_two", sa.Boolean(create_constraint=False), nullable=False),
    )
    op.create_table(
        "draft",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("officer", sa.String, sa.ForeignKey("officer.id"), nullable=False, index=True),
        sa.Column("shared", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("posted", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("saved", sa.Integer, nullable=False),
        sa.Column("expires", sa.Integer, nullable=False, index=True),
        sa.Column("box", sa.LargeBinary, nullable=False),
    )
