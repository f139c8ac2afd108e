"""How far the log has come, by the database: entries, what of them is signed, what enough witnesses have seen."""

from typing import Any

from psycopg import AsyncConnection

from tamani.core.event import format_time
from tamani.runtime.database import only_row

_STATUS = """
SELECT h.leaves, s.size, a.size, a.attested, extract(epoch FROM clock_timestamp() - a.attested)::float8
FROM log_head h
LEFT JOIN (SELECT size FROM log_checkpoint WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1) s ON true
LEFT JOIN (SELECT size, attested FROM log_checkpoint WHERE attested IS NOT NULL ORDER BY size DESC LIMIT 1) a ON true
"""


async def read_log_status(connection: AsyncConnection[Any]) -> dict[str, Any]:
    """Sizes in entries; `attested_age` in seconds since enough witnesses had cosigned, null if they never had."""
    leaves, signed, attested, at, age = await only_row(connection, _STATUS)
    return {
        "leaves": leaves,
        "signed": signed or 0,
        "attested": attested or 0,
        "attested_at": format_time(at) if at else None,
        "attested_age": age,
    }
