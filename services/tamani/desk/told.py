"""The threads that a reader was told last, kept until something is said in them: to fold some hundred takes long.

Nothing is told from before: each time it is asked first what has been said or marked since, and that is read again.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence

from tamani.core.policy import Reader
from tamani.desk.queries import Queries
from tamani.desk.threads import Story, Thread, stories
from tamani.desk.turns import Since

# Threads asked for at once: a query for threads is cut off at 2,000 notices.
AT_ONCE = 40


class Told:
    """Threads of some families, for some readers and each at most so many."""

    def __init__(self, queries: Queries, families: Collection[str], *, readers: int, threads: int) -> None:
        self._queries = queries
        self._families = tuple(families)
        self._readers, self._threads = readers, threads
        self._kept: OrderedDict[Reader, tuple[Since, dict[Thread, Story]]] = OrderedDict()

    async def of(self, reader: Reader, wanted: Sequence[Thread]) -> dict[Thread, Story]:
        """These threads as the reader sees them now; without those of which they may see nothing.

        Raises:
            OutageError: `failed.database`.
        """
        since = await self._queries.stands_at()
        told = await self._standing(reader)
        lacking = [thread for thread in dict.fromkeys(wanted) if thread not in told]
        for start in range(0, len(lacking), AT_ONCE):
            told |= stories(await self._queries.of_threads(reader, set(lacking[start : start + AT_ONCE])))
        found = {thread: told[thread] for thread in wanted if thread in told}
        others = {thread: story for thread, story in told.items() if thread not in found}
        self._keep(reader, since, list((others | found).items())[-self._threads :])
        return found

    async def _standing(self, reader: Reader) -> dict[Thread, Story]:
        """What was told and is as it was."""
        if reader not in self._kept:
            return {}
        since, told = self._kept[reader]
        changed = await self._queries.subjects_since(since, self._families)
        return {} if changed is None else {thread: story for thread, story in told.items() if thread[1] not in changed}

    def _keep(self, reader: Reader, since: Since, told: Sequence[tuple[Thread, Story]]) -> None:
        self._kept[reader] = since, dict(told)
        self._kept.move_to_end(reader)
        while len(self._kept) > self._readers:
            self._kept.popitem(last=False)
