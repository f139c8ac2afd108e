"""The versions of the registry themselves, so that evidence of years ago is proven with the registry of then."""

from alembic import op

revision = "a0009"
down_revision = "a0008"


def upgrade() -> None:
    """Add the column; versions that were noted before have no document."""
    op.execute("ALTER TABLE registry_noted ADD COLUMN document bytea")


def downgrade() -> None:
    """What was kept is never thrown away."""
    raise NotImplementedError
