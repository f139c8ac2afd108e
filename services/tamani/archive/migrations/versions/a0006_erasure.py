"""What officers had erased: the order stands where the bytes stood, and who says that they have carried it out."""

from alembic import op

revision = "a0006"
down_revision = "a0005"

TABLES = """
CREATE TABLE erasure (
    -- the order's name in the log (`env` of its entry), and that of the envelope that it erased
    order_env bytea PRIMARY KEY,
    env bytea NOT NULL UNIQUE,
    -- the notice; of evidence the one that it stands beside
    log_index bigint NOT NULL REFERENCES ledger,
    evidence boolean NOT NULL,
    source_no int NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    -- the order with its signatures, as it was taken
    document bytea NOT NULL,
    leaf_index bigint NOT NULL,
    recordedtime timestamptz NOT NULL,
    -- when the files of the tables had been written anew without it
    scrubbed timestamptz
);
CREATE INDEX erasure_log_index ON erasure (log_index);

CREATE TABLE erasure_confirmation (
    order_env bytea NOT NULL REFERENCES erasure,
    -- desk/<country> or node/<name>
    part text NOT NULL,
    keyid bytea NOT NULL,
    recordedtime timestamptz NOT NULL,
    -- the signed sign of life that says so
    envelope bytea NOT NULL,
    PRIMARY KEY (order_env, part)
);
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """What was erased does not come back."""
    raise NotImplementedError
