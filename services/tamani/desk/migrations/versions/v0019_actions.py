"""What minutes ask, a row for each action that another body is in charge of; of what is there, from the exact bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
# As `desk.demands.asking` reads them.
FILL = """
WITH said AS MATERIALIZED (
    SELECT record.feed_index, record.source, record.thread, convert_from(decode(
        convert_from(mirror.envelope, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'data' AS data
    FROM record JOIN mirror USING (feed_index) WHERE record.type = 'agenda.record' AND record.profile = 'releve'
), action AS (
    SELECT feed_index, source, thread, place,
        one ->> 'owner' AS owner, one ->> 'text' AS what, (one ->> 'due')::date AS due
    FROM said, jsonb_array_elements(coalesce(data -> 'actions', '[]'::jsonb)) WITH ORDINALITY AS found (one, place)
    WHERE data ->> 'status' IN ('approved', 'published') AND one ->> 'owner' <> source
        AND coalesce(one ->> 'progress', 'a-faire') IN ('a-faire', 'en-cours')
), once AS (
    SELECT feed_index, source, thread, owner, what, min(place) AS place, min(due) AS due
    FROM action GROUP BY feed_index, source, thread, owner, what
)
INSERT INTO demand (feed_index, no, source, thread, asked, due, what)
SELECT feed_index, row_number() OVER version - 1, source, thread, ARRAY[owner], due, what
FROM once WINDOW version AS (PARTITION BY feed_index ORDER BY place)
"""


def upgrade() -> None:
    """Forward only."""
    op.add_column("demand", sa.Column("no", sa.SmallInteger, nullable=False, server_default="0"))
    op.execute("ALTER TABLE demand DROP CONSTRAINT demand_pkey, ADD PRIMARY KEY (feed_index, no)")
    action = "of minutes: the action"
    op.add_column("demand", sa.Column("what", sa.Text, nullable=False, server_default="", comment=action))
    spoken = "the action of which it speaks"
    op.add_column("settlement", sa.Column("what", sa.Text, nullable=False, server_default="", comment=spoken))
    ends = "or takes back that it was ended"
    op.add_column("settlement", sa.Column("ends", sa.Boolean, nullable=False, server_default="true", comment=ends))
    op.create_index("demand_thread", "demand", ["source", "thread"])
    op.execute(FILL)
