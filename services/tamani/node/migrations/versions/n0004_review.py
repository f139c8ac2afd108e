"""What waits for a second person, and who has done what with it."""

import sqlalchemy as sa
from alembic import op

revision = "n0004"
down_revision = "n0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "review",
        sa.Column("review_no", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("source", "id", "state", "why")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("author", "author_name", "type", "subject")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("request_sha256", "keyid")),
        sa.Column("box", sa.LargeBinary),
        sa.Column("remark", sa.LargeBinary),
        sa.Column("code", sa.String),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("source", "id", name="review_source_id"),
    )
    op.create_index("review_changed", "review", ["state", "changed_at"])
    op.create_table(
        "review_act",
        sa.Column("act_no", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("source", "id", "act", "officer", "name")),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("review_act_of", "review_act", ["source", "id"])
