"""Verdicts in time: when the registry says that a key was compromised, what it said since then is marked, not deleted.

Nothing is remembered of how far this has come: what ought to be marked is compared with what is, and the difference is
written in batches, each in one transaction under the ledger's lock. So a crash at any point, another date, or a state
that is lifted again all end in the same way: the marks follow the registry.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from psycopg import AsyncConnection

from tamani.archive.binary_copy import copy
from tamani.archive.head import read_head, write_head
from tamani.archive.ledger import Rows, tell
from tamani.archive.store import CHANNEL, countries_of
from tamani.archive.tables import FEED
from tamani.core.registry import KeyRow, Registry
from tamani.core.trust.stands import CLEARED, NOT_YET, SUSPECT, stands
from tamani.runtime.clock import Clock
from tamani.runtime.database import only_row, through_outages
from tamani.runtime.registry import Registries

log = structlog.get_logger(__name__)
EVERY = 2.0
MOST = 500
PAGE = 20_000
_GROWN = "SELECT size, coalesce((SELECT max(size) FROM log_checkpoint WHERE witnessed IS NOT NULL), 0) FROM log_head"
_MARKED_KEYS = "SELECT DISTINCT keyid FROM suspicion"
# A record's witnesses: the first checkpoint that covers it and that enough of them cosigned. Of what was written again
# after the archive was lost, only the last such checkpoint is known, which says nothing of when it was first seen.
_RECORDS = """
SELECT l.log_index, l.recordedtime, w.witnessed, coalesce(f.leaf_index < h.rebuilt AND w.size >= h.rebuilt, false),
    s.log_index IS NOT NULL
FROM log_head h, ledger l
LEFT JOIN suspicion s ON s.log_index = l.log_index
LEFT JOIN log_leaf f ON f.log_index = l.log_index
LEFT JOIN LATERAL (
    SELECT c.size, c.witnessed FROM log_checkpoint c WHERE c.witnessed IS NOT NULL AND c.size > f.leaf_index
    ORDER BY c.size LIMIT 1
) w ON true
WHERE l.keyid = %s AND l.log_index > %s ORDER BY l.log_index LIMIT %s
"""
_FOLLOW = "UPDATE suspicion_head SET registry_version = %s WHERE registry_version <= %s RETURNING 1"
_MARK = """
INSERT INTO suspicion SELECT log_index, keyid, %s FROM ledger WHERE log_index = ANY(%s)
ON CONFLICT DO NOTHING RETURNING log_index
"""
_CLEAR = "DELETE FROM suspicion WHERE log_index = ANY(%s) RETURNING log_index"
_TOLD = """
SELECT l.log_index, l.digest, array_agg(f.cc ORDER BY f.cc) FROM ledger l JOIN feed_entry f USING (log_index)
WHERE l.log_index = ANY(%s) AND f.mark IS NULL GROUP BY 1, 2 ORDER BY 1
"""
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]
Change = tuple[int, str]
# Index, when it was archived, when it was witnessed, whether that is no longer known, whether it is marked.
Record = tuple[int, datetime, datetime | None, bool, bool]


class Suspicions:
    """The task of one worker that keeps marks and registry together. `witnessed`: the log has witnesses to ask."""

    def __init__(
        self, connect: Connect, registry: Registries, clock: Clock, *, witnessed: bool, most: int = MOST
    ) -> None:
        self._connect, self._registry, self._clock, self._most = connect, registry, clock, most
        self._witnessed = witnessed
        self._connection: AsyncConnection[Any] | None = None
        self._settled: tuple[int, ...] | None = None

    async def run(self) -> None:
        """Follow the registry until cancelled; whatever is away is waited for."""
        while True:
            await through_outages(self.settle, "suspicions")
            await asyncio.sleep(EVERY)

    async def settle(self) -> int:
        """Write what differs, if registry, ledger or witnesses moved since the last time; how many marks changed.

        Raises:
            psycopg.Error: the database is away; what was committed stands, the rest is found again.
        """
        connection = await self._connected()
        registry = self._registry.current
        now = (registry.version, *await only_row(connection, _GROWN))
        if self._settled == now:
            return 0
        written = 0
        for row in await _keys_to_look_at(connection, registry):
            written += await self._settle_key(connection, registry, row)
        self._settled = now
        return written

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _settle_key(self, connection: AsyncConnection[Any], registry: Registry, row: KeyRow) -> int:
        written, after = 0, -1
        while page := await (
            await connection.execute(_RECORDS, [bytes.fromhex(row.keyid), after, PAGE], binary=True)
        ).fetchall():
            changes = [change for record in page if (change := self._change(row, record)) is not None]
            for first in range(0, len(changes), self._most):
                written += await self._write(connection, registry.version, changes[first : first + self._most])
            after = page[-1][0]
        if written:
            log.warning("suspect", key=row.keyid[:16], body=row.body, changed=written, registry=registry.version)
        return written

    def _change(self, row: KeyRow, record: Record) -> Change | None:
        """What is not yet as it ought to be."""
        index, recorded, seen, forgotten, marked = record
        witnessed = None if forgotten or not self._witnessed else seen or NOT_YET
        if stands(row, recorded, witnessed) != marked:
            return None
        return index, CLEARED if marked else SUSPECT

    async def _write(self, connection: AsyncConnection[Any], version: int, changes: Sequence[Change]) -> int:
        """One batch: the marks, and an entry for each feed that carried the notice."""
        async with connection.transaction():
            head = await read_head(connection, lock=True)
            if await (await connection.execute(_FOLLOW, [version, version])).fetchone() is None:
                return 0  # another worker holds a newer registry
            now = self._clock().replace(microsecond=0)
            at = max(now, head.recorded) if head.recorded else now
            done = dict(await _apply(connection, changes, at))
            rows = Rows(head, at)
            for index, digest, countries in await (await connection.execute(_TOLD, [list(done)])).fetchall():
                for country in countries_of(countries):
                    tell(rows, country, index, done[index], digest)
            head.recorded = at
            await copy(connection, FEED, rows.feed)
            await write_head(connection, head)
            await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        return len(done)

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection


async def _apply(connection: AsyncConnection[Any], changes: Sequence[Change], at: datetime) -> list[Change]:
    """Set and clear marks; those that another worker has set or cleared already are not among the result."""
    new = [index for index, mark in changes if mark == SUSPECT]
    gone = [index for index, mark in changes if mark == CLEARED]
    marked = await (await connection.execute(_MARK, [at, new])).fetchall()
    cleared = await (await connection.execute(_CLEAR, [gone])).fetchall()
    return [(index, SUSPECT) for (index,) in marked] + [(index, CLEARED) for (index,) in cleared]


async def _keys_to_look_at(connection: AsyncConnection[Any], registry: Registry) -> list[KeyRow]:
    """Compromised keys, and those whose records are marked though they no longer are."""
    rows = [row for row in registry.keys if row.compromised_since is not None or row.state == "compromised"]
    marked = {keyid.hex() for (keyid,) in await (await connection.execute(_MARKED_KEYS, binary=True)).fetchall()}
    lifted = (registry.key(keyid) for keyid in marked - {row.keyid for row in rows})
    return rows + [row for row in lifted if row is not None]
