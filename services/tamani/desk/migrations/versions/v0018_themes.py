"""The themes that each notice names, for the filter of that name; of what is there already, from the exact bytes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None
# As `desk.themes` reads them.
NAME = """
WITH said AS MATERIALIZED (
    SELECT record.feed_index, convert_from(decode(
        convert_from(mirror.envelope, 'UTF8')::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'data' AS data
    FROM record JOIN mirror USING (feed_index)
), named AS (
    SELECT feed_index, one #>> '{}' AS theme
    FROM said, LATERAL (
        SELECT jsonb_path_query(data, '$.head.themes[*]')
        UNION ALL SELECT jsonb_path_query(data, '$.theme')
        UNION ALL SELECT jsonb_path_query(data, '$.law_ref')
        UNION ALL SELECT jsonb_path_query(data, '$.points[*].theme')
        UNION ALL SELECT jsonb_path_query(data, '$.points[*].law_ref')
        UNION ALL SELECT jsonb_path_query(data, '$.findings[*].theme')
        UNION ALL SELECT jsonb_path_query(data, '$.findings[*].law_ref')
    ) AS found (one) WHERE jsonb_typeof(one) = 'string'
    UNION
    SELECT feed_index, split_part(data ->> 'topic', '/', 1)
    FROM said WHERE jsonb_typeof(data -> 'topic') = 'string' AND data ->> 'topic' LIKE '%/%'
), listed AS (
    SELECT feed_index, array_agg(theme ORDER BY theme COLLATE "C") AS themes
    FROM named WHERE theme ~ '^[a-z0-9-]{1,80}$' GROUP BY feed_index
)
UPDATE record SET themes = listed.themes FROM listed WHERE listed.feed_index = record.feed_index
"""
COMBINE = "INSERT INTO theme_set (themes) SELECT DISTINCT themes FROM record WHERE NOT system"
FILL = """
UPDATE head SET theme_set = t.number
FROM record AS r JOIN theme_set AS t ON t.themes = r.themes WHERE r.feed_index = head.feed_index
"""
STATEMENTS = (NAME, COMBINE, FILL)


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "theme_set",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("themes", ARRAY(sa.Text), nullable=False),
        sa.UniqueConstraint("themes"),
    )
    op.add_column("record", sa.Column("themes", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("head", sa.Column("theme_set", sa.Integer, nullable=False, server_default="0"))
    for statement in (*STATEMENTS, "ANALYZE theme_set, head"):
        op.execute(statement)
