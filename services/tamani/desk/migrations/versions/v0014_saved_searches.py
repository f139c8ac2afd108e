"""Searches that an officer keeps under a name, each perhaps with an address by which a program follows it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "saved_search",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("officer", sa.Text, nullable=False, comment="id of the account that saved it"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False, comment="the filters, as the query of an address"),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("digest", sa.LargeBinary, comment="SHA-256 of the secret part of its address, if it has one"),
        sa.Column("opened", INSTANT, comment="since when it has that address"),
        sa.Column("last_read", sa.Date),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("saved_search_officer", "saved_search", ["officer", "body"])
