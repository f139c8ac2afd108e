"""Pieces and the feed: what an archived notice names stays and goes to the region, what an erased one named goes.

The caller commits.
"""

from collections.abc import Iterable

from sqlalchemy import any_, delete, func, null, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.event import Event
from tamani.core.pieces import digests_in, sizes_in
from tamani.desk.pieces.store import id_of, named, with_notice
from tamani.desk.pieces.tables import FETCHED, UP, WAITING, piece

WAITS = {"lane": WAITING, "attempts": 0, "due": null(), "code": null()}


async def keep_pieces(connection: AsyncConnection, events: Iterable[Event]) -> None:
    """The region has archived these notices: what they name of what is here is held fast.

    It goes up by the notice that says its true size: the region takes it by no other.
    """
    for event in events:
        if digests := digests_in(event):
            kept = {"archived": True, "notices": with_notice(event.id)}
            await connection.execute(update(piece).where(*named(event.source, digests)).values(kept))
            own = piece.c.source == event.source, piece.c.lane != FETCHED
            truly = tuple_(piece.c.sha256, piece.c.size).in_(sizes_in(event).items())
            await connection.execute(update(piece).where(*own, truly).values(WAITS | {"by": event.id}))


async def hand_over_again(connection: AsyncConnection) -> None:
    """The region may have lost what it had: all is offered to it once more, which costs a question each."""
    # What this site fetched of another of its country came by the first notice.
    by = func.coalesce(piece.c.by, piece.c.notices[1])
    await connection.execute(update(piece).where(piece.c.lane == UP).values(WAITS | {"by": by}))


async def forget_pieces(connection: AsyncConnection, source: str, notice: str, event: Event | None) -> None:
    """Erase the files of a notice, whoever of the body names them besides; `event` where its bytes were still here."""
    await one_at_a_time(connection, source)
    its = or_(any_(piece.c.notices) == id_of(notice), piece.c.sha256.in_(digests_in(event) if event else ()))
    await connection.execute(delete(piece).where(piece.c.source == source, its))


async def one_at_a_time(connection: AsyncConnection, source: str) -> None:
    """Until the caller commits nobody else erases files of this body, or keeps one that was fetched."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(source))))
