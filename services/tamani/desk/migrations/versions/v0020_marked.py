"""What bears a mark is found by its body: an officer's first page asks for it each time, and few notices have one."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_index("record_marked", "record", ["source", "feed_index"], postgresql_where=sa.text("marks <> '{}'"))
