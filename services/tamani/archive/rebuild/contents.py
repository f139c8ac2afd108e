"""Envelopes gathered from all over, to be found again by what an entry names: a file beside the work, on the disk.

Orders of erasure are gathered too: what one of them names is never handed out, whoever still has it.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from tamani.core.envelope import decode_envelope
from tamani.core.erasure.officers import check_officers
from tamani.core.erasure.order import SignedOrder, decode_order
from tamani.core.errors import RefusedError
from tamani.core.event import parse_time
from tamani.core.log.leaf import env_of
from tamani.core.registry import Registry
from tamani.core.strict_json import BadJson

log = structlog.get_logger(__name__)
PAGE = 1000
_TABLE = "CREATE TABLE IF NOT EXISTS content (env BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"


_ORDERS = "CREATE TABLE IF NOT EXISTS erasure (order_env BLOB PRIMARY KEY, env BLOB NOT NULL, document BLOB NOT NULL)"


class Contents:
    """The file. It holds exact bytes of notices, some of which not everybody may read: its owner's eyes only."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.execute(_TABLE)
        self._db.execute(_ORDERS)

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
        """The envelope that this names, unless it was erased."""
        if self.erased(env) is not None:
            return None
        row = self._db.execute("SELECT value FROM content WHERE env = ?", (env,)).fetchone()
        return bytes(row[0]) if row else None

    def add_orders(self, documents: Iterable[bytes], registry: Registry) -> None:
        """Keep these orders, as far as they hold: whoever was asked for them is not believed either."""
        for document in documents:
            try:
                signed = decode_order(document)
                check_officers(signed, registry, parse_time(signed.order.at), in_office=False)
            except RefusedError as error:
                log.warning("an order of erasure does not hold", code=error.code.name, detail=error.detail)
                continue
            row = (signed.env, bytes.fromhex(signed.order.env), document)
            self._db.execute("INSERT OR IGNORE INTO erasure VALUES (?, ?, ?)", row)
        self._db.commit()

    def order(self, order_env: bytes) -> SignedOrder | None:
        """The order of this name in the log."""
        return self._order("SELECT document FROM erasure WHERE order_env = ?", order_env)

    def erased(self, env: bytes) -> SignedOrder | None:
        """The order that has erased the envelope of this name."""
        return self._order("SELECT document FROM erasure WHERE env = ?", env)

    def _order(self, query: str, name: bytes) -> SignedOrder | None:
        row = self._db.execute(query, (name,)).fetchone()
        return decode_order(bytes(row[0])) if row else None


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
