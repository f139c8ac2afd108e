"""From when a new key counts, and which versions of the registry this archive has looked at for that."""

from alembic import op

revision = "a0008"
down_revision = "a0007"

TABLES = """
CREATE TABLE registry_noted (
    version bigint PRIMARY KEY,
    -- its entry in the log
    leaf_index bigint NOT NULL
);

-- A row for each key that must wait, or had to.
CREATE TABLE key_effect (
    keyid bytea PRIMARY KEY,
    -- the entry of the first version that has it
    leaf_index bigint NOT NULL,
    delay_seconds bigint NOT NULL,
    -- null until enough witnesses have cosigned that entry
    effective timestamptz
);
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """What was decided is never taken back."""
    raise NotImplementedError
