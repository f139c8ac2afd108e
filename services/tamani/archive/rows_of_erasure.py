"""The statements of an erasure on the ledger: find what an order names, blank it, keep the order in its place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from tamani.archive.pieces.store import forget_pieces, let_go_of_all
from tamani.core.envelope import decode_envelope
from tamani.core.erasure.order import SignedOrder
from tamani.core.event import decode_event
from tamani.core.log.leaf import EQUIVOCATION, EVENT, env_of
from tamani.core.pieces import digests_in
from tamani.core.strict_json import BadJson
from tamani.runtime.database import only_row

_DONE = "SELECT order_env, leaf_index, recordedtime FROM erasure WHERE env = %s"
_KIND = "SELECT kind, log_index, rt FROM log_leaf WHERE env = %s AND kind = ANY(%s)"
_NOTICE = """
SELECT l.log_index, false AS evidence, l.source_no, s.source, l.id, l.type, l.tlp, l.audience, l.digest, l.keyid,
    l.recordedtime AS recorded, l.value_sha256, l.stream_no, l.partition, l."offset",
    (SELECT array_agg(f.cc ORDER BY f.cc) FROM feed_entry f WHERE f.log_index = l.log_index AND f.mark IS NULL) AS feeds
FROM ledger l JOIN source_ref s USING (source_no) WHERE l.log_index = %s
"""
# Evidence has neither type nor label of its own in the ledger.
_EVIDENCE = """
SELECT e.first_index AS log_index, true AS evidence, e.source_no, s.source, e.id, '' AS type, '' AS tlp,
    '' AS audience, e.digest, e.keyid, e.recordedtime AS recorded, e.value_sha256, e.stream_no, e.partition,
    e."offset", NULL AS feeds
FROM equivocation e JOIN source_ref s USING (source_no) WHERE e.recordedtime = %s
"""
_NOTICE_VALUE = "SELECT envelope FROM ledger WHERE log_index = %s"
_ENVELOPE = "SELECT envelope FROM equivocation WHERE source_no = %s AND id = %s AND digest = %s"
# The thread's name is the author's own words, too.
_BLANK = "UPDATE ledger SET envelope = '', subject = '' WHERE log_index = %s"
_BLANK_EVIDENCE = "UPDATE equivocation SET envelope = '' WHERE source_no = %s AND id = %s AND digest = %s"
_KEEP = """
INSERT INTO erasure
    (order_env, env, log_index, evidence, source_no, id, digest, document, leaf_index, recordedtime, pieces)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What an order names, as the ledger has it; `feeds` are the countries that were told it."""

    log_index: int
    evidence: bool
    source_no: int
    source: str
    id: UUID
    type: str
    tlp: str
    audience: str
    digest: bytes
    keyid: bytes
    recorded: datetime
    value_sha256: bytes
    stream_no: int
    partition: int
    offset: int
    feeds: list[str] | None


async def find_done(connection: AsyncConnection[Any], env: bytes) -> tuple[bytes, int, datetime] | None:
    """The order that has erased this envelope: its name, its entry, and since when."""
    row = await (await connection.execute(_DONE, [env])).fetchone()
    return (bytes(row[0]), row[1], row[2]) if row else None


async def find_target(connection: AsyncConnection[Any], env: bytes) -> Target | None:
    """The notice, or the evidence, whose envelope has this name in the log."""
    row = await (await connection.execute(_KIND, [env, [EVENT, EQUIVOCATION]])).fetchone()
    if row is None:
        return None
    kind, log_index, recorded = row
    async with connection.cursor(row_factory=class_row(Target)) as cursor:
        if kind == EVENT:
            return await (await cursor.execute(_NOTICE, [log_index])).fetchone()
        await cursor.execute(_EVIDENCE, [recorded])
        for target in await cursor.fetchall():
            if await _env_of_evidence(connection, target) == env:
                return target
    return None


async def _env_of_evidence(connection: AsyncConnection[Any], target: Target) -> bytes | None:
    try:
        return env_of(decode_envelope(await _value(connection, target)))
    except BadJson:
        return None  # blank: another order has erased it


async def _value(connection: AsyncConnection[Any], target: Target) -> bytes:
    evidence = (_ENVELOPE, [target.source_no, target.id, target.digest])
    query, names = evidence if target.evidence else (_NOTICE_VALUE, [target.log_index])
    return bytes((await only_row(connection, query, names))[0])


async def blank(connection: AsyncConnection[Any], target: Target) -> bool:
    """Take the bytes out, then those of its pieces; names, numbers and times stay, on which other rows stand.

    Returns whether bytes of pieces went.
    """
    value = await _value(connection, target)
    if target.evidence:
        await connection.execute(_BLANK_EVIDENCE, [target.source_no, target.id, target.digest])
    else:
        # Waits for a part that is being taken, and lets no later one in: the notice goes before its pieces.
        await connection.execute(_BLANK, [target.log_index])
    if not value:
        # A ledger made again from its copies: which files it named nobody knows, and an old backup may hold them.
        return await let_go_of_all(connection, target.source_no)
    named = digests_in(decode_event(decode_envelope(value).payload))
    return await forget_pieces(connection, target.source_no, named)


async def keep(
    connection: AsyncConnection[Any],
    signed: SignedOrder,
    target: Target,
    leaf_index: int,
    at: datetime,
    *,
    pieces: bool,
) -> None:
    """Put the order in their place; `pieces`: bytes of some went with it."""
    name = (signed.env, bytes.fromhex(signed.order.env), target.log_index, target.evidence, target.source_no, target.id)
    await connection.execute(_KEEP, [*name, target.digest, signed.encode(), leaf_index, at, pieces])
