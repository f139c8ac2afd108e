"""Writing what a notice names into the projection, so that the notice named can be asked who names it."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.event import Event
from tamani.core.references import references
from tamani.desk.tables import reference


async def keep_references(connection: AsyncConnection, said: Iterable[tuple[int, Event]]) -> None:
    """Note what these notices name, each at its place in the feed."""
    rows = [
        {"feed_index": index, "rel": ref.rel, "source": ref.source, "id": ref.id}
        for index, event in said
        for ref in references(event)
    ]
    if rows:
        await connection.execute(insert(reference), rows)
