"""Pieces and the feed: what an archived notice names stays, what an erased one named goes. The caller commits."""

from collections.abc import Iterable

from sqlalchemy import any_, delete, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.event import Event
from tamani.desk.pieces.store import id_of, named, with_notice
from tamani.desk.pieces.tables import piece


async def keep_pieces(connection: AsyncConnection, events: Iterable[Event]) -> None:
    """The region has archived these notices: what they name of what is here is held fast."""
    for event in events:
        if digests := digests_of(event):
            kept = {"archived": True, "notices": with_notice(event.id)}
            await connection.execute(update(piece).where(*named(event.source, digests)).values(kept))


async def forget_pieces(connection: AsyncConnection, source: str, notice: str, event: Event | None) -> None:
    """Erase the files of a notice, whoever of the body names them besides; `event` where its bytes were still here."""
    its = or_(any_(piece.c.notices) == id_of(notice), piece.c.sha256.in_(digests_of(event) if event else ()))
    await connection.execute(delete(piece).where(piece.c.source == source, its))


def digests_of(event: Event) -> set[str]:
    """The digests of the pieces that it names; of what no model has read, too."""
    named = event.head.get("attachments")
    return {str(one.get("sha256")) for one in named if isinstance(one, dict)} if isinstance(named, list) else set()
