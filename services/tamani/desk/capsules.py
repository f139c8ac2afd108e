"""The keys of sealed notices at their readers' site: taken from `capsules.<cc>`, found by SHA-256, kept until erased.

Any node may write to the topic, so nothing here is believed: what no signed notice names is never asked for, and goes
when the topic forgets it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.capsule import MAX_CAPSULE
from tamani.desk.feed_topic import Record
from tamani.desk.tables import capsule, capsule_position, erasure

_MAGIC = b"age-encryption.org/v1\n"
# The retention of the topic: what has not come within it will not come by itself.
_DROP_JUNK = text(
    """DELETE FROM capsule WHERE received < now() - interval '35 days'
       AND NOT EXISTS (SELECT 1 FROM mirror WHERE mirror.digest = capsule.digest)"""
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A capsule that came; `value` is none if it was erased since."""

    value: bytes | None


async def take(connection: AsyncConnection, records: Sequence[Record], cluster: str) -> None:
    """Keep what may be a capsule, once, and not of an erased notice; move the position. The caller commits."""
    rows = [row for record in records if (row := _row(record)) is not None]
    told = [str(row["digest"]) for row in rows]
    gone = set((await connection.execute(select(erasure.c.digest).where(erasure.c.digest.in_(told)))).scalars())
    rows = [row for row in rows if row["digest"] not in gone]
    if rows:
        await connection.execute(insert(capsule).on_conflict_do_nothing(), rows)
    place = {"cluster": cluster, "next_offset": records[-1].offset + 1}
    move = insert(capsule_position).values(place)
    await connection.execute(move.on_conflict_do_update(index_elements=["cluster"], set_=place))


def _row(record: Record) -> dict[str, object] | None:
    if len(record.value) > MAX_CAPSULE or not record.value.startswith(_MAGIC):
        return None
    return {"sha256": hashlib.sha256(record.value).digest(), "digest": record.key.hex(), "value": record.value}


async def next_offset(connection: AsyncConnection, cluster: str) -> int:
    """Where to go on reading on this cluster."""
    query = select(capsule_position.c.next_offset).where(capsule_position.c.cluster == cluster)
    return await connection.scalar(query) or 0


async def find(connection: AsyncConnection, sha256: str) -> Kept | None:
    """The capsule of this SHA-256 (hex), or nothing if none has come."""
    row = (await connection.execute(select(capsule.c.value).where(capsule.c.sha256 == bytes.fromhex(sha256)))).first()
    return None if row is None else Kept(None if row.value is None else bytes(row.value))


async def erase(connection: AsyncConnection, sha256: str, digest: str) -> None:
    """Forget a capsule for good, also one that has yet to come: sent again, it is not kept. The caller commits."""
    gone = {"sha256": bytes.fromhex(sha256), "digest": digest, "value": None}
    row = insert(capsule).values(gone)
    await connection.execute(row.on_conflict_do_update(index_elements=["sha256"], set_={"value": None}))


async def drop_junk(connection: AsyncConnection) -> int:
    """Forget what no notice of ours ever claimed, once its topic has, too."""
    return (await connection.execute(_DROP_JUNK)).rowcount
