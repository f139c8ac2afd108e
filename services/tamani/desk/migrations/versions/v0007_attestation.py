"""What the log says of each notice, the checkpoints that say it, and what it lacked or contradicted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False, comment="as it was received"),
        sa.Column("witnesses", ARRAY(sa.Text), nullable=False),
        sa.Column("attested", INSTANT, comment="when the last of the witnesses that are enough signed"),
        sa.Column("seen", INSTANT, nullable=False),
    )
    op.create_table(
        "attestation",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("env", sa.LargeBinary, nullable=False),
        sa.Column("asked", INSTANT, nullable=False),
        sa.Column("leaf_index", sa.BigInteger),
        sa.Column("entry", sa.Text),
        sa.Column("reg", sa.BigInteger),
        sa.Column("path", sa.LargeBinary, comment="hashes of 32 bytes, from the entry's sibling up"),
        sa.Column("size", sa.BigInteger, sa.ForeignKey("checkpoint.size")),
        sa.Column("attested", INSTANT),
    )
    op.create_index("attestation_waiting", "attestation", ["asked"], postgresql_where=sa.text("attested IS NULL"))
    op.create_table(
        "registry_version",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("env", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("leaf_index", sa.BigInteger),
        sa.Column("entry", sa.Text),
        sa.Column("path", sa.LargeBinary),
        sa.Column("size", sa.BigInteger, sa.ForeignKey("checkpoint.size")),
    )
    op.create_table(
        "log_alarm",
        sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("feed_index", sa.BigInteger),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("evidence", sa.LargeBinary, nullable=False, comment="the answer, byte for byte"),
        sa.Column("seen", INSTANT, nullable=False),
        sa.Column("settled", INSTANT, comment="when the log gave what it had lacked"),
    )
    op.create_index("log_alarm_open", "log_alarm", ["feed_index", "code"], postgresql_where=sa.text("settled IS NULL"))
