"""The line by which pieces come: whose turn it is, what is erased while a file comes, what outlives an outage."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import insert

from tamani.core.errors import OutageError, RefusedError
from tamani.core.event import Event
from tamani.desk.pieces import fetching
from tamani.desk.pieces.blobs import Wanted
from tamani.desk.pieces.feed import forget_pieces
from tamani.desk.tables import erasure
from tests.component.desk import test_pieces_up
from tests.component.desk.conftest import Fed
from tests.component.desk.test_erasing import Erasing
from tests.component.desk.test_pieces_down import convening, rows, the, uploaded
from tests.component.desk.test_pieces_up import archived
from tests.support.erasures import ordered
from tests.support.served_archive import ServedArchive
from tests.support.waiting import until

ledger, region, fed = test_pieces_up.ledger, test_pieces_up.region, test_pieces_up.fed
NOTE = b"%PDF-1.7 Note de cadrage 5512"
WAITERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def wanted(event: Event, raw: bytes = NOTE, size: int = 0) -> Wanted:
    return Wanted(event.source, event.id, hashlib.sha256(raw).hexdigest(), size or len(raw))


async def asked(fed: Fed, one: Wanted, patience: float = 30, *, signed_in: bool = True) -> str:
    """How it ended: nothing if it came, else the code and its detail."""
    try:
        await the(fed).fetch(one, patience, signed_in=signed_in)
    except (OutageError, RefusedError) as error:
        return f"{error.code.name} {error.detail}".strip()
    return ""


@asynccontextmanager
async def half_way(fed: Fed, region: ServedArchive, one: Wanted) -> AsyncIterator[asyncio.Task[str]]:
    """The archive has read the file, and its bytes wait for the line until the block ends."""
    region.line.clear()
    task = asyncio.create_task(asked(fed, one))

    async def read() -> bool:
        return region.held > 0

    await until(read, "the archive has read it")
    try:
        yield task
    finally:
        region.line.set()


async def named_twice(fed: Fed, region: ServedArchive) -> tuple[Event, Event, bytes]:
    """Two notices that name one file, which is at the region; and the exact bytes of the second."""
    first, second = convening(NOTE), convening(NOTE)
    await archived(fed, region, first)
    value = await archived(fed, region, second)
    await uploaded(region, first, NOTE)
    return first, second, value


async def test_what_is_erased_while_it_comes_does_not_stay(fed: Fed, region: ServedArchive) -> None:
    """By the notice that is erased, of which the desk is told meanwhile."""
    first, _second, _value = await named_twice(fed, region)
    async with half_way(fed, region, wanted(first)) as coming:
        await Erasing(fed).erases(first)
    assert await coming == "refused.erased"
    assert await rows(fed) == []


async def test_what_is_erased_with_another_notice_while_it_comes_does_not_stay(fed: Fed, region: ServedArchive) -> None:
    """The notice by which it comes still stands: the erasure is of the file, and the region knows it."""
    first, second, value = await named_twice(fed, region)
    async with half_way(fed, region, wanted(first)) as coming:
        await region.erase(ordered(value).encode())
        await Erasing(fed).erases(second)
    assert await coming == "failed.archive erased"
    assert await rows(fed) == []
    assert await asked(fed, wanted(first)) == "refused.erased"


@asynccontextmanager
async def erasing_still(fed: Fed, event: Event) -> AsyncIterator[psycopg.AsyncConnection]:
    """An erasure of this notice that is committed when the block ends; gives a connection to look at locks."""
    order = Erasing(fed).order(event)
    row = {"digest": order.order.digest, "order_env": order.env.hex(), "document": order.encode()}
    row |= {"source": event.source, "id": event.id, "tlp": order.order.tlp, "audience": []}
    looks = await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo, autocommit=True)
    async with looks as looking, fed.desk.database.writing() as connection:
        await connection.execute(insert(erasure).values(row | {"recordedtime": fed.desk.clock()}))
        await forget_pieces(connection, event.source, event.id, event)
        yield looking


async def waiter(looking: psycopg.AsyncConnection) -> int:
    """The session that waits for the erasure to end."""

    async def waits() -> int | None:
        found = await (await looking.execute(WAITERS)).fetchone()
        return found[0] if found else None

    return await until(waits, "keeping waits for the erasure")


async def test_a_file_waits_for_an_erasure_that_is_under_way(fed: Fed, region: ServedArchive) -> None:
    first, second, _value = await named_twice(fed, region)
    async with half_way(fed, region, wanted(first)) as coming, erasing_still(fed, second) as looking:
        region.line.set()
        await waiter(looking)
    assert await coming == "failed.archive erased"
    assert await rows(fed) == []


async def test_a_file_that_came_outlives_an_outage_of_the_database(fed: Fed, region: ServedArchive) -> None:
    """The bytes are kept for the next who asks, and not fetched again."""
    first, other = convening(NOTE), convening(b"%PDF-1.7 autre")
    await archived(fed, region, first)
    await archived(fed, region, other)
    await uploaded(region, first, NOTE)
    async with fed.desk.database.writing() as connection, half_way(fed, region, wanted(first)) as coming:
        await forget_pieces(connection, first.source, other.id, None)
        async with await psycopg.AsyncConnection.connect(fed.desk.settings.conninfo) as looking:
            region.line.set()
            await looking.execute("SELECT pg_terminate_backend(%s)", [await waiter(looking)])
        assert (await coming).startswith("failed.database")
        assert the(fed).arrived(wanted(first)) == len(NOTE)
    assert await asked(fed, wanted(first)) == ""
    assert region.requests == ["GET"]
    assert (len(await rows(fed)), the(fed).arrived(wanted(first))) == (1, 0)


async def test_the_line_is_short_and_officers_stand_before_everybody_else(fed: Fed, region: ServedArchive) -> None:
    """Who comes to a full line starts nothing; nor does a reader without a name while anything comes."""
    raws = [NOTE + bytes([65 + number]) for number in range(fetching.MOST + 2)]
    *line, beyond, after = raws
    event = convening(*raws)
    await archived(fed, region, event)
    for raw in raws:
        await uploaded(region, event, raw)
    async with half_way(fed, region, wanted(event, line[0])):
        later = f"failed.piece.fetching 0/{len(beyond)}"
        assert await asked(fed, wanted(event, beyond), 0, signed_in=False) == later
        for raw in (*line, beyond):
            assert await asked(fed, wanted(event, raw), 0) == later

    async def all_here() -> bool:
        return len(await rows(fed)) == len(line)

    await until(all_here, "those of the line have come")
    assert {row[1] for row in await rows(fed)} == {wanted(event, raw).sha256 for raw in line}
    assert await asked(fed, wanted(event, after)) == ""
    assert region.requests == ["GET"] * len([*line, after]), "what found no place in the line was not asked for"
    assert await asked(fed, wanted(event, beyond), signed_in=False) == "", "the line is free"


async def test_nothing_holds_the_line_for_ever(
    fed: Fed, region: ServedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = convening(NOTE)
    await archived(fed, region, event)
    await uploaded(region, event, NOTE)
    monkeypatch.setattr(fetching, "TURN", 0.5)
    async with half_way(fed, region, wanted(event)) as coming:
        assert await coming == "failed.archive turn"
    assert await asked(fed, wanted(event)) == ""


async def test_a_notice_that_says_a_false_size_keeps_nobody_from_a_file(fed: Fed, region: ServedArchive) -> None:
    """Another notice names the same file: each is asked for by its own words, and what is here is not asked for."""
    true, again, false = convening(NOTE), convening(NOTE), convening(NOTE)
    false.data["head"]["attachments"][0]["size"] = len(NOTE) + 1
    for event in (true, again, false):
        await archived(fed, region, event)
    await uploaded(region, true, NOTE)
    by_each = (wanted(false, size=len(NOTE) + 1), wanted(true), wanted(again))
    assert await asyncio.gather(*(asked(fed, one) for one in by_each)) == ["refused.piece.unknown", "", ""]
    assert region.requests == ["GET", "GET"]
