"""Files of rows that wait to be published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "import_file",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("officer", sa.Text, nullable=False, comment="who may see it, and publish it"),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("tlp", sa.Text, nullable=False),
        sa.Column("audience", ARRAY(sa.Text), nullable=False),
        sa.Column("lang", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="of the file, as its person calls it"),
        sa.Column("headings", ARRAY(sa.Text), nullable=False),
        sa.Column("strange", ARRAY(sa.Text), nullable=False, comment="columns that were not taken"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed", sa.DateTime(timezone=True)),
        sa.Column("stopped", sa.Text, comment="the code for which publishing stopped short"),
    )
    op.create_index("import_file_officer", "import_file", ["officer", "created"])
    op.create_table(
        "import_row",
        sa.Column("file", UUID, sa.ForeignKey("import_file.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="in the file, from 1"),
        sa.Column("id", UUID, nullable=False, comment="of its notice, chosen when the file was read"),
        sa.Column("verdict", sa.Text, nullable=False, comment="new, change, same, wrong, empty"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False, comment="the thread that it changes"),
        sa.Column("by", sa.Text, nullable=False, comment="whose notice says the same already"),
        sa.Column("digest", sa.Text, comment="of what it says: the same row of another file is known by it"),
        sa.Column("data", JSONB, comment="none once the node has taken it"),
        sa.Column("texts", ARRAY(sa.Text), comment="as they were read, of a row that is wrong"),
        sa.Column("wrong", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False, comment="waiting, taken, refused; none: not to be published"),
        sa.Column("code", sa.Text),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("file", "number"),
    )
    op.create_index("import_row_digest", "import_row", ["digest"])
