"""Under which numbers live readers are told of an erasure. Of those of before only bodies are told."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
TOLD = """
UPDATE erasure e SET told_at = m.told_at
FROM (SELECT source, id, min(feed_index) AS told_at FROM mirror WHERE kind = 'mark' AND mark = 'erased' GROUP BY 1, 2) m
WHERE m.source = e.source AND m.id = e.id::text
"""


def upgrade() -> None:
    """Forward only."""
    told = sa.Column("told_at", sa.BigInteger, comment="feed_index of the entry by which readers are told")
    public = "the number under which everybody is told, if everybody could read it"
    op.add_column("erasure", told)
    op.add_column("erasure", sa.Column("told_public", sa.BigInteger, comment=public))
    op.execute(TOLD)
