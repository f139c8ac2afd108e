"""Watches the signs of life: a node that is silent too long is told, and so is that it was heard again.

Silence is judged only over time in which some other node was heard: where all fall silent at once (the router stands
still, we were away), it is we who are deaf, and the time of every node begins anew.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.facts import HEARD, SILENCE, Finding, add
from tamani.core.envelope import decode_envelope
from tamani.core.event import decode_event, format_time
from tamani.core.policy import key_state
from tamani.core.registry import Registry
from tamani.runtime.clock import Clock
from tamani.runtime.registry import Registries

# Without a single sign of life from anybody for so long, or without a look of ours, we are deaf.
DEAF = timedelta(minutes=30)
_LOOK = "SELECT since, looked FROM hearing FOR UPDATE"
_BEGIN = "INSERT INTO hearing (since, looked) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_LOOKED = "UPDATE hearing SET since = %s, looked = %s"
_BEATS = """
SELECT b.keyid, b.source, b.recordedtime, b.envelope, EXISTS (
    SELECT FROM silence s WHERE s.keyid = b.keyid AND s.heard IS NULL) FROM heartbeat b ORDER BY b.keyid
"""
_ADD = "INSERT INTO silence VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
_HEARD = """
SELECT s.keyid, s.since, s.source, s.tlp, s.found, b.recordedtime FROM silence s JOIN heartbeat b USING (keyid)
WHERE s.heard IS NULL AND b.recordedtime > s.since
"""
_SETTLE = "UPDATE silence SET heard = %s WHERE keyid = %s AND since = %s"
SECOND = timedelta(seconds=1)


class Silences:
    """Looks for nodes that were heard before and are not; `limit` is how long one may be silent."""

    def __init__(self, registry: Registries, clock: Clock, limit: timedelta) -> None:
        self._registry, self._clock, self._limit = registry, clock, limit
        self._deaf = min(DEAF, limit / 2)

    async def look(self, connection: AsyncConnection[Any]) -> None:
        """Write what is found, in one transaction; again after a crash, nothing is found twice."""
        now = self._clock().replace(microsecond=0)
        async with connection.transaction():
            await connection.execute(_BEGIN, [now, now])
            beats = await (await connection.execute(_BEATS)).fetchall()
            since = await self._heard_since(connection, [row[2] for row in beats], now)
            for keyid, about, recorded, envelope, told in beats:
                if told or now - max(recorded, since) <= self._limit:
                    continue
                if _counts(self._registry.current, bytes(keyid).hex(), now):
                    await _fall_silent(connection, (bytes(keyid), about, recorded, bytes(envelope)), now)
            await _hear_again(connection, now)

    async def _heard_since(self, connection: AsyncConnection[Any], beats: list[datetime], now: datetime) -> datetime:
        """Since when somebody was heard all the time, up to now."""
        row = await (await connection.execute(_LOOK)).fetchone()
        since, looked = row if row else (now, now)
        newest = max(beats, default=None)
        if newest is None or now - newest > self._deaf or now - looked > self._deaf:
            since = now
        await connection.execute(_LOOKED, [since, now])
        return since


async def _fall_silent(
    connection: AsyncConnection[Any], beat: tuple[bytes, str, datetime, bytes], at: datetime
) -> None:
    """Told to whoever could have read the last sign of life itself."""
    keyid, about, since, envelope = beat
    tlp = decode_event(decode_envelope(envelope).payload).tlp
    await connection.execute(_ADD, [keyid, since, about, tlp, at])
    await add(connection, Finding(SILENCE, _facts(keyid, about, since, tlp), at))


async def _hear_again(connection: AsyncConnection[Any], now: datetime) -> None:
    for keyid, since, about, tlp, found, heard in await (await connection.execute(_HEARD)).fetchall():
        await connection.execute(_SETTLE, [heard, keyid, since])
        facts = _facts(bytes(keyid), about, since, tlp) | {"heard": format_time(heard)}
        await add(connection, Finding(HEARD, facts, max(now, found + SECOND)))


def _facts(keyid: bytes, about: str, since: datetime, tlp: str) -> dict[str, Any]:
    return {"about": about, "keyid": keyid.hex(), "since": format_time(since), "tlp": tlp}


def _counts(registry: Registry, keyid: str, at: datetime) -> bool:
    """Whether anything is to be heard of this key: a retired one may be silent."""
    row = registry.key(keyid)
    body = registry.body(row.body) if row else None
    return (
        row is not None
        and row.state == "active"
        and key_state(row, at) is None
        and body is not None
        and body.stands(at)
    )
