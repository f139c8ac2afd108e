"""The head of each thread, for every reader; the combinations of values that facets count by; how families change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)
# As `heads.py` keeps them from here on, for all that is there already.
COMBINE = """
INSERT INTO combination (type, profile, severity, origin, source, lang)
SELECT DISTINCT type, profile, coalesce(severity, ''), origin, source, lang FROM record WHERE NOT system
"""
COMBINE_AREAS = "INSERT INTO area_set (areas) SELECT DISTINCT areas FROM record WHERE NOT system"
FILL = """
WITH version AS (
    SELECT r.*, c.number AS combination, a.number AS area_set,
        max(feed_index) FILTER (WHERE tlp = 'CLEAR') OVER thread AS public_at,
        max(feed_index) FILTER (WHERE tlp IN ('CLEAR', 'GREEN')) OVER thread AS common_at
    FROM record AS r JOIN combination AS c
        ON (c.type, c.profile, c.severity, c.origin, c.source, c.lang)
         = (r.type, r.profile, coalesce(r.severity, ''), r.origin, r.source, r.lang)
        JOIN area_set AS a ON a.areas = r.areas
    WHERE NOT system
    WINDOW thread AS (PARTITION BY r.source, r.thread)
), named AS (
    SELECT DISTINCT ON (source, thread, body) feed_index, common_at, body
    FROM version, unnest(audience || source) AS body
    WHERE tlp NOT IN ('CLEAR', 'GREEN') AND feed_index > coalesce(common_at, 0)
    ORDER BY source, thread, body, feed_index DESC
), own AS (
    SELECT feed_index, array_agg(body ORDER BY body) AS own FROM named GROUP BY feed_index
), passed AS (
    SELECT common_at AS feed_index, array_agg(body ORDER BY body) AS passed FROM named GROUP BY common_at
)
INSERT INTO head
    (feed_index, public_index, source, thread, recordedtime, combination, area_set, public, common, own, passed)
SELECT feed_index, public_index, source, thread, recordedtime, combination, area_set,
    feed_index IS NOT DISTINCT FROM public_at, feed_index IS NOT DISTINCT FROM common_at, own, passed
FROM version LEFT JOIN own USING (feed_index) LEFT JOIN passed USING (feed_index)
WHERE feed_index IN (public_at, common_at) OR own IS NOT NULL
"""


def upgrade() -> None:
    """Forward only."""
    _combinations()
    _heads()
    op.create_table(
        "turn",
        sa.Column("family", sa.Text, primary_key=True),
        sa.Column(
            "number",
            sa.BigInteger,
            nullable=False,
            server_default="1",
            comment="grows with every change of its threads",
        ),
    )
    for statement in (COMBINE, COMBINE_AREAS, FILL, "ANALYZE combination, area_set, head"):
        op.execute(statement)


def _combinations() -> None:
    texts = [sa.Column(name, sa.Text, nullable=False) for name in ("origin", "source", "lang")]
    op.create_table(
        "combination",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False, comment="empty where the notice has none"),
        *texts,
        sa.UniqueConstraint("type", "profile", "severity", "origin", "source", "lang", name="combination_once"),
    )
    op.create_table(
        "area_set",
        sa.Column("number", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("areas", ARRAY(sa.Text), nullable=False),
        sa.UniqueConstraint("areas"),
    )


def _heads() -> None:
    op.create_table(
        "head",
        sa.Column("feed_index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("public_index", sa.BigInteger),
        sa.Column("recordedtime", INSTANT, nullable=False),
        sa.Column("combination", sa.Integer, nullable=False),
        sa.Column("area_set", sa.Integer, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False, comment="for everybody: the last that is CLEAR"),
        sa.Column("common", sa.Boolean, nullable=False, comment="for every body: the last that is CLEAR or GREEN"),
        sa.Column("own", ARRAY(sa.Text), comment="for these bodies: a later one that names them"),
        sa.Column("passed", ARRAY(sa.Text), comment="of a common one: the bodies that have a later one of their own"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
    )
    op.create_index("head_public", "head", ["public_index"], unique=True, postgresql_where=sa.text("public"))
    op.create_index("head_thread", "head", ["source", "thread"])
