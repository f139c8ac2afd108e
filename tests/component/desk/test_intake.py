"""What the database itself will not take stands alone in the end, is listed, and its neighbours are stored."""

from sqlalchemy import select, text

from tamani.desk.tables import mirror, record, unreadable
from tests.component.desk.conftest import Fed


async def test_the_database_refuses_one_notice_of_many(fed: Fed) -> None:
    """A row that breaks a constraint is split off; the batch, the order and the position are whole."""
    async with fed.desk.database.writing() as connection:
        await connection.execute(text("ALTER TABLE record ADD CHECK (thread <> 'agenda/poison')"))
    said = [fed.feed.say(subject=f"agenda/{n}" if n != 37 else "agenda/poison").id for n in range(100)]
    await fed.take()
    async with fed.desk.database.reading() as connection:
        shown = list(await connection.scalars(select(record.c.id).order_by(record.c.feed_index)))
        indexes = list(await connection.scalars(select(mirror.c.feed_index).order_by(mirror.c.feed_index)))
        failed = list(await connection.execute(select(unreadable.c.feed_index, unreadable.c.code)))
    assert shown == said[:37] + said[38:]
    assert indexes == list(range(1, 101))
    assert [tuple(row) for row in failed] == [(38, "held.store.23514")]
    assert (await fed.desk.queries.position()).head == 100
