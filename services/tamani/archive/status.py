"""How far the archive has come: for `tamani status`, for `/metrics`, for a supervisor."""

import asyncio
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, OffsetSpec
from psycopg import AsyncConnection

from tamani.archive.findings.facts import count_untold
from tamani.archive.log.status import read_log_status
from tamani.archive.past import ends_of, partitions_of
from tamani.core.event import format_time
from tamani.runtime.database import only_row
from tamani.runtime.kafka import admin_config
from tamani.runtime.settings import ServiceSettings

_STATUS = """
SELECT h.size, h.epoch, nullif(h.recordedtime, '-infinity'), h.answers - p.answers, p.holder,
    (SELECT coalesce(jsonb_object_agg(f.key, (f.value->>0)::bigint - coalesce((p.feeds->>f.key)::bigint, 0)), '{}')
     FROM jsonb_each(h.feeds) AS f)
FROM log_head h, publisher p
"""
_ERASURES = "SELECT count(*), count(*) FILTER (WHERE scrubbed IS NULL) FROM erasure"
_PIECES = "SELECT coalesce(sum(held), 0)::bigint, count(*) FILTER (WHERE whole IS NULL AND NOT erased) FROM piece"
_READ = """
SELECT r.topic, p.partition, p.next_offset FROM position p JOIN stream_ref r USING (stream_no) WHERE r.cluster = %s
"""
_VERDICTS = """
SELECT verdict, code, count(DISTINCT (stream_no, partition, "offset")) FROM answer GROUP BY verdict, code ORDER BY 1, 2
"""


async def read_status(
    connection: AsyncConnection[Any], settings: ServiceSettings, cluster: str | None, counted: bool
) -> dict[str, Any]:
    """Size, epoch, last archived, what waits to be published, and what waits to be archived (`lag`).

    `counted` adds the verdicts of all answers, which reads the whole table.
    """
    size, epoch, recorded, answers, holder, feeds = await only_row(connection, _STATUS)
    status: dict[str, Any] = {
        "size": size,
        "epoch": epoch,
        "last_recorded": format_time(recorded) if recorded else None,
        "answers_pending": answers,
        "feeds_pending": feeds,
        "publisher": holder,
        "lag": await _lag(connection, settings, cluster),
        "log": await read_log_status(connection),
        "findings_untold": await count_untold(connection),
        "erasures": dict(zip(("orders", "unscrubbed"), await only_row(connection, _ERASURES), strict=True)),
    }
    status["pieces"] = dict(zip(("bytes", "unfinished"), await only_row(connection, _PIECES), strict=True))
    if counted:
        cursor = await connection.execute(_VERDICTS)
        status["answers"] = [{"verdict": verdict, "code": code, "count": n} async for verdict, code, n in cursor]
    return status


async def _lag(connection: AsyncConnection[Any], settings: ServiceSettings, cluster: str | None) -> int | None:
    """Records that the ledger has not got yet; unknown while the broker is away."""
    if cluster is None:
        return None
    known = {(topic, number): at async for topic, number, at in await connection.execute(_READ, [cluster])}
    ends = await asyncio.to_thread(_high, settings)
    return None if ends is None else sum(max(0, end - known.get(place, 0)) for place, end in ends.items())


def _high(settings: ServiceSettings) -> dict[tuple[str, int], int] | None:
    admin = AdminClient(admin_config(settings))
    try:
        return ends_of(admin, partitions_of(admin), OffsetSpec.latest())
    except KafkaException:
        return None
