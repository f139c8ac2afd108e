"""The pieces of a site's bodies: kept as they are brought, held fast by the notices that name them, else let go."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, any_, case, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import UUID, insert

from tamani.core.errors import OutageError, RefusedError
from tamani.core.pieces import PART
from tamani.desk.database import Database
from tamani.desk.pieces import limits
from tamani.desk.pieces.kinds import media_type
from tamani.desk.pieces.tables import HERE, UP, WAITING, piece
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What `head.attachments` says of a file, but for its title; and where it is on its way to the region."""

    sha256: str
    mime: str
    size: int
    lane: str = HERE


class Pieces:
    """The files of a desk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def bring(self, source: str, raw: bytes) -> Piece:
        """Keep a file for a form of this body; the same file again is the same piece.

        Raises:
            RefusedError: `refused.piece.size`, `refused.piece.type`, `refused.piece.room`.
        """
        if not raw or len(raw) > limits.LARGEST:
            raise RefusedError("refused.piece.size")
        mime = await asyncio.to_thread(media_type, raw)
        if mime is None:
            raise RefusedError("refused.piece.type")
        made = Piece(hashlib.sha256(raw).hexdigest(), mime, len(raw))
        others = piece.c.source == source, piece.c.archived.is_(False), piece.c.sha256 != made.sha256
        row = {"source": source, "sha256": made.sha256, "mime": mime, "size": made.size, "content": raw}
        new = insert(piece).values(row | {"used": self._clock(), "notices": [], "archived": False})
        async with self._database.writing() as connection:
            held = await connection.scalar(select(func.coalesce(func.sum(piece.c.size), 0)).where(*others))
            if int(held or 0) + made.size > limits.UNARCHIVED:
                raise RefusedError("refused.piece.room")
            again = new.on_conflict_do_update(index_elements=["source", "sha256"], set_={"used": new.excluded.used})
            await connection.execute(again)
        return made

    async def held(self, source: str, digests: Collection[str]) -> dict[str, Piece]:
        """Those of these pieces of a body that are here."""
        if not digests:
            return {}
        asked = select(piece.c.sha256, piece.c.mime, piece.c.size, piece.c.lane)
        async with self._database.reading() as connection:
            found = await connection.execute(asked.where(*named(source, digests)))
            return {row.sha256: Piece(*row) for row in found}

    async def one(self, source: str, sha256: str) -> Piece:
        """A piece that is here.

        Raises:
            RefusedError: `refused.piece.unknown`: it is not here (any more).
        """
        found = await self.held(source, [sha256])
        if sha256 not in found:
            raise RefusedError("refused.piece.unknown")
        return found[sha256]

    async def parts(self, source: str, found: Piece) -> AsyncIterator[bytes]:
        """Its bytes, 256 KiB at a time: a slow reader holds no more of it, and no connection meanwhile.

        Raises:
            RefusedError: `refused.piece.unknown`: it is gone by now; who has a part of it has no whole file.
        """
        for start in range(0, found.size, PART):
            asked = select(func.substr(piece.c.content, start + 1, PART)).where(*named(source, [found.sha256]))
            async with self._database.reading() as connection:
                part = await connection.scalar(asked)
            if part is None:
                raise RefusedError("refused.piece.unknown")
            yield bytes(part)

    async def on_lane(self) -> dict[str, int]:
        """How many files stand at each place of their way to the region."""
        counted = select(piece.c.lane, func.count()).group_by(piece.c.lane)
        async with self._database.reading() as connection:
            return {row.lane: row[1] for row in await connection.execute(counted)}

    async def use(self, source: str, digests: Collection[str], notice: str | None = None) -> None:
        """A form names these, and goes to the node under this id; a form that is put aside has none yet."""
        change: dict[str, object] = {"used": self._clock()}
        if notice is not None:
            change["notices"] = with_notice(notice)
        if digests:
            async with self._database.writing() as connection:
                await connection.execute(update(piece).where(*named(source, digests)).values(change))

    async def take_out(self, source: str, digests: Collection[str]) -> None:
        """Files that a form of this body no longer names go at once, unless a notice does."""
        free = piece.c.archived.is_(False), func.cardinality(piece.c.notices) == 0
        if digests:
            async with self._database.writing() as connection:
                await connection.execute(delete(piece).where(*named(source, digests), *free))

    async def give_up(self, source: str, notice: str) -> None:
        """This notice was refused before anybody sealed it: what it alone named goes at once."""
        of_it = piece.c.source == source, any_(piece.c.notices) == id_of(notice)
        without = func.array_remove(piece.c.notices, id_of(notice))
        async with self._database.writing() as connection:
            alone = func.cardinality(without) == 0, piece.c.archived.is_(False)
            await connection.execute(delete(piece).where(*of_it, *alone))
            await connection.execute(update(piece).where(*of_it).values(notices=without))

    async def let_go(self) -> int:
        """Erase what no archived notice names and no form has named for long; how many."""
        over = self._clock() - timedelta(days=limits.KEPT_DAYS)
        async with self._database.writing() as connection:
            old = delete(piece).where(piece.c.archived.is_(False), piece.c.used < over)
            return (await connection.execute(old)).rowcount

    async def ask_again(self) -> None:
        """Offer the region what it got long ago: if it still has it, that is one question."""
        async with self._database.writing() as connection:
            over = piece.c.lane == UP, piece.c.due < self._clock()
            await connection.execute(update(piece).where(*over).values(lane=WAITING))

    async def run(self) -> None:
        """Let go and ask again, every hour, until cancelled; a database that is away is waited for."""
        while True:
            try:
                await self.let_go()
                await self.ask_again()
            except OutageError as error:
                log.warning("pieces.wait", code=error.code.name, detail=error.detail)
            await asyncio.sleep(HOUR)


def named(source: str, digests: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """What picks these pieces of a body."""
    return piece.c.source == source, piece.c.sha256.in_(digests)


def with_notice(notice: str) -> ColumnElement[list[str]]:
    """The ids of those that name a piece, with this one among them once."""
    known = any_(piece.c.notices) == id_of(notice)
    return case((known, piece.c.notices), else_=func.array_append(piece.c.notices, id_of(notice)))


def id_of(notice: str) -> ColumnElement[str]:
    """An id as the column holds it."""
    return literal(notice, UUID(as_uuid=False))
