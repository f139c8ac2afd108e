"""The tables of attestation: what waits, what was found, what is an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.desk.held_against import Answer, Wanted
from tamani.desk.log_tables import attestation, checkpoint, log_alarm, registry_version
from tamani.desk.tables import mirror, record


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is not attested yet."""

    feed_index: int
    envelope: bytes
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the log lacked or contradicted; `evidence` is its answer, byte for byte."""

    feed_index: int | None
    code: str
    detail: str
    evidence: bytes


async def waiting(connection: AsyncConnection, limit: int) -> list[Waiting]:
    """Those never asked for first, then those asked for longest ago."""
    query = (
        select(record.c.feed_index, mirror.c.envelope, record.c.recordedtime)
        .select_from(
            record.join(mirror, mirror.c.feed_index == record.c.feed_index).outerjoin(
                attestation, attestation.c.feed_index == record.c.feed_index
            )
        )
        .where(attestation.c.attested.is_(None))
        .order_by(attestation.c.asked.asc().nulls_first(), record.c.feed_index)
        .limit(limit)
    )
    return [Waiting(row[0], bytes(row[1]), row[2]) for row in await connection.execute(query)]


async def keep_checkpoint(connection: AsyncConnection, answer: Answer, now: datetime) -> bytes | None:
    """Keep it, or the cosignatures it gained; the other note, where one of this size with another root was kept."""
    tree = answer.seen.checkpoint
    kept = await connection.execute(select(checkpoint.c.root, checkpoint.c.note).where(checkpoint.c.size == tree.size))
    if (row := kept.one_or_none()) is not None and bytes(row.root) != tree.root:
        return bytes(row.note)
    values = {"note": answer.note, "witnesses": sorted(answer.seen.witnesses), "attested": answer.attested}
    fresh = insert(checkpoint).values(size=tree.size, root=tree.root, seen=now, **values)
    more = func.cardinality(fresh.excluded.witnesses) > func.cardinality(checkpoint.c.witnesses)
    await connection.execute(fresh.on_conflict_do_update(index_elements=["size"], set_=values, where=more))
    return None


async def keep_found(connection: AsyncConnection, answer: Answer, wanted: Sequence[Wanted], now: datetime) -> None:
    """Note that all were asked for, and what was found of them; what was missing and is there now is settled."""
    found = {one.key: one for one in answer.found}
    for one in wanted:
        values: dict[str, Any] = {"asked": now}
        if (place := found.get(one.key)) is not None:
            where = {"leaf_index": place.index, "entry": place.entry, "reg": place.reg, "path": place.path}
            values |= where | {"size": answer.seen.checkpoint.size, "attested": answer.attested}
        fresh = insert(attestation).values(feed_index=one.key, env=one.env, **values)
        waits = attestation.c.attested.is_(None)
        await connection.execute(fresh.on_conflict_do_update(index_elements=["feed_index"], set_=values, where=waits))
    settled = (log_alarm.c.code == "failed.log.lacking", log_alarm.c.feed_index.in_(list(found)))
    await connection.execute(update(log_alarm).where(*settled, log_alarm.c.settled.is_(None)).values(settled=now))


async def raise_alarm(connection: AsyncConnection, alarm: Alarm, now: datetime) -> None:
    """Keep it, once while it stands."""
    same = (log_alarm.c.code == alarm.code, log_alarm.c.feed_index.is_not_distinct_from(alarm.feed_index))
    standing = select(log_alarm.c.number).where(*same, log_alarm.c.settled.is_(None)).limit(1)
    if await connection.scalar(standing) is None:
        values = {"feed_index": alarm.feed_index, "code": alarm.code, "detail": alarm.detail[:400]}
        await connection.execute(insert(log_alarm).values(**values, evidence=alarm.evidence, seen=now))


async def open_alarms(connection: AsyncConnection) -> int:
    """How many stand open."""
    query = select(func.count()).select_from(log_alarm).where(log_alarm.c.settled.is_(None))
    return await connection.scalar(query) or 0


async def keep_registry(connection: AsyncConnection, version: int, env: bytes, value: bytes) -> bool:
    """Keep a version's bytes; whether its leaf is still to be found."""
    fresh = insert(registry_version).values(version=version, env=env, value=value)
    await connection.execute(fresh.on_conflict_do_nothing())
    leaf = select(registry_version.c.leaf_index).where(registry_version.c.version == version)
    return await connection.scalar(leaf) is None


async def keep_registry_leaf(connection: AsyncConnection, answer: Answer) -> None:
    """Where a version's leaf stands."""
    for one in answer.found:
        values = {"leaf_index": one.index, "entry": one.entry, "path": one.path, "size": answer.seen.checkpoint.size}
        await connection.execute(update(registry_version).where(registry_version.c.version == one.key).values(**values))
