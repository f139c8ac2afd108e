"""What was made of many threads is kept until one of them changes, in whatever way, and for one reader alone."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete

from tamani.core.errors import OutageError
from tamani.core.policy import PUBLIC, Reader
from tamani.desk.folded import Folded
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import turn
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML


class Made:
    """Counts what is made."""

    def __init__(self, fed: Fed, most: int = 2) -> None:
        self.kept: Folded[Reader, int] = Folded(fed.desk.database, ("law",), most)
        self.count = 0
        self.given: int | None = None
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def make(self, before: int | None = None) -> int:
        """One more."""
        self.given = before
        self.count += 1
        self.begun.set()
        await self.may_end.wait()
        return self.count

    async def get(self, reader: Reader = PUBLIC) -> int:
        """What this reader gets."""
        return await self.kept.get(reader, self.make)


async def test_made_anew_when_a_thread_of_the_family_changed(fed: Fed) -> None:
    """A notice, an act, a mark, a rewound past, a rebuild; not for what is said elsewhere."""
    made = Made(fed)
    bill = fed.feed.say("law.item", tlp="CLEAR", subject="law/un")
    await fed.take()
    assert [await made.get(), await made.get(), made.given] == [1, 1, None]

    async def told(change: Any) -> bool:
        before = await made.get()
        change()
        await fed.take()
        return await made.get() != before

    assert not await told(lambda: fed.feed.say("agenda.meeting", tlp="CLEAR"))
    assert await told(lambda: fed.feed.say("law.item", tlp="AMBER", audience=COMMISSION_BF, subject="law/deux"))
    assert made.given == made.count - 1, "what was made last is there to go on from"
    assert await told(lambda: fed.feed.mark(bill))
    assert await told(lambda: fed.feed.say("withdrawal", tlp="CLEAR", subject="law/un"))
    before = await made.get()
    await fed.rewind(fed.feed.head - 1)
    assert await made.get() == before + 1
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
    assert await made.get() == before + 2


async def test_readers_share_nothing(fed: Fed) -> None:
    """Each has their own; of too many, the one who asked longest ago is made anew."""
    made = Made(fed)
    one, two = Reader(COMMISSION_ML), Reader(COMMISSION_BF)
    assert [await made.get(one), await made.get(two), await made.get(one)] == [1, 2, 1]
    assert [await made.get(), await made.get(one), await made.get(two)] == [3, 1, 4]


async def test_asked_at_once_it_is_made_once(fed: Fed) -> None:
    """Who is gone before it is ready takes nothing from those who wait."""
    made = Made(fed)
    made.may_end.clear()
    first, *others = [asyncio.create_task(made.get()) for _ in range(5)]
    await made.begun.wait()
    first.cancel()
    made.may_end.set()
    assert set(await asyncio.gather(*others)) == {1}


async def test_what_failed_is_not_kept(fed: Fed) -> None:
    made = Made(fed)

    async def fail(_before: int | None) -> int:
        raise OutageError("failed.database")

    with pytest.raises(OutageError):
        await made.kept.get(PUBLIC, fail)
    assert await made.get() == 1


async def test_without_a_number_it_still_holds(fed: Fed) -> None:
    """A family that nobody has spoken in has no row yet."""
    made = Made(fed)
    async with fed.desk.database.writing() as connection:
        await connection.execute(delete(turn))
    assert [await made.get(), await made.get()] == [1, 1]
    fed.feed.say("law.item", tlp="CLEAR")
    await fed.take()
    assert await made.get() == 2
