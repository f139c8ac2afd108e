"""When enough witnesses had cosigned a checkpoint, by the times that they signed: what a compromise is held against."""

from alembic import op

revision = "a0004"
down_revision = "a0003"

CHANGES = """
-- by the witnesses' own clocks; `attested` is by this database's
ALTER TABLE log_checkpoint ADD COLUMN witnessed timestamptz;
-- Which of the signatures made it enough is no longer known: the last of them did at the latest.
UPDATE log_checkpoint c SET witnessed = (SELECT max(said) FROM log_cosignature s WHERE s.size = c.size)
WHERE attested IS NOT NULL;
CREATE INDEX log_checkpoint_witnessed ON log_checkpoint (size) WHERE witnessed IS NOT NULL;

-- Entries below this were written again from a witness's copy.
ALTER TABLE log_head ADD COLUMN rebuilt bigint NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(CHANGES)


def downgrade() -> None:
    """The log is never taken back."""
    raise NotImplementedError
