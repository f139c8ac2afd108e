"""What the archive found out about others and tells in notices of its own."""

from alembic import op

revision = "a0005"
down_revision = "a0004"

TABLES = """
CREATE TABLE finding (
    finding_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    -- all that the notice follows from, in one spelling (JSON): a fact is found once
    facts text NOT NULL,
    -- the ledger's time at which it was found
    found timestamptz NOT NULL,
    -- the notice that tells it; null until that is in the ledger
    told bigint REFERENCES ledger,
    UNIQUE (kind, facts)
);
CREATE INDEX finding_untold ON finding (finding_no) WHERE told IS NULL;
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(TABLES)


def downgrade() -> None:
    """What was found is never forgotten."""
    raise NotImplementedError
