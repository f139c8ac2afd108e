"""Watches the numbers of each key and lane: a hole that stays is told to its body, and so is that it filled after all.

How long a hole has been there is counted by the one process that looks: while the archive was away, everything lacked.
A hole's end changes while numbers of it still come; it then is another hole, and waits anew.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.facts import GAP, GAP_FILLED, Finding, add
from tamani.archive.findings.series import Hole, holes, ripe
from tamani.core.registry import Registry
from tamani.runtime.clock import Clock
from tamani.runtime.registry import Registries

# Of one series in one look; the next look goes on from there.
PAGE = 20_000
SECOND = timedelta(seconds=1)
# One looks at a time; reading and archiving go on.
_ALONE = "LOCK TABLE series IN SHARE ROW EXCLUSIVE MODE"
_SERIES = """
WITH RECURSIVE every AS (
    (SELECT keyid, lane FROM ledger ORDER BY keyid, lane LIMIT 1)
    UNION ALL
    SELECT n.keyid, n.lane FROM every e, LATERAL (
        SELECT keyid, lane FROM ledger WHERE (keyid, lane) > (e.keyid, e.lane) ORDER BY keyid, lane LIMIT 1) n
)
SELECT keyid, lane, coalesce(whole, 0) FROM every LEFT JOIN series USING (keyid, lane)
"""
_NUMBERS = """
SELECT sequence FROM ledger WHERE keyid = %(keyid)s AND lane = %(lane)s AND sequence > %(whole)s
UNION SELECT sequence FROM numbered WHERE keyid = %(keyid)s AND lane = %(lane)s AND sequence > %(whole)s
ORDER BY 1 LIMIT %(page)s
"""
_WHOLE = """
INSERT INTO series VALUES (%s, %s, %s) ON CONFLICT (keyid, lane) DO UPDATE SET whole = excluded.whole
"""
_ADD = "INSERT INTO gap VALUES (%s, %s, %s, %s, %s, %s)"
_FILLED = """
SELECT keyid, lane, first, last, source, found FROM gap g WHERE settled IS NULL AND last - first + 1 = (
    SELECT count(*) FROM (
        SELECT sequence FROM ledger l
        WHERE l.keyid = g.keyid AND l.lane = g.lane AND l.sequence BETWEEN g.first AND g.last
        UNION SELECT sequence FROM numbered n
        WHERE n.keyid = g.keyid AND n.lane = g.lane AND n.sequence BETWEEN g.first AND g.last) present)
"""
_SETTLE = "UPDATE gap SET settled = %s WHERE keyid = %s AND lane = %s AND first = %s"
Series = tuple[bytes, str]


class Gaps:
    """Looks for holes; `delay` is how long (seconds) one must have been there before it is told."""

    def __init__(
        self,
        registry: Registries,
        clock: Clock,
        delay: float,
        *,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry, self._clock, self._delay, self._elapsed = registry, clock, delay, elapsed
        self._seen: dict[Series, dict[Hole, float]] = {}

    async def look(self, connection: AsyncConnection[Any]) -> None:
        """Write what is found, in one transaction; again after a crash, nothing is found twice."""
        async with connection.transaction():
            await connection.execute(_ALONE)
            at = self._clock().replace(microsecond=0)
            for keyid, lane, whole in await (await connection.execute(_SERIES)).fetchall():
                await self._series(connection, (bytes(keyid), lane), whole, at)
            for keyid, lane, first, last, about, found in await (await connection.execute(_FILLED)).fetchall():
                after = max(at, found + SECOND)
                await connection.execute(_SETTLE, [after, keyid, lane, first])
                await add(connection, _finding(GAP_FILLED, about, (bytes(keyid), lane), Hole(first, last), after))

    async def _series(self, connection: AsyncConnection[Any], series: Series, whole: int, at: datetime) -> None:
        about = _speaker(self._registry.current, series[0])
        if about is None:
            return
        asked = {"keyid": series[0], "lane": series[1], "whole": whole, "page": PAGE}
        numbers = [number for (number,) in await (await connection.execute(_NUMBERS, asked)).fetchall()]
        found, now = holes(whole, numbers), self._elapsed()
        before = self._seen.get(series, {})
        self._seen[series] = {hole: before.get(hole, now) for hole in found}
        old = ripe(found, self._seen[series], now, self._delay)
        for hole in old:
            await connection.execute(_ADD, [*series, hole.first, hole.last, about, at])
            await add(connection, _finding(GAP, about, series, hole, at))
        reached = _reached(whole, numbers, found[len(old) :])
        if reached > whole:
            await connection.execute(_WHOLE, [*series, reached])


def _reached(whole: int, numbers: list[int], waiting: list[Hole]) -> int:
    """Up to where nothing lacks any more that is not told: the hole that waits, or the last number."""
    if waiting:
        return waiting[0].first - 1
    return numbers[-1] if numbers else whole


def _speaker(registry: Registry, keyid: bytes) -> str | None:
    """The body of a key whose numbers mean something: the archive's own mean nothing."""
    row = registry.key(keyid.hex())
    body = registry.body(row.body) if row else None
    return body.source if body is not None and body.reads else None


def _finding(kind: str, about: str, series: Series, hole: Hole, at: datetime) -> Finding:
    facts = {"about": about, "keyid": series[0].hex(), "lane": series[1], "first": hole.first, "last": hole.last}
    return Finding(kind, facts, at)
