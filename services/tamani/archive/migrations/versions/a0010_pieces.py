"""Files that archived notices name: their bytes, part by part as they came, until an erasure takes them."""

from alembic import op

revision = "a0010"
down_revision = "a0009"

TABLES = """
CREATE TABLE piece (
    source_no int NOT NULL REFERENCES source_ref,
    sha256 bytea NOT NULL,
    -- as a notice of this source says it
    size bigint NOT NULL,
    held bigint NOT NULL DEFAULT 0,
    -- when the whole had its digest: shown to nobody before
    whole timestamptz,
    PRIMARY KEY (source_no, sha256)
);
CREATE TABLE piece_part (
    source_no int NOT NULL,
    sha256 bytea NOT NULL,
    start bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (source_no, sha256, start),
    FOREIGN KEY (source_no, sha256) REFERENCES piece ON DELETE CASCADE
);
-- papers and pictures are packed already
ALTER TABLE piece_part ALTER content SET STORAGE EXTERNAL;
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """What was kept is never thrown away."""
    raise NotImplementedError
