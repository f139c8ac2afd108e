"""Pieces on their way up: each file that an archived notice of ours names goes to the region, one at a time.

Nothing is kept of a file half sent but its row: the archive says how far it came (`HEAD`). Before each part the lane
looks whether notices wait at the node of this site, and lets them go first.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, null, or_, select, update

from tamani.core.errors import OutageError, RefusedError
from tamani.core.pieces import FIRST, Span, next_part
from tamani.desk.database import Database
from tamani.desk.pieces import limits
from tamani.desk.pieces.blobs import Blobs, Far, Wanted
from tamani.desk.pieces.feed import hand_over_again
from tamani.desk.pieces.store import named
from tamani.desk.pieces.tables import REFUSED, UP, WAITING, piece
from tamani.runtime.clock import Clock

log = structlog.get_logger(__name__)
EVERY = 2.0
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
DOUBLINGS = 7
# The whole line waits at most so long (seconds) while the archive is away: it is one log line for all files.
LONGEST_PAUSE = 60.0
# What the region took is asked after again, should it have been lost there.
ASKED_AFTER = timedelta(days=1)
ERASED, FALSE = "refused.erased", "refused.piece.digest"
Clear = Callable[[], Awaitable[bool]]


async def always_clear() -> bool:
    """A desk alone cannot know what waits at a node elsewhere; its parts stay small."""
    return True


class Upward:
    """The task of a desk. `clear` says whether nothing more urgent waits for the line."""

    def __init__(self, database: Database, blobs: Blobs, clock: Clock, clear: Clear = always_clear) -> None:
        self._database, self._blobs, self._clock = database, blobs, clock
        self.clear = clear
        self._part = FIRST
        self._asked: datetime | None = None

    async def close(self) -> None:
        """Close its connection."""
        await self._blobs.close()

    async def run(self) -> None:
        """Hand over what waits until cancelled; whatever is away is waited for, however long."""
        pause = EVERY
        while True:
            try:
                await self.ask_after()
                while await self.round():
                    pause = EVERY
            except OutageError as error:
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("pieces.up.waits", code=error.code.name, detail=error.detail, again_in=pause)
            await asyncio.sleep(pause)

    async def ask_after(self) -> None:
        """At the start and every day: what went up waits for one more question each.

        Raises:
            OutageError: `failed.database`.
        """
        now = self._clock()
        if self._asked is None or now - self._asked >= ASKED_AFTER:
            async with self._database.writing() as connection:
                await hand_over_again(connection)
            self._asked = now

    async def round(self) -> bool:
        """Hand over the piece that is due first; false if there is none to be handed over now.

        Raises:
            OutageError: `failed.archive`, `failed.database`; a piece that the archive does not take yet waits longer.
        """
        wanted = await self._next()
        if wanted is None:
            return False
        try:
            done = await self._hand_over(wanted)
        except RefusedError as error:
            await self._refused(wanted, error)
            return True
        except OutageError:
            await self._put_off(wanted)
            raise
        if done:
            await self._note(wanted, lane=UP, due=self._clock() + timedelta(days=limits.ASKED_AGAIN_DAYS))
        return done

    async def _refused(self, wanted: Wanted, error: RefusedError) -> None:
        """For good, unless the region's part of a true file was not ours: then it begins again, later.

        Raises:
            OutageError: `failed.archive`.
        """
        if error.code.name == FALSE and await self._is_true(wanted):
            await self._put_off(wanted)
            raise OutageError("failed.archive", FALSE)
        say = log.info if error.code.name == ERASED else log.error
        say("pieces.up.refused", code=error.code.name, notice=wanted.notice, sha256=wanted.sha256[:16])
        await self._note(wanted, lane=REFUSED, code=error.code.name)

    async def _is_true(self, wanted: Wanted) -> bool:
        whole = await self._content(wanted, Span(0, wanted.size, wanted.size))
        digest = await asyncio.to_thread(hashlib.sha256, whole)
        return digest.hexdigest() == wanted.sha256

    async def _next(self) -> Wanted | None:
        due = or_(piece.c.due.is_(None), piece.c.due <= self._clock())
        query = select(piece.c.source, piece.c.by, piece.c.sha256, piece.c.size).where(piece.c.lane == WAITING, due)
        async with self._database.reading() as connection:
            row = (await connection.execute(query.order_by(piece.c.due.nulls_first(), piece.c.used).limit(1))).first()
        return Wanted(*row) if row else None

    async def _hand_over(self, wanted: Wanted) -> bool:
        """Part by part; false if something more urgent came in between: the next round goes on from there."""
        if not await self.clear():
            return False
        far = await self._blobs.far(wanted)
        while not far.whole:
            if not await self.clear():
                return False
            far = await self._send_part(wanted, far)
        return True

    async def _send_part(self, wanted: Wanted, far: Far) -> Far:
        span = Span(far.offset, min(far.offset + self._part, wanted.size), wanted.size)
        content = await self._content(wanted, span)
        began = time.monotonic()
        try:
            far = await self._blobs.put(wanted, span, content)
        except OutageError:
            self._part = FIRST  # the line may carry no larger one
            raise
        self._part = next_part(self._part, time.monotonic() - began)
        await self._note(wanted, attempts=0)
        return far

    async def _content(self, wanted: Wanted, span: Span) -> bytes:
        part = func.substr(piece.c.content, span.start + 1, span.end - span.start)
        async with self._database.reading() as connection:
            found = await connection.scalar(select(part).where(*named(wanted.source, [wanted.sha256])))
        if found is None:
            raise RefusedError(ERASED)  # here first: the archive is about to say the same
        return bytes(found)

    async def _put_off(self, wanted: Wanted) -> None:
        doubled = func.power(2, func.least(piece.c.attempts, DOUBLINGS)) * FIRST_WAIT
        due = self._clock() + func.least(doubled, LONGEST_WAIT)
        await self._note(wanted, attempts=piece.c.attempts + 1, due=due)

    async def _note(self, wanted: Wanted, **values: object) -> None:
        change = {"code": null(), **values}
        # Another notice may have come by which it goes: what was said of this one no longer counts.
        mine = (*named(wanted.source, [wanted.sha256]), piece.c.lane == WAITING, piece.c.by == wanted.notice)
        async with self._database.writing() as connection:
            await connection.execute(update(piece).where(*mine).values(change))
