"""What is suspect because its key was compromised: one row a record, gone again when it is cleared."""

from alembic import op

revision = "a0003"
down_revision = "a0002"

TABLES = """
CREATE TABLE suspicion (
    log_index bigint PRIMARY KEY REFERENCES ledger,
    keyid bytea NOT NULL,
    -- the ledger's time at which it was marked
    recordedtime timestamptz NOT NULL
);
CREATE INDEX suspicion_keyid ON suspicion (keyid);

-- The registry that the marks follow: a worker that holds an older one leaves them alone.
CREATE TABLE suspicion_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    registry_version bigint NOT NULL DEFAULT 0
);
INSERT INTO suspicion_head DEFAULT VALUES;
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """The ledger is never taken back."""
    raise NotImplementedError
