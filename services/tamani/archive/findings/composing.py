"""From a stored fact to the notice that tells it. What the fact names is read from the ledger."""

from typing import Any

from psycopg import AsyncConnection

from tamani.archive.findings.facts import CONTEST, GAP, GAP_FILLED, HEARD, Finding
from tamani.core.absences import numbers, silence
from tamani.core.envelope import decode_envelope
from tamani.core.event import Event, decode_event, parse_time
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
    if finding.kind in {GAP, GAP_FILLED}:
        return _numbers(source, finding)
    return _silence(source, finding)


def _numbers(source: str, finding: Finding) -> Event:
    facts = finding.facts
    series, bounds = (facts["keyid"], facts["lane"]), (facts["first"], facts["last"])
    return numbers(source, facts["about"], series, bounds, finding.found, settled=finding.kind == GAP_FILLED)


def _silence(source: str, finding: Finding) -> Event:
    facts = finding.facts
    heard = parse_time(facts["heard"]) if finding.kind == HEARD else None
    since = parse_time(facts["since"])
    return silence(source, facts["about"], facts["keyid"], since, finding.found, tlp=facts["tlp"], heard=heard)


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
