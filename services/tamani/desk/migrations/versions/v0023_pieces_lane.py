"""Where each file is on its way to the region; those that an archived notice names already begin it now."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# By any of its archived notices.
BEGIN = """
UPDATE piece SET lane = 'waiting', by = (
    SELECT min(r.id::text)::uuid FROM record r WHERE r.source = piece.source AND r.id = ANY(piece.notices)
)
WHERE archived AND EXISTS (SELECT FROM record r WHERE r.source = piece.source AND r.id = ANY(piece.notices))
"""


def upgrade() -> None:
    """Forward only."""
    lane = "here, waiting, up, refused or fetched"
    op.add_column("piece", sa.Column("lane", sa.Text, nullable=False, server_default="here", comment=lane))
    op.add_column("piece", sa.Column("by", UUID(as_uuid=False), comment="the archived notice under which it goes up"))
    op.add_column("piece", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    due = "not tried again before; none: at once"
    op.add_column("piece", sa.Column("due", sa.DateTime(timezone=True), comment=due))
    op.add_column("piece", sa.Column("code", sa.Text, comment="why the region refuses it"))
    op.create_index("piece_waiting", "piece", ["due"], postgresql_where=sa.text("lane = 'waiting'"))
    op.execute(BEGIN)
