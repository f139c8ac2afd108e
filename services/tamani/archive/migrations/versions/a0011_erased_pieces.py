"""What was erased of pieces, and where bytes of them may still lie in the files of the tables."""

from alembic import op

revision = "a0011"
down_revision = "a0010"

COLUMNS = """
ALTER TABLE piece
    -- a tombstone: a file that an erased notice named is taken from no other notice
    ADD erased boolean NOT NULL DEFAULT false,
    -- parts of it were dropped: until the files are written anew they hold them
    ADD dropped boolean NOT NULL DEFAULT false;
-- whether it dropped parts; of those before nobody knows
ALTER TABLE erasure ADD pieces boolean NOT NULL DEFAULT true;
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(COLUMNS)


def downgrade() -> None:
    """What was erased does not come back."""
    raise NotImplementedError
