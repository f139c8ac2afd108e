"""Sessions are officers' now and live in the site's own file: they outlast PostgreSQL being away."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop what nobody reads any more."""
    op.drop_table("session")
