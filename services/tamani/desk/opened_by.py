"""Opening for a person: which officer opened a sealed notice is on the disk before its words are shown."""

import asyncio

from tamani.desk.gate import Visitor
from tamani.desk.opening import Opened
from tamani.desk.rows import Notice
from tamani.desk.service import Desk


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
