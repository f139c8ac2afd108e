"""Opening for a person: which officer opened a sealed notice is on the disk before its words are shown."""

import asyncio

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.desk.gate import Visitor
from tamani.desk.opening import Opened
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story


async def open_for(desk: Desk, visitor: Visitor, notice: Notice) -> Opened:
    """The notice within this one. A program's token is a body's: of it there is a line in the log alone.

    Raises:
        RefusedError: as `Opener.open`.
    """
    found = await desk.opener.open(visitor.reader, notice)
    if visitor.officer is not None:
        name = f"{notice.row.source} {notice.row.id}"
        await asyncio.to_thread(desk.accounts.officers.note_opened, visitor.officer, name)
    return found


async def taken_up(desk: Desk, visitor: Visitor, source: str, id_: str) -> tuple[Notice, Story]:
    """A notice to act on, and its thread; a sealed one opened, as when it is read.

    Raises:
        RefusedError: `refused.request.notice`, `refused.erased`; of a sealed one as `Opener.open`.
    """
    found = await desk.queries.said(visitor.reader, source, id_)
    if found.row.type == SEALED.name:
        within = await open_for(desk, visitor, found)
        return within.notice, within.story
    return found, Story.of(await desk.queries.threads_of(visitor.reader, [found]))
