"""What names a region is indexed anew when the desk starts: a search finds it by the region's former name, too."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# But for what its body took back, of which no word may be found. Most regions follow another one: which do, a list says
# that may change after this.
STALE = """
DELETE FROM search USING record
WHERE record.feed_index = search.feed_index AND record.areas <> '{}' AND search.lexemes <> ''
"""


def upgrade() -> None:
    """Forward only."""
    op.execute(STALE)
