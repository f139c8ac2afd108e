"""The projection is a function of the mirror's exact bytes: made anew, it is what it was."""

from typing import Any

import pytest
from sqlalchemy import Table, delete, select, text

from tamani.core.errors import OutageError
from tamani.desk.rebuild import rebuild
from tamani.desk.tables import mark, record, unreadable
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, NOTICE_KINDS, OBSERVATORY_ML, key_of, seal


async def rows(fed: Fed, table: Table) -> list[Any]:
    async with fed.desk.database.reading() as connection:
        return list((await connection.execute(select(table).order_by(table.c.feed_index))).all())


async def fill(fed: Fed) -> None:
    """Every type, every TLP, marks, a forgery; in batches of uneven size."""
    for round_ in range(40):
        for kind in NOTICE_KINDS:
            tlp = ("CLEAR", "GREEN", "AMBER")[round_ % 3]
            audience = OBSERVATORY_ML if tlp == "AMBER" else None
            event = fed.feed.say(kind, COMMISSION_BF, tlp=tlp, audience=audience, full=round_ % 2 == 0)
        if round_ % 5 == 0:
            fed.feed.mark(event)
        if round_ % 7 == 0:
            fed.feed.append_value(seal(fed.feed.voices[COMMISSION_BF].says(), key_of(COMMISSION_ML)))
        if round_ % 3 == 0:
            await fed.take()
    await fed.take()


async def test_rebuilt_equals_live(fed: Fed) -> None:
    """Row by row and column by column, public numbers included; progress is told up to the end."""
    await fill(fed)
    tables = (record, mark, unreadable)
    live = [await rows(fed, table) for table in tables]
    assert all(live), "each table has something to compare"
    async with fed.desk.database.writing() as connection:
        await connection.execute(delete(record).where(record.c.feed_index % 3 == 0))
        await connection.execute(text("UPDATE record SET title = 'faux', marks = '{contested}'"))
        await connection.execute(delete(mark))
    told: list[tuple[int, int]] = []
    done = await rebuild(fed.desk.database, fed.desk.registry.current, lambda *step: told.append(step))
    assert [await rows(fed, table) for table in tables] == live
    assert told[-1] == (fed.feed.head, fed.feed.head)
    assert (done.entries, done.records, done.unreadable) == (fed.feed.head, len(live[0]), len(live[2]))


async def test_after_it_the_mirror_goes_on(fed: Fed) -> None:
    """The next public number follows on."""
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    assert [row.public_index for row in await rows(fed, record)] == [1, 2]


async def test_cut_short_it_changes_nothing(fed: Fed) -> None:
    """The old projection stands until the new one is whole."""
    fed.feed.say(tlp="CLEAR")
    await fed.take()
    before = await rows(fed, record)

    def cut(*_: int) -> None:
        raise OutageError("failed.database")

    with pytest.raises(OutageError):
        await rebuild(fed.desk.database, fed.desk.registry.current, cut)
    assert await rows(fed, record) == before
