"""The files that bodies attach to their notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    body = "the body that brought it: the same file of another is another"
    op.create_table(
        "piece",
        sa.Column("source", sa.Text, nullable=False, comment=body),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=False, comment="when a form last named it"),
        sa.Column("notices", ARRAY(UUID(as_uuid=False)), nullable=False, comment="ids of those that name it"),
        sa.Column("archived", sa.Boolean, nullable=False, comment="one of them has come back in the feed"),
        sa.PrimaryKeyConstraint("source", "sha256"),
    )
