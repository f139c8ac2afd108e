"""Envelopes gathered from all over, to be found again by what an entry names: a file beside the work, on the disk."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tamani.core.envelope import decode_envelope
from tamani.core.log.leaf import env_of
from tamani.core.strict_json import BadJson

PAGE = 1000
_TABLE = "CREATE TABLE IF NOT EXISTS content (env BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"


class Contents:
    """The file. It holds exact bytes of notices, some of which not everybody may read: its owner's eyes only."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.execute(_TABLE)

    def add(self, values: Iterable[bytes]) -> int:
        """Keep these envelopes; what is none is passed over. How many there were."""
        count = 0
        for value in values:
            try:
                env = env_of(decode_envelope(value))
            except BadJson:
                continue
            self._db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (env, value))
            count += 1
            if count % PAGE == 0:
                self._db.commit()
        self._db.commit()
        return count

    def find(self, env: bytes) -> bytes | None:
        """The envelope that this names."""
        row = self._db.execute("SELECT value FROM content WHERE env = ?", (env,)).fetchone()
        return bytes(row[0]) if row else None


@contextmanager
def open_contents(path: Path) -> Iterator[Contents]:
    """The file at this path while the block runs; afterwards it is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    try:
        path.chmod(0o600)
        yield Contents(db)
    finally:
        db.close()
        path.unlink(missing_ok=True)
