"""What readers are told anew has a number of its own: the feed's epoch is but one reason for it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. Positions that readers hold bear the epoch: the first edition has its number."""
    op.alter_column("cut", "epoch", new_column_name="edition")
    op.alter_column("cut", "feed_index", comment="from here on this edition tells the past anew")
    comment = "how often readers were sent back"
    op.add_column("position", sa.Column("edition", sa.Integer, nullable=False, server_default="0", comment=comment))
    op.execute("UPDATE position SET edition = epoch")
