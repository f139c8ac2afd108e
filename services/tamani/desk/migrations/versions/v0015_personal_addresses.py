"""Calendar addresses of persons: an officer's own ends with the account; names are of one address; filters are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
# Of several that stand under one name, all but the oldest are told apart by their number.
APART = """
UPDATE calendar_address AS one SET label = left(label, 68) || ' (' || number || ')'
WHERE revoked IS NULL AND EXISTS (
    SELECT FROM calendar_address AS other
    WHERE other.body = one.body AND lower(other.label) = lower(one.label) AND other.revoked IS NULL
        AND other.number < one.number)
"""


def upgrade() -> None:
    """Forward only."""
    filters = "the filters, as the query of an address"
    op.add_column("calendar_address", sa.Column("officer", sa.Text, comment="id of the account whose own it is"))
    op.add_column("calendar_address", sa.Column("asked", sa.Text, nullable=False, server_default="", comment=filters))
    op.execute(APART)
    standing = sa.text("revoked IS NULL")
    names: list[str | sa.TextClause] = ["body", sa.text("lower(label)")]
    op.create_index("calendar_address_label", "calendar_address", names, unique=True, postgresql_where=standing)
