"""The keys of sealed notices, and how far their topic was read."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "capsule",
        sa.Column("sha256", sa.LargeBinary, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, comment="an age file; none once it was erased"),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_table(
        "capsule_position",
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
