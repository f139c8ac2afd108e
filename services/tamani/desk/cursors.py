"""Where a reader goes on: `17`, or `2.17` with the edition, so that what is told anew is heard instead of missed."""

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tamani.core.errors import RefusedError
from tamani.core.policy import Reader
from tamani.desk.access import numbered_for
from tamani.desk.position import Position
from tamani.desk.tables import cut

_GRAMMAR = re.compile(r"(?:([0-9]{1,9})\.)?([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """All up to and including `number` has been read, in this edition (0: today's)."""

    number: int = 0
    edition: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """From an address or a `Last-Event-ID`.

        Raises:
            RefusedError: `refused.cursor`.
        """
        if not text:
            return cls()
        match = _GRAMMAR.fullmatch(text)
        if match is None:
            raise RefusedError("refused.cursor", text[:40])
        return cls(int(match[2]), int(match[1] or 0))

    def __str__(self) -> str:
        return f"{self.edition}.{self.number}"


async def resume(connection: AsyncConnection, reader: Reader, place: Position, cursor: Cursor) -> int:
    """The number to go on after, today: stepped back to where a later edition tells anew what had been read."""
    if cursor.edition in {0, place.edition}:
        return cursor.number
    first = await connection.scalar(select(func.min(numbered_for(reader, cut))).where(cut.c.edition > cursor.edition))
    return cursor.number if first is None else min(cursor.number, first - 1)
