"""What officers had erased, and who says to have carried it out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "erasure",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("order_env", sa.Text, nullable=False, comment="the order's name in the log (hex)"),
        sa.Column("document", sa.LargeBinary, nullable=False, comment="the order, as signed"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("id", UUID, nullable=False),
        sa.Column("tlp", sa.Text, nullable=False),
        sa.Column("audience", ARRAY(sa.Text), nullable=False),
        sa.Column("recordedtime", INSTANT, nullable=False, comment="when the region erased it"),
        sa.Column("feed_index", sa.BigInteger),
        sa.Column("public_index", sa.BigInteger, comment="the number that it had, if it was shown here to everybody"),
        sa.Column("scrubbed", INSTANT, comment="when the files of the tables had been written anew without it"),
    )
    op.create_index("erasure_said", "erasure", ["source", "id"])
    op.create_index("erasure_order", "erasure", ["order_env"])
    op.create_table(
        "erasure_confirmation",
        sa.Column("order_env", sa.Text, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True, comment="desk/<country> or node/<name>"),
        sa.Column("keyid", sa.Text, nullable=False),
        sa.Column("recordedtime", INSTANT, nullable=False),
    )
    op.alter_column("mirror", "envelope", comment="the exact DSSE bytes; of a mark what it carries")
