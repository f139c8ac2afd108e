"""What readers have been told, told anew from a place on: a new *edition*, in which whoever read further steps back.

So it is when a later epoch of the feed replaces what stood there, and when an entry that could not be shown can be at
last: its number is its place in the feed, which its readers have long passed.
"""

from dataclasses import replace

from sqlalchemy import TextClause, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.desk.position import Position
from tamani.desk.tables import cut

_TOLD = """
SELECT feed_index, public_index FROM record UNION ALL SELECT feed_index, public_index FROM mark
UNION ALL SELECT told_at, told_public FROM erasure WHERE told_at IS NOT NULL
"""
_NOTE = text(f"CREATE TEMP TABLE told ON COMMIT DROP AS {_TOLD}")
_CHANGED: TextClause = text(f"""
SELECT min(feed_index), min(least(was.public_index, now.public_index))
FROM (SELECT *, true AS there FROM told) was FULL JOIN (SELECT *, true AS there FROM ({_TOLD}) AS it) now
    USING (feed_index)
WHERE was.there IS NULL OR now.there IS NULL OR was.public_index IS DISTINCT FROM now.public_index
""")  # noqa: S608 - constants of this file


async def begin(connection: AsyncConnection, place: Position, first: int, public_first: int) -> Position:
    """A new edition, from these numbers on (`public_first`: as the public counts). The caller writes the position."""
    edition = max(place.edition + 1, place.epoch)
    values = {"edition": edition, "feed_index": first, "public_index": public_first}
    await connection.execute(insert(cut).values(values))
    return replace(place, edition=edition)


async def cuts_since(connection: AsyncConnection, edition: int) -> tuple[int | None, int | None]:
    """The first number told anew since this edition, as bodies and as the public count; none if nothing was."""
    query = select(func.min(cut.c.feed_index), func.min(cut.c.public_index)).where(cut.c.edition > edition)
    feed_index, public_index = (await connection.execute(query)).one()
    return feed_index, public_index


async def note_numbers(connection: AsyncConnection) -> None:
    """Remember, until the end of the transaction, under which numbers everything was told."""
    await connection.execute(_NOTE)


async def begin_if_changed(connection: AsyncConnection, place: Position) -> Position:
    """A new edition from the first number that is not what `note_numbers` remembered; the same if all are."""
    first, public_first = (await connection.execute(_CHANGED)).one()
    if first is None:
        return place
    return await begin(connection, place, first, public_first or place.public_head + 1)
