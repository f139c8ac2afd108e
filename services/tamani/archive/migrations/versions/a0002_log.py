"""The log's own tables: leaves, tiles, checkpoints, cosignatures; the leaves of what is in the ledger already.

Until now a leaf's hash stood beside its notice and nobody could prove anything with it. What was archived is put into
the tree in the ledger's order; evidence of equivocations comes where it was recorded.
"""

from typing import Any

from alembic import op
from sqlalchemy import Connection, Row, text

from tamani.core.envelope import decode_envelope
from tamani.core.event import format_time
from tamani.core.log.leaf import EQUIVOCATION, EVENT, Leaf, env_of
from tamani.core.log.merkle import leaf_hash

revision = "a0002"
down_revision = "a0001"

TABLES = """
-- One row an entry; its bytes are made from the columns (core.log.leaf), never stored twice.
CREATE TABLE log_leaf (
    leaf_index bigint PRIMARY KEY,
    kind text NOT NULL,
    -- SHA-256 of what the entry commits to: an envelope with its signature, or a registry document
    env bytea NOT NULL,
    reg bigint NOT NULL,
    rt timestamptz NOT NULL,
    -- RFC 6962 hash of the entry
    hash bytea NOT NULL,
    -- the notice, if the entry is of one in the ledger
    log_index bigint UNIQUE
);
CREATE INDEX log_leaf_env ON log_leaf USING hash (env);
CREATE UNIQUE INDEX log_leaf_registry ON log_leaf (reg) WHERE kind = 'registry';

-- Full tiles of every level; partial ones are made from the level below. `root` is the tile's hash in the level above.
CREATE TABLE log_tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    PRIMARY KEY (level, index)
);
-- Hashes do not compress.
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Written before it is signed, and never changed but by its signature and by who has seen it.
CREATE TABLE log_checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    -- what is signed
    text text NOT NULL,
    -- the signed note, without cosignatures; null until it is signed
    note text,
    made timestamptz NOT NULL DEFAULT clock_timestamp(),
    signed timestamptz,
    -- when enough witnesses had cosigned
    attested timestamptz
);
CREATE INDEX log_checkpoint_signed ON log_checkpoint (size) WHERE note IS NOT NULL;
CREATE INDEX log_checkpoint_attested ON log_checkpoint (size) WHERE attested IS NOT NULL;

CREATE TABLE log_cosignature (
    size bigint NOT NULL REFERENCES log_checkpoint,
    -- its name in the policy
    witness text NOT NULL,
    -- the line of the note
    line text NOT NULL,
    -- the time that the witness signed
    said timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
CREATE INDEX log_cosignature_witness ON log_cosignature (witness, size);

ALTER TABLE log_head ADD COLUMN leaves bigint NOT NULL DEFAULT 0;
"""
# A notice before the evidence that came in the same second: that is the order in which a batch writes them.
PAST = """
SELECT log_index, envelope, registry_version, recordedtime FROM ledger
UNION ALL
SELECT NULL, envelope, registry_version, recordedtime FROM equivocation
ORDER BY 4, 1 NULLS LAST
"""
COLUMNS = ("leaf_index", "kind", "env", "reg", "rt", "hash", "log_index")
ADD = "INSERT INTO log_leaf VALUES (:leaf_index, :kind, :env, :reg, :rt, :hash, :log_index)"
PAGE = 1000


def upgrade() -> None:
    """Make the tables, and fill the tree with what is there."""
    op.execute("SELECT FROM log_head FOR UPDATE")
    op.execute(TABLES)
    _fill(op.get_bind())
    op.execute("UPDATE log_head SET leaves = (SELECT count(*) FROM log_leaf)")
    op.execute("ALTER TABLE ledger DROP COLUMN leaf")


def _fill(connection: Connection) -> None:
    past = connection.execute(text(PAST).execution_options(yield_per=PAGE))
    count = 0
    for page in past.partitions():
        connection.execute(text(ADD), [_leaf(count + number, row) for number, row in enumerate(page)])
        count += len(page)


def _leaf(index: int, row: Row[Any]) -> dict[str, Any]:
    log_index, envelope, reg, recorded = tuple(row)
    kind = EQUIVOCATION if log_index is None else EVENT
    env = env_of(decode_envelope(bytes(envelope)))
    hash_ = leaf_hash(bytes(Leaf(env, reg, format_time(recorded), kind)))
    values = (index, kind, env, reg, recorded, hash_, log_index)
    return dict(zip(COLUMNS, values, strict=True))


def downgrade() -> None:
    """The log is never taken back."""
    raise NotImplementedError
