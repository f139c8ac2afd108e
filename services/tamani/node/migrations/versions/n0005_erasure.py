"""Orders of erasure that the region has passed on, beside the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "n0005"
down_revision = "n0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "erasure",
        sa.Column("order_env", sa.String, primary_key=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
        sa.Column("scrubbed", sa.Boolean(create_constraint=False), nullable=False, server_default="0"),
        sa.Column("told", sa.Integer, nullable=False, server_default="0"),
    )
