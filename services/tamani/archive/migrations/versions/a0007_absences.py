"""What the archive watches for: whole series of numbers, and signs of life. What came before is not judged."""

from alembic import op

revision = "a0007"
down_revision = "a0006"

NUMBERS = """
-- Up to which number a key's series on a lane is whole, or what lacks of it is told.
CREATE TABLE series (
    keyid bytea NOT NULL,
    lane text NOT NULL,
    whole bigint NOT NULL,
    PRIMARY KEY (keyid, lane)
);
INSERT INTO series SELECT keyid, lane, max(sequence) FROM ledger GROUP BY keyid, lane;

-- Numbers of what came, signed, and is not in the ledger: second contents, and what the archive refused.
CREATE TABLE numbered (
    keyid bytea NOT NULL,
    lane text NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (keyid, lane, sequence)
);

-- Holes that were told, until all their numbers have come.
CREATE TABLE gap (
    keyid bytea NOT NULL,
    lane text NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    source text NOT NULL,
    found timestamptz NOT NULL,
    settled timestamptz,
    PRIMARY KEY (keyid, lane, first)
);
CREATE INDEX gap_open ON gap (keyid) WHERE settled IS NULL;
"""

SILENCES = """
-- Since when some node or other was heard all the time: where all are silent at once, it is we who are deaf.
CREATE TABLE hearing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    since timestamptz NOT NULL,
    looked timestamptz NOT NULL
);

-- Silences that were told, until the key is heard again.
CREATE TABLE silence (
    keyid bytea NOT NULL,
    since timestamptz NOT NULL,
    source text NOT NULL,
    tlp text NOT NULL,
    found timestamptz NOT NULL,
    heard timestamptz,
    PRIMARY KEY (keyid, since)
);
CREATE INDEX silence_open ON silence (keyid) WHERE heard IS NULL;
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(NUMBERS)
    op.execute(SILENCES)


def downgrade() -> None:
    """What was found is never forgotten."""
    raise NotImplementedError
