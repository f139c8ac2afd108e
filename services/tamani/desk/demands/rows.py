"""Keeping what is asked, and what is settled, beside the projection: two narrow tables that an index answers from."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.event import Event
from tamani.desk.demands.asking import demands_of, settled_by
from tamani.desk.tables import demand, settlement


async def keep_demands(connection: AsyncConnection, said: Iterable[tuple[int, Event]]) -> None:
    """Note what these notices ask and settle, each at its place in the feed."""
    asked: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    for index, event in said:
        where = {"feed_index": index, "source": event.source}
        for number, one in enumerate(demands_of(event)):
            when = {"due": one.due, "until": one.until}
            asked.append(
                where | when | {"no": number, "thread": event.subject, "asked": [*one.asked], "what": one.what}
            )
        if (answer := settled_by(event)) is not None:
            whose = {"owner": answer.owner, "thread": answer.thread, "what": answer.what}
            settled.append(where | whose | {"ends": answer.ends})
    if asked:
        await connection.execute(insert(demand), asked)
    if settled:
        await connection.execute(insert(settlement), settled)
