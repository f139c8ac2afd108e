"""The first tables: ledger, deduplication, answers, feeds, positions, publisher.

Plain SQL: these tables are written by COPY and read by hand-made queries, so their exact shape is the point.
"""

from alembic import op

revision = "a0001"
down_revision = None

HEAD = """
-- One row, locked first by every transaction that writes: the only source of numbers.
CREATE TABLE log_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 1,
    answers bigint NOT NULL DEFAULT 0,
    recordedtime timestamptz NOT NULL DEFAULT '-infinity',
    -- per origin: number of entries and digest of the last
    feeds jsonb NOT NULL DEFAULT '{}',
    -- raised by a worker that must rewind: every other one leaves the group when it sees it
    rewinds bigint NOT NULL DEFAULT 0
);
INSERT INTO log_head DEFAULT VALUES;
"""

REFERENCES = """
CREATE TABLE source_ref (
    source_no int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL UNIQUE
);
CREATE TABLE stream_ref (
    stream_no smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster text NOT NULL,
    topic text NOT NULL,
    UNIQUE (cluster, topic)
);
"""

LEDGER = """
CREATE TABLE ledger (
    log_index bigint PRIMARY KEY,
    source_no int NOT NULL REFERENCES source_ref,
    id uuid NOT NULL,
    type text NOT NULL,
    profile text NOT NULL,
    subject text NOT NULL,
    lane text NOT NULL,
    said timestamptz NOT NULL,
    tlp text NOT NULL,
    audience text NOT NULL,
    lang text NOT NULL,
    expires timestamptz,
    sequence bigint NOT NULL,
    keyid bytea NOT NULL,
    digest bytea NOT NULL,
    value_sha256 bytea NOT NULL,
    stream_no smallint NOT NULL REFERENCES stream_ref,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    recordedtime timestamptz NOT NULL,
    registry_version bigint NOT NULL,
    -- words with a space between
    marks text NOT NULL,
    -- RFC 6962 hash of the leaf {v, kind, env, reg, rt}
    leaf bytea NOT NULL,
    -- the exact bytes of the Kafka value
    envelope bytea NOT NULL
);
-- Base64 of a signed text hardly compresses: neither try to, nor move it out of its row below 8 KB.
ALTER TABLE ledger SET (toast_tuple_target = 8160);
ALTER TABLE ledger ALTER COLUMN envelope SET STORAGE EXTERNAL;
-- Whether a key has used a number of its lane before.
CREATE INDEX ledger_sequence ON ledger (keyid, lane, sequence);

-- The only authority on duplicates, for ever.
CREATE TABLE seen (
    source_no int NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    log_index bigint NOT NULL,
    PRIMARY KEY (source_no, id)
);

-- A second content under an id: kept as evidence beside the first.
CREATE TABLE equivocation (
    source_no int NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    first_index bigint NOT NULL REFERENCES ledger,
    keyid bytea NOT NULL,
    value_sha256 bytea NOT NULL,
    stream_no smallint NOT NULL REFERENCES stream_ref,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    recordedtime timestamptz NOT NULL,
    registry_version bigint NOT NULL,
    envelope bytea NOT NULL,
    PRIMARY KEY (source_no, id, digest)
);

-- What a node last said of itself: one row a key, no history.
CREATE TABLE heartbeat (
    keyid bytea PRIMARY KEY,
    source text NOT NULL,
    said timestamptz NOT NULL,
    recordedtime timestamptz NOT NULL,
    -- the exact bytes of the Kafka value
    envelope bytea NOT NULL
);
"""

OUTPUT = """
-- Every answer to what came in, in the order of the ledger's transactions.
CREATE TABLE answer (
    answer_no bigint PRIMARY KEY,
    -- the origin whose topic it goes to; null if nobody can be answered
    cc text,
    verdict text NOT NULL,
    code text NOT NULL,
    stream_no smallint NOT NULL REFERENCES stream_ref,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    key text NOT NULL,
    receipt bytea NOT NULL
);

CREATE TABLE feed_entry (
    cc text NOT NULL,
    feed_index bigint NOT NULL,
    epoch bigint NOT NULL,
    log_index bigint NOT NULL REFERENCES ledger,
    -- null for the notice itself, else what it is marked with from here on
    mark text,
    prev bytea NOT NULL,
    recordedtime timestamptz NOT NULL,
    PRIMARY KEY (cc, feed_index)
);
CREATE INDEX feed_entry_log_index ON feed_entry (log_index);

-- What of each partition is in the ledger.
CREATE TABLE position (
    stream_no smallint NOT NULL REFERENCES stream_ref,
    partition int NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (stream_no, partition)
);

-- One publisher at a time. Time is the database's; a number that rises with every change of hands fences the others.
CREATE TABLE publisher (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fence bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT '',
    expires timestamptz NOT NULL DEFAULT '-infinity',
    cluster text NOT NULL DEFAULT '',
    -- the last that the broker has acknowledged
    answers bigint NOT NULL DEFAULT 0,
    feeds jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO publisher DEFAULT VALUES;

-- Desks that may read the archive over HTTP; the token itself is shown once and kept as SHA-256.
CREATE TABLE desk_token (
    digest bytea PRIMARY KEY,
    cc text NOT NULL,
    label text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    revoked timestamptz
);
"""


def upgrade() -> None:
    """Make the tables."""
    for statements in (HEAD, REFERENCES, LEDGER, OUTPUT):
        op.execute(statements)


def downgrade() -> None:
    """The ledger is never taken back."""
    raise NotImplementedError
