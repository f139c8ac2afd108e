"""Publishing a file that was confirmed: row after row through the node's API, in the officer's name.

A row that the node refuses is noted and the next one is tried; an outage or an ended session stops it, and going on
posts the same notices under the same ids, so nothing is said twice. The session's cookie is held in memory alone.
"""

import asyncio

import structlog

from tamani.core.errors import OutageError, RefusedError
from tamani.core.faults import InvalidError
from tamani.desk.imports.store import REFUSED, TAKEN, WAITING, WAITS, File, Kept, Store
from tamani.desk.posting import Posting

log = structlog.get_logger(__name__)
LONGEST_DETAIL = 300


class Publisher:
    """The files that are being published by this desk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: dict[str, asyncio.Task[None]] = {}

    def is_running(self, id_: str) -> bool:
        """Whether this file is being published now."""
        return id_ in self._running

    def start(self, file: File, posting: Posting, cookie: str) -> None:
        """Publish what waits of a file; nothing if that is being done already."""
        if file.id in self._running:
            return
        task = asyncio.create_task(self._run(file, posting, cookie), name=f"import-{file.id}")
        self._running[file.id] = task
        task.add_done_callback(lambda _: self._running.pop(file.id, None))

    async def stop(self) -> None:
        """End what runs; each row is posted and noted, or will be posted again as the same notice."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until nothing runs."""
        await asyncio.gather(*self._running.values())

    async def _run(self, file: File, posting: Posting, cookie: str) -> None:
        try:
            _, rows = await self._store.find(file.id, file.given.officer)
            for row in [row for row in rows if row.state == WAITING]:
                if not await self._post(file, row, posting, cookie):
                    return
        except RefusedError as error:
            log.info("import.gone", file=file.id, code=error.code.name)
        except OutageError as error:
            log.warning("import.stopped", file=file.id, code=error.code.name)

    async def _post(self, file: File, row: Kept, posting: Posting, cookie: str) -> bool:
        """Whether to go on with the next row."""
        try:
            made = await posting.post(cookie, row.draft(file.given))
        except InvalidError as error:
            said = " ".join(f"{one.label_fr} : {one.fr}" for one in error.faults)
            await self._store.ended(file.id, row.number, REFUSED, error.code.name, said[:LONGEST_DETAIL])
        except RefusedError as error:
            if error.code.name.startswith("refused.auth."):
                await self._store.stop(file.id, error.code.name)
                return False
            await self._store.ended(file.id, row.number, REFUSED, error.code.name, error.detail[:LONGEST_DETAIL])
        except OutageError as error:
            await self._store.stop(file.id, error.code.name)
            return False
        else:
            await self._store.ended(file.id, row.number, TAKEN, detail=WAITS if made.waits else None)
        return True
