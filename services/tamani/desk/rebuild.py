"""The projection made anew from the mirror's exact bytes: after a change of its rules, or when in doubt.

One transaction: readers see the old projection until the new one is whole, and the mirror waits meanwhile.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.feed import FeedEntry
from tamani.core.registry import Registry
from tamani.desk import editions
from tamani.desk.database import Database
from tamani.desk.position import read_position, write_position
from tamani.desk.projection import project
from tamani.desk.stored import entries_after
from tamani.desk.storing import project_batch
from tamani.desk.tables import (
    agenda,
    area_set,
    combination,
    demand,
    head,
    mark,
    mirror,
    record,
    reference,
    search,
    settlement,
    theme_set,
    unreadable,
)
from tamani.desk.taken import Taken
from tamani.desk.turns import turn_all

BATCH = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was gone through, and how much of it can be shown."""

    entries: int
    records: int
    unreadable: int


async def rebuild(database: Database, registry: Registry, progress: Progress) -> Rebuilt:
    """Empty the projection and fill it from the mirror; `progress(done, total)` is called after each batch.

    Raises:
        OutageError: `failed.database`; the old projection stands.
    """
    async with database.writing() as connection:
        place = await read_position(connection, lock=True)
        await editions.note_numbers(connection)
        total = await _count(connection, mirror)
        for table in (
            record,
            head,
            combination,
            area_set,
            theme_set,
            agenda,
            reference,
            demand,
            settlement,
            mark,
            unreadable,
            search,
        ):
            await connection.execute(delete(table))
        done = public_head = after = 0
        while entries := await entries_after(connection, after, BATCH):
            taken = await asyncio.to_thread(_project, entries, registry)
            public_head = await project_batch(connection, public_head, taken)
            after, done = entries[-1].feed_index, done + len(entries)
            progress(done, total)
        await turn_all(connection)
        place = await editions.begin_if_changed(connection, replace(place, public_head=public_head))
        await write_position(connection, place)
        return Rebuilt(total, await _count(connection, record), await _count(connection, unreadable))


def _project(entries: list[FeedEntry], registry: Registry) -> list[Taken]:
    return [Taken(entry, project(entry, registry)) for entry in entries]


async def _count(connection: AsyncConnection, table: Table) -> int:
    return await connection.scalar(select(func.count()).select_from(table)) or 0
