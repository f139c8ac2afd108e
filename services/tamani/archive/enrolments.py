"""From when a new key counts: a day after other states could see it in the log, whatever date its officers wrote.

Each version of the registry becomes an entry of the log as soon as this archive holds it. A key that must wait
(`Standing.fresh`) counts from the time at which enough witnesses had cosigned the first entry whose version has it,
plus the delay of the root. That instant is written down once, and every worker judges by it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from psycopg import AsyncConnection

from tamani.archive.binary_copy import copy
from tamani.archive.head import read_head, write_head
from tamani.archive.ledger import Rows, enter
from tamani.archive.notice import NONE, Effects
from tamani.archive.tables import LEAVES
from tamani.core.log.leaf import REGISTRY
from tamani.core.registry import Registry
from tamani.runtime.clock import Clock
from tamani.runtime.database import through_outages
from tamani.runtime.registry import Registries

log = structlog.get_logger(__name__)
EVERY = 2.0
_ANY = "SELECT EXISTS (SELECT FROM registry_noted)"
_NOTED = "SELECT EXISTS (SELECT FROM registry_noted WHERE version = %s)"
_LEAF = "SELECT leaf_index FROM log_leaf WHERE kind = 'registry' AND reg = %s"
_NOTE = "INSERT INTO registry_noted (version, leaf_index, document) VALUES (%s, %s, %s)"
_WAIT = """
INSERT INTO key_effect (keyid, leaf_index, delay_seconds, effective)
SELECT decode(keyid, 'hex'), %s, %s, %s FROM unnest(%s::text[]) AS keyid ON CONFLICT DO NOTHING
"""
# The first checkpoint over the entry that makes up the quorum; without witnesses the entry's own time.
_SEEN = """
UPDATE key_effect k SET effective = w.witnessed + make_interval(secs => k.delay_seconds)
FROM (SELECT DISTINCT leaf_index FROM key_effect WHERE effective IS NULL) p CROSS JOIN LATERAL (
    SELECT witnessed FROM log_checkpoint WHERE witnessed IS NOT NULL AND size > p.leaf_index ORDER BY size LIMIT 1
) w WHERE k.leaf_index = p.leaf_index AND k.effective IS NULL
"""
_RECORDED = """
UPDATE key_effect k SET effective = f.rt + make_interval(secs => k.delay_seconds)
FROM log_leaf f WHERE f.leaf_index = k.leaf_index AND k.effective IS NULL
"""
_EFFECTS = "SELECT encode(keyid, 'hex'), effective FROM key_effect WHERE effective IS NOT NULL"
Connect = Callable[[], Awaitable[AsyncConnection[Any]]]


class Enrolments:
    """The task of one worker that notes new versions and keys. `effects`: from when each key that waited counts."""

    def __init__(self, connect: Connect, registry: Registries, clock: Clock, *, witnessed: bool) -> None:
        self._connect, self._registry, self._clock, self._witnessed = connect, registry, clock, witnessed
        self._connection: AsyncConnection[Any] | None = None
        self.effects: Effects = NONE

    async def run(self) -> None:
        """Follow registry and witnesses until cancelled; whatever is away is waited for."""
        while True:
            await through_outages(self.settle, "enrolments")
            await asyncio.sleep(EVERY)

    async def settle(self) -> None:
        """Note what is new.

        Raises:
            psycopg.Error: the database is away; what was committed stands, the rest is found again.
        """
        connection = await self._connected()
        registry, document = self._registry.current, self._registry.value
        if not await _is(connection, _NOTED, registry.version):
            await self._note(connection, registry, document)
        await connection.execute(_SEEN if self._witnessed else _RECORDED)
        self.effects = {keyid: at async for keyid, at in await connection.execute(_EFFECTS)}

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _note(self, connection: AsyncConnection[Any], registry: Registry, document: bytes | None) -> None:
        """The version's entry, and what waits because of it. What the first version has is taken as it stands."""
        standing = registry.standing
        fresh, delay = (standing.fresh, standing.delay_seconds) if standing else ((), 0)
        async with connection.transaction():
            head = await read_head(connection, lock=True)
            if await _is(connection, _NOTED, registry.version):
                return
            now = self._clock().replace(microsecond=0)
            rows = Rows(head, max(now, head.recorded) if head.recorded else now)
            index = await self._entry(connection, rows, registry.version)
            begun = await _is(connection, _ANY)
            await connection.execute(_WAIT, [index, delay, None if begun else rows.at, list(fresh)])
            await connection.execute(_NOTE, [registry.version, index, document])
        log.info("registry noted", version=registry.version, entry=index, waiting=len(fresh) if begun else 0)

    async def _entry(self, connection: AsyncConnection[Any], rows: Rows, version: int) -> int:
        """Where the version stands in the log; it may have been judged by already."""
        found = await (await connection.execute(_LEAF, [version])).fetchone()
        if found is not None:
            return int(found[0])
        index = rows.head.leaves
        enter(rows, REGISTRY, self._registry.digest(version), version)
        rows.head.recorded = rows.at
        await copy(connection, LEAVES, rows.leaves)
        await write_head(connection, rows.head)
        return index

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection


async def _is(connection: AsyncConnection[Any], query: str, *arguments: int) -> bool:
    row = await (await connection.execute(query, arguments)).fetchone()
    return bool(row and row[0])
