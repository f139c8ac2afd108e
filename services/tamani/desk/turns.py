"""How often something of a family of threads (`law/…`, `agenda/…`) has changed: what was made of them holds till then.

The number moves in the transaction of the change, whatever it is: a notice, a mark, a past that was replaced.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.desk.tables import record, turn

Turns = tuple[tuple[str, int], ...]


def family_of(thread: str) -> str:
    """The family of a thread, by its subject."""
    return thread.partition("/")[0]


async def turn_families(connection: AsyncConnection, families: Collection[str]) -> None:
    """Something of these families has changed."""
    if families:
        fresh = insert(turn).values([{"family": name} for name in sorted(families)])
        moved = fresh.on_conflict_do_update(index_elements=["family"], set_={"number": turn.c.number + 1})
        await connection.execute(moved)


async def turn_all(connection: AsyncConnection) -> None:
    """Anything may have changed."""
    await connection.execute(update(turn).values(number=turn.c.number + 1))


async def families_at(connection: AsyncConnection, notices: Sequence[int]) -> set[str]:
    """The families of the notices at these places of the feed."""
    if not notices:
        return set()
    family = func.split_part(record.c.thread, "/", 1)
    query = select(family).where(record.c.feed_index.in_(notices)).distinct()
    return set(await connection.scalars(query))


async def turns_of(connection: AsyncConnection, families: Collection[str]) -> Turns:
    """Where these families stand."""
    query = select(turn.c.family, turn.c.number).where(turn.c.family.in_(families)).order_by(turn.c.family)
    return tuple((row.family, row.number) for row in await connection.execute(query))
