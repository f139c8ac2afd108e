"""What is asked of whom until when, and what settles it; of what is there already, from the mirror's exact bytes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
# As `desk.demands.asking` reads them.
SAID = """
CREATE TEMPORARY VIEW said AS
SELECT record.feed_index, record.source, record.type, record.thread, record.audience,
    convert_from(decode(
        convert_from(mirror.envelope, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'data' AS data
FROM record JOIN mirror USING (feed_index)
WHERE record.type IN ('agenda.meeting', 'exchange.request', 'exchange.answer')
"""
DEMANDS = """
WITH wanted AS (
    SELECT feed_index, source, thread, (data ->> 'due')::date AS due, NULL::timestamptz AS until,
        ARRAY(SELECT jsonb_array_elements_text(coalesce(data -> 'addressed_to', '[]'::jsonb))) AS named
    FROM said WHERE type = 'exchange.request' AND data ->> 'status' = 'asked'
    UNION ALL
    SELECT feed_index, source, thread,
        least(coalesce(data ->> 'reply_by', left(data ->> 'start', 10))::date, left(data ->> 'start', 10)::date),
        (data ->> 'start')::timestamptz, audience
    FROM said WHERE type = 'agenda.meeting' AND data ->> 'status' IN ('tentative', 'confirmed', 'postponed')
), others AS (
    SELECT *, ARRAY(SELECT DISTINCT one FROM unnest(named) AS one WHERE one <> source ORDER BY one) AS asked FROM wanted
)
INSERT INTO demand (feed_index, source, thread, asked, due, until)
SELECT feed_index, source, thread, asked, due, until FROM others WHERE cardinality(asked) > 0
"""
SETTLEMENTS = """
INSERT INTO settlement (feed_index, source, owner, thread)
SELECT feed_index, source, coalesce(data -> 'target' ->> 'thread', data -> 'target' ->> 'source'), thread
FROM said WHERE type = 'exchange.answer' AND data ->> 'answer' IN ('answered', 'declined')
"""
FILL = (SAID, DEMANDS, SETTLEMENTS, "DROP VIEW said")


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "demand",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False, comment="who asks"),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("asked", ARRAY(sa.Text), nullable=False, comment="the bodies that are to answer"),
        sa.Column("due", sa.Date, comment="the last day to answer"),
        sa.Column("until", sa.DateTime(timezone=True), comment="from then on nobody asks any more"),
    )
    op.create_index("demand_asked", "demand", ["asked"], postgresql_using="gin")
    op.create_index("demand_source", "demand", ["source", "due"])
    op.create_table(
        "settlement",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False, comment="who answers"),
        sa.Column("owner", sa.Text, nullable=False, comment="whose thread is answered"),
        sa.Column("thread", sa.Text, nullable=False),
    )
    op.create_index("settlement_of", "settlement", ["owner", "thread", "source"])
    for statement in FILL:
        op.execute(statement)
