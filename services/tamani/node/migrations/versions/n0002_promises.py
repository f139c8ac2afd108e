"""What the region promised of a notice, and how that stands in the log."""

import sqlalchemy as sa
from alembic import op

revision = "n0002"
down_revision = "n0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows answered before have no promise: they are looked up all the same, and raise no alarm."""
    for column in (
        sa.Column("promise", sa.LargeBinary),
        sa.Column("leaf_index", sa.BigInteger),
        sa.Column("log_state", sa.String),
        sa.Column("log_size", sa.BigInteger),
    ):
        op.add_column("outbox", column)
    unproved = sa.text("state = 'archived' AND log_state IS NOT 'attested'")
    op.create_index("outbox_unproved", "outbox", ["row_no"], sqlite_where=unproved)
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger, primary_key=True),
        sa.Column("note", sa.String, nullable=False),
    )
