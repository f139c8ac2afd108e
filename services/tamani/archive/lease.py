"""Who publishes: one row, the database's clock, and a fence number that rises with every change of hands.

A publisher that was asleep finds the fence moved when it wants to note how far it came; what it sent in between are
repeats, which every reader drops.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from tamani.core.names import Country

SECONDS = 10
_TAKE = """
UPDATE publisher SET fence = fence + 1, holder = %(holder)s,
    expires = clock_timestamp() + make_interval(secs => %(secs)s)
WHERE expires < clock_timestamp() OR holder = %(holder)s RETURNING fence
"""
_READ = "SELECT answers, feeds FROM publisher WHERE fence = %s"
_MOVE = """
UPDATE publisher SET answers = %s, feeds = %s, expires = clock_timestamp() + make_interval(secs => %s) WHERE fence = %s
"""
_LEAVE = "UPDATE publisher SET expires = '-infinity' WHERE fence = %s"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last answer and the last entry of each feed that the broker has acknowledged."""

    answers: int
    feeds: dict[Country, int]


async def take(connection: AsyncConnection[Any], holder: str, seconds: int = SECONDS) -> int | None:
    """The fence, if nobody else holds the lease; a worker takes over from its own former life at once."""
    row = await (await connection.execute(_TAKE, {"holder": holder, "secs": seconds})).fetchone()
    return row[0] if row else None


async def read_cursor(connection: AsyncConnection[Any], fence: int) -> Cursor | None:
    """How far publishing has come; nothing if the lease is somebody else's."""
    row = await (await connection.execute(_READ, [fence])).fetchone()
    if row is None:
        return None
    return Cursor(row[0], {country: row[1].get(country.value, 0) for country in Country})


async def move(connection: AsyncConnection[Any], fence: int, cursor: Cursor, seconds: int = SECONDS) -> bool:
    """Note how far publishing has come, and hold the lease for longer; false if it is somebody else's by now."""
    feeds = Jsonb({country.value: index for country, index in cursor.feeds.items()})
    done = await connection.execute(_MOVE, [cursor.answers, feeds, seconds, fence])
    return done.rowcount == 1


async def leave(connection: AsyncConnection[Any], fence: int) -> None:
    """Let another take over at once."""
    await connection.execute(_LEAVE, [fence])
