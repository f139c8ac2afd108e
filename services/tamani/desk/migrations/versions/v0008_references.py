"""What names what: the references of notices, read from the mirror's exact bytes for what is there already."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
# As `core.references` reads them: `head.refs`, and the members of `data` that name a notice, but for the target.
FILL = """
WITH said AS (
    SELECT record.feed_index, convert_from(decode(
        convert_from(mirror.envelope, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'data' AS data
    FROM record JOIN mirror USING (feed_index)
), named AS (
    SELECT feed_index, ref ->> 'rel' AS rel, ref
    FROM said, LATERAL jsonb_array_elements(coalesce(data -> 'head' -> 'refs', '[]'::jsonb)) AS ref
    UNION
    SELECT feed_index, key AS rel, value AS ref FROM said, LATERAL jsonb_each(data)
    WHERE key <> 'target' AND jsonb_typeof(value) = 'object' AND value ?& ARRAY['source', 'id']
)
INSERT INTO reference (feed_index, rel, source, id)
SELECT feed_index, rel, ref ->> 'source', (ref ->> 'id')::uuid FROM named
"""


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "reference",
        sa.Column("feed_index", sa.BigInteger, nullable=False),
        sa.Column("rel", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False, comment="of the notice that is named"),
        sa.Column("id", UUID, nullable=False),
    )
    op.create_index("reference_to", "reference", ["source", "id"])
    op.create_index("reference_at", "reference", ["feed_index"])
    op.execute(FILL)
