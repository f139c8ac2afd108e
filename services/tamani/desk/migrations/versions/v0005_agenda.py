"""When meetings are, read from the mirror's exact bytes for what is there already; personal calendar addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)
# The envelope is DSSE: the event lies in it as base64. What is in `record` has been verified and decoded before.
FILL = """
INSERT INTO agenda (feed_index, starts, ends)
SELECT record.feed_index, (said.event -> 'data' ->> 'start')::timestamptz, (said.event -> 'data' ->> 'end')::timestamptz
FROM record JOIN mirror USING (feed_index) CROSS JOIN LATERAL (
    SELECT convert_from(
        decode(convert_from(mirror.envelope, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb AS event) AS said
WHERE record.type = 'agenda.meeting' OR (record.type = 'withdrawal' AND record.thread LIKE 'agenda/%')
ORDER BY record.feed_index
"""


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "agenda",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "arrival",
            sa.BigInteger,
            sa.Identity(),
            nullable=False,
            comment="grows with every row, whatever is told anew",
        ),
        sa.Column("starts", INSTANT, comment="of a version of a meeting; none for a withdrawal"),
        sa.Column("ends", INSTANT),
    )
    op.create_index("agenda_arrival", "agenda", ["arrival"], unique=True)
    op.create_index("agenda_span", "agenda", ["starts", "ends"])
    op.execute(FILL)
    _addresses()


def _addresses() -> None:
    op.create_table(
        "calendar_address",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256 of the secret part of the address"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("last_read", sa.Date),
        sa.Column("revoked", INSTANT),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("calendar_address_body", "calendar_address", ["body"])
