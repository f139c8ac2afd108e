"""How far a desk has read its feed: one row, moved in the same transaction as what was read."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.desk.database import CHANNEL
from tamani.desk.tables import position


@dataclass(frozen=True, slots=True)
class Position:
    """The Kafka place to read next, the last entry taken in, the numbers given so far, the edition (`editions.py`)."""

    cluster: str = ""
    next_offset: int = 0
    epoch: int = 0
    head: int = 0
    digest: str = ""
    public_head: int = 0
    edition: int = 0
    read_until: datetime | None = None

    def at(self, cluster: str, next_offset: int) -> Self:
        """The same, at another Kafka place."""
        return replace(self, cluster=cluster, next_offset=next_offset)

    def fresh(self, heard: datetime) -> Self:
        """The same, known to lack nothing at this instant."""
        return replace(self, read_until=heard)


_COLUMNS = [column for column in position.c if column.name != "one"]


async def read_position(connection: AsyncConnection, *, lock: bool = False) -> Position:
    """The row; locked until the end of the transaction if it is going to move."""
    query = select(*_COLUMNS)
    row = (await connection.execute(query.with_for_update() if lock else query)).one()
    return Position(*row)


async def write_position(connection: AsyncConnection, place: Position) -> None:
    """Move the row; at commit, listeners learn that there is something to ask for."""
    values: dict[str, Any] = {column.name: getattr(place, column.name) for column in _COLUMNS}
    await connection.execute(update(position).values(**values).returning(func.pg_notify(CHANNEL, "")))
