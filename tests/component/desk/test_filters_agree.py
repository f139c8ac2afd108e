"""A filter means the same in SQL (lists), in Python (the live stream) and in an address."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tamani.desk.filters import Filters
from tamani.desk.rows import Row
from tamani.desk.tables import record
from tests.component.desk.conftest import Fed
from tests.support.notices import COMMISSION_BF, COMMISSION_ML, NOTICE_KINDS, OBSERVATORY_NE, data_of

BODIES = (COMMISSION_BF, COMMISSION_ML, OBSERVATORY_NE)
AREAS = ("bf-soum", "ml-gao", "ne-tillaberi")
THEMES = ("temoins", "renseignement", "police-proximite")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def some(dice: random.Random) -> Filters:
    """Filters at random, most of them empty."""

    def pick(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dice.sample(values, dice.choice((0, 0, 0, 1, 2))))

    def when() -> datetime | None:
        return START + timedelta(minutes=dice.randrange(60)) if dice.random() < 0.3 else None

    return Filters(
        type=pick(NOTICE_KINDS),
        origin=pick(("bf", "ml", "ne")),
        area=pick(AREAS),
        theme=pick(THEMES),
        body=pick(BODIES),
        severity=pick(("Severe", "Minor")),
        lang=pick(("fr", "en")),
        thread=pick(("alert/1", "law/2")),
        since=when(),
        until=when(),
    )


@pytest.mark.parametrize("seed", range(3))
async def test_sql_and_python_agree(fed: Fed, seed: int) -> None:
    """200 filters on 60 notices: the same rows each time, and the address says the same filters."""
    dice = random.Random(seed)
    for _ in range(60):
        kind = dice.choice(NOTICE_KINDS)
        data = data_of(kind)
        data["head"] |= {"areas": dice.sample(AREAS, dice.randint(1, 2)), "themes": dice.sample(THEMES, 2)}
        if kind == "monitor.alert":
            data["severity"] = dice.choice(("Severe", "Minor"))
        family = kind.partition(".")[0] if kind != "monitor.alert" else "alert"
        fed.feed.say(
            kind,
            dice.choice(BODIES),
            tlp="CLEAR",
            lang=dice.choice(("fr", "en")),
            data=data,
            subject=f"{family}/{dice.randint(1, 3)}",
        )
    await fed.take()
    found = matched = 0
    async with fed.desk.database.reading() as connection:
        rows = [Row.of(row) for row in await connection.execute(select(record))]
        for _ in range(200):
            filters = some(dice)
            assert Filters.read(filters.query()) == filters
            in_sql = set(await connection.scalars(select(record.c.feed_index).where(*filters.conditions())))
            assert in_sql == {row.feed_index for row in rows if filters.match(row)}, filters
            found += bool(in_sql)
            matched += len(in_sql)
    assert found > 50
    assert matched > 500
