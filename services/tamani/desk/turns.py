"""How often something of a family of threads (`law/…`, `agenda/…`) has changed: what was made of them holds till then.

The number moves in the transaction of the change, whatever it is: a notice, a mark, a past that was replaced. What only
went on says by its place in the feed which threads are concerned; a past that was rewritten concerns all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.desk.position import read_position
from tamani.desk.tables import mark, record, turn

Turns = tuple[tuple[str, int], ...]
# The family that moves when the past did: no thread is of it, since a subject has letters before its stroke.
PAST = "*"
_TURN = text("""
INSERT INTO turn (family) SELECT unnest(CAST(:families AS text[]))
ON CONFLICT (family) DO UPDATE SET number = turn.number + 1
""")


@dataclass(frozen=True, slots=True)
class Since:
    """Where a mirror stood: the last entry that it had taken in, and how often its past had been rewritten."""

    head: int
    past: Turns


def family_of(thread: str) -> str:
    """The family of a thread, by its subject."""
    return thread.partition("/")[0]


async def turn_families(connection: AsyncConnection, families: Collection[str]) -> None:
    """Something of these families has changed."""
    if families:
        await connection.execute(_TURN, {"families": sorted(families)})


async def turn_all(connection: AsyncConnection) -> None:
    """Anything may have changed."""
    await connection.execute(update(turn).where(turn.c.family != PAST).values(number=turn.c.number + 1))
    await turn_families(connection, {PAST})


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


async def stands_at(connection: AsyncConnection) -> Since:
    """Where the mirror stands: to be asked before what is to be made of it, so that nothing is overlooked later."""
    past = await turns_of(connection, (PAST,))
    return Since((await read_position(connection)).head, past)


async def subjects_since(connection: AsyncConnection, since: Since, families: Collection[str]) -> set[str] | None:
    """The subjects of these families of which something was said or marked since; none at all if the past changed."""
    if await turns_of(connection, (PAST,)) != since.past:
        return None
    said = select(record.c.thread).where(record.c.feed_index > since.head)
    marked = select(record.c.thread).join(mark, mark.c.target == record.c.feed_index)
    found = union(said, marked.where(mark.c.feed_index > since.head))
    return {thread for thread in await connection.scalars(found) if family_of(thread) in families}
