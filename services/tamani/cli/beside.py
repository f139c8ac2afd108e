"""What the node of a site asks the desk beside it: a thread, or notices by name, as the region knows them.

Only a help: while the desk is starting, away or slow, the node goes by what was said through it, and posting goes on.
"""

import asyncio
from collections.abc import Sequence

from tamani.core.errors import OutageError
from tamani.core.event import Event
from tamani.core.policy import Reader
from tamani.core.thread import Entry
from tamani.desk.erasures import Erasures
from tamani.desk.queries import Queries
from tamani.desk.threads import entry_of

PATIENCE = 2.0  # seconds that a post waits for the desk


class BesideDesk:
    """A thread at the desk, while there is one."""

    def __init__(self) -> None:
        self.queries: Queries | None = None
        self.erasures: Erasures | None = None

    async def __call__(self, reader: str, owner: str, subject: str) -> Sequence[Entry] | None:
        """What this body may read of the thread, or nothing if the desk cannot tell now."""
        if self.queries is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return [entry_of(notice) for notice in await self.queries.thread(Reader(reader), owner, subject)]
        except (OutageError, TimeoutError):
            return None

    async def named(self, reader: str, names: Sequence[tuple[str, str]]) -> Sequence[Event]:
        """Those of these notices (source, id) that this body may read here; none if the desk cannot tell now."""
        if self.queries is None:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                return [notice.event for notice in await self.queries.named(Reader(reader), names)]
        except (OutageError, TimeoutError):
            return ()

    async def erased(self) -> Sequence[str]:
        """The orders of erasure that the desk has carried out and that are not confirmed yet; none while it is away."""
        if self.erasures is None:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.erasures.to_confirm()
        except (OutageError, TimeoutError):
            return ()
