"""What takes long to make of many threads, kept for the next who asks for the same: as long as none of them changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable
from typing import Generic, TypeVar

from tamani.desk.database import Database
from tamani.desk.turns import Turns, turns_of

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Folded(Generic[Key, Value]):
    """The last things made of some families of threads, by key (the reader is part of it), each made once at a time.

    Where the families stand is asked before anything is made: what changes meanwhile is seen by the next who asks.
    """

    def __init__(self, database: Database, families: Collection[str], most: int) -> None:
        self._database = database
        self._families = tuple(families)
        self._most = most
        self._kept: OrderedDict[Key, tuple[Turns, asyncio.Task[Value]]] = OrderedDict()

    async def get(self, key: Key, make: Callable[[Value | None], Awaitable[Value]]) -> Value:
        """What was made for this key, or what `make` makes now, given what was made last: much of it may still hold.

        Raises:
            OutageError: `failed.database`; and whatever `make` raises, which is not kept.
        """
        async with self._database.reading() as connection:
            turns = await turns_of(connection, self._families)
        kept, made = self._kept.get(key, (None, None))
        if made is None or kept != turns or _failed(made):
            before = made.result() if made is not None and made.done() and not _failed(made) else None
            made = asyncio.ensure_future(_coroutine(make, before))
            self._kept[key] = turns, made
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return await asyncio.shield(made)


async def _coroutine(make: Callable[[Value | None], Awaitable[Value]], before: Value | None) -> Value:
    return await make(before)


def _failed(made: "asyncio.Task[object]") -> bool:
    return made.done() and (made.cancelled() or made.exception() is not None)
