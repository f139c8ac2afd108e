"""From a stored fact to the notice that tells it. What the fact names is read from the ledger."""

from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.facts import CONTEST, Finding
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event
from tamani.core.findings import contest
from tamani.core.log.leaf import env_of
from tamani.core.strict_json import BadJson

_FIRST = """
SELECT l.envelope FROM seen s JOIN source_ref r USING (source_no) JOIN ledger l USING (log_index)
WHERE r.source = %s AND s.id = %s
"""


async def compose(connection: AsyncConnection[Any], source: str, finding: Finding) -> Event | None:
    """The notice by which `source` tells a fact; nothing if what it speaks of was erased."""
    if finding.kind == CONTEST:
        return await _contest(connection, source, finding)
    raise ValueError(finding.kind)


async def _contest(connection: AsyncConnection[Any], source: str, finding: Finding) -> Event | None:
    facts = finding.facts
    row = await (await connection.execute(_FIRST, [facts["source"], facts["id"]])).fetchone()
    try:
        envelope = decode_envelope(bytes(row[0])) if row and row[0] else None
    except BadJson:
        return None
    if envelope is None:
        return None
    envs = env_of(envelope), bytes.fromhex(facts["second"])
    return contest(source, decode_event(envelope.payload), envs, finding.found)
