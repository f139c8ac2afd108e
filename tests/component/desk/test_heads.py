"""The head of each thread, kept as notices come: at every moment what one finds by looking through all of them."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from tamani.core.policy import PUBLIC, Reader
from tamani.desk.cursors import Cursor
from tamani.desk.facets import SHOWN, count_facets
from tamani.desk.filters import COLUMN, LINES, SEVERAL, Filters
from tamani.desk.heads import renew_heads
from tamani.desk.migrations.versions.v0013_heads import COMBINE, COMBINE_AREAS, FILL
from tamani.desk.migrations.versions.v0018_themes import STATEMENTS
from tamani.desk.rebuild import rebuild
from tamani.desk.rows import Row
from tamani.desk.tables import area_set, combination, head, record, theme_set
from tests.component.desk.conftest import Fed
from tests.component.desk.test_filters_agree import AREAS, THEMES, some
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, COMMISSION_NE, OBSERVATORY_ML, OBSERVATORY_NE, data_of

BODIES = (COMMISSION_BF, COMMISSION_ML, OBSERVATORY_NE)
# Of these, the last is named in nothing, and the one before it says nothing.
READERS = [PUBLIC, *map(Reader, (*BODIES, OBSERVATORY_ML, COMMISSION_NE))]
KINDS = ("agenda.meeting", "law.item", "monitor.report")
LABELS = ("CLEAR", "GREEN", "AMBER", "AMBER")


def say(fed: Fed, dice: random.Random, count: int) -> None:
    """Versions of few threads, and acts on them, under any label."""
    for _ in range(count):
        kind = dice.choice(KINDS) if dice.random() < 0.9 else "withdrawal"
        family = kind.partition(".")[0] if kind != "withdrawal" else "agenda"
        tlp = dice.choice(LABELS)
        named = " ".join(sorted(dice.sample((*BODIES, OBSERVATORY_ML), dice.randint(1, 3))))
        data = data_of(kind)
        named_in = {"areas": dice.sample(AREAS, dice.randint(1, 2)), "themes": dice.sample(THEMES, dice.randint(0, 2))}
        data["head"] = {"title": "Essai"} | data.get("head", {}) | named_in
        subject, lang = f"{family}/{dice.randint(1, 3)}", dice.choice(("fr", "en"))
        said = {"tlp": tlp, "audience": named if tlp == "AMBER" else None, "subject": subject, "lang": lang}
        fed.feed.say(kind, dice.choice(BODIES), data=data, **said)


def sought(rows: Sequence[Row], reader: Reader) -> list[Row]:
    """The definition: the last version of each thread that this reader may see."""
    last = {(row.source, row.thread): row for row in rows if not row.system and row.readable_by(reader)}
    return list(last.values())


async def rows_of(fed: Fed) -> list[Row]:
    async with fed.desk.database.reading() as connection:
        return [Row.of(row) for row in await connection.execute(select(record).order_by(record.c.feed_index))]


async def heads_of(fed: Fed) -> list[Any]:
    """The table, with its combinations by their values."""
    left = [column for column in head.c if column.name not in {"combination", "area_set", "theme_set"}]
    sets = [area_set.c.areas, theme_set.c.themes]
    values = [*(column for column in combination.c if column.name != "number"), *sets]
    query = select(*left, *(value.label(f"of_{value.name}") for value in values)).select_from(LINES)
    async with fed.desk.database.reading() as connection:
        return list((await connection.execute(query.order_by(head.c.feed_index))).all())


def counted(rows: Sequence[Row], filters: Filters, name: str) -> dict[str, int]:
    """The definition of a facet: what every other filter leaves, by value."""
    others = filters.without(name)
    found = [_values(row, name) for row in rows if others.match(row)]
    return dict(Counter(value for values in found for value in values if value))


def _values(row: Row, name: str) -> Sequence[str]:
    """Of a facet, what this row says."""
    values: Sequence[str] = getattr(row, SEVERAL[name]) if name in SEVERAL else [getattr(row, COLUMN[name])]
    return values


async def check(fed: Fed, dice: random.Random) -> int:
    """For every reader and filters at random: the list page by page, the counts, the total; how many lines in all."""
    rows, lines = await rows_of(fed), 0
    for reader in READERS:
        mine = sought(rows, reader)
        for filters in (Filters(), some(dice), some(dice)):
            wanted = sorted((row.feed_index for row in mine if filters.match(row)), reverse=True)
            assert await listed(fed, reader, filters) == wanted, (reader, filters)
            facets = await count_facets(fed.desk.database, reader, filters)
            assert facets.total == len(wanted)
            assert facets.counts == {name: counted(mine, filters, name) for name in SHOWN}, (reader, filters)
            lines += len(wanted)
    return lines


async def listed(fed: Fed, reader: Reader, filters: Filters) -> list[int]:
    """Every page of the list."""
    found: list[int] = []
    cursor = Cursor()
    while True:
        page = await fed.desk.queries.threads(reader, filters, cursor, 4)
        found += [notice.row.feed_index for notice in page.notices]
        if not page.more:
            return found
        cursor = Cursor(page.next)


@pytest.mark.parametrize("seed", range(3))
async def test_lists_and_counts_are_what_looking_through_all_would_give(fed: Fed, seed: int) -> None:
    """After each batch, after a past that was replaced, after a rebuild: as the definition says, for every reader."""
    dice = random.Random(seed)
    lines = 0
    for count in (1, 7, 60, 30):
        say(fed, dice, count)
        await fed.take()
        lines += await check(fed, dice)
    await fed.rewind(fed.feed.head - 40)
    lines += await check(fed, dice)
    say(fed, dice, 5)
    await fed.take()
    lines += await check(fed, dice)
    kept = await heads_of(fed)
    assert any(row.own for row in kept), "a notice that names somebody is the head of a thread"
    assert any(row.passed for row in kept), "and stands before one that others see"
    await rebuild(fed.desk.database, fed.desk.registry.current, lambda *_: None)
    assert await heads_of(fed) == kept
    assert lines > 200


async def test_the_migration_finds_the_same_heads(fed: Fed) -> None:
    """What was there before the tables were is found as what comes after them."""
    say(fed, random.Random(9), 120)
    await fed.take()
    kept = await heads_of(fed)
    async with fed.desk.database.writing() as connection:
        themes = (await connection.execute(select(record.c.themes).order_by(record.c.feed_index))).all()
        for table in (head, combination, area_set, theme_set):
            await connection.execute(delete(table))
        await connection.execute(update(record).values(themes=[]))
        for statement in (COMBINE, COMBINE_AREAS, FILL, *STATEMENTS):
            await connection.execute(text(statement))
        assert (await connection.execute(select(record.c.themes).order_by(record.c.feed_index))).all() == themes
    assert await heads_of(fed) == kept
    assert len({tuple(row.themes) for row in themes}) > 6, "files, points and heads name them"


async def test_the_head_of_a_thread_that_lost_its_last_version(fed: Fed) -> None:
    """Whoever takes rows away names the threads, and the version before shows again."""
    first = fed.feed.say("law.item", tlp="CLEAR", subject="law/un")
    fed.feed.say("law.item", tlp="CLEAR", subject="law/un")
    await fed.take()
    async with fed.desk.database.writing() as connection:
        await connection.execute(delete(record).where(record.c.feed_index == 2))
        await renew_heads(connection, {(first.source, "law/un")})
    assert await listed(fed, PUBLIC, Filters()) == [1]
