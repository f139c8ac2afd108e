"""End to end: bodies post at four sites over HTTP; the clock stops when every country's mirror has all it may have."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

from tamani.core.names import Country, country_of
from tamani.embedded.child import Child
from tests.bench.checks import assert_durable, verify_again
from tests.bench.costs import Stopwatch, Stretch
from tests.bench.load import THREADS
from tests.bench.wire import PostLine
from tests.support.authors import Author, Notice
from tests.support.bus import Bus, running_bus
from tests.support.notices import SOURCES
from tests.support.oracle import entitled
from tests.support.waiting import until

WARM_UP = 200
# Two connections a body: twenty clients post at once, as offices do on a busy morning.
LINES = 2


@dataclass(frozen=True, slots=True)
class Crossed:
    """One run: how long posting took, and the whole; the client's own CPU is told apart."""

    records: int
    posting: float
    stretch: Stretch
    client_cpu: float
    verified_again: int

    @property
    def rate(self) -> float:
        """Notices a second, from the first post to the last mirror."""
        return self.records / self.stretch.wall

    @property
    def microseconds(self) -> float:
        """CPU of all our processes for one notice."""
        return self.stretch.total / self.records * 1e6


async def cross(workers: int, count: int) -> Crossed:
    """One run on a bus of its own with so many routers and archives, after a warm-up."""
    author = Author(secrets.token_hex(8), threads=THREADS)
    warm, notices = author.notices(WARM_UP), author.notices(count)
    region = [f"{part}-{n}" for part in ("archive", "router") for n in range(1, workers + 1)]
    async with running_bus(workers=region, begun=Child) as bus:
        await assert_durable(bus)
        await _post(bus, warm)
        await _mirrored(bus, _expected(warm))
        watch, cpu, began = Stopwatch(bus), time.process_time(), time.monotonic()
        await _post(bus, notices)
        posting = time.monotonic() - began
        await _mirrored(bus, _expected([*warm, *notices]))
        stretch, client = watch.stop(), time.process_time() - cpu
        again = await verify_again(bus)
    return Crossed(count, posting, stretch, client, again)


async def _post(bus: Bus, notices: Sequence[Notice]) -> None:
    """A thread's notices follow one another on one connection of its body's."""
    rows: dict[tuple[str, int], list[Notice]] = {(source, line): [] for source in SOURCES for line in range(LINES)}
    threads: dict[str, int] = {}
    for notice in notices:
        rows[notice.source, threads.setdefault(notice.subject, len(threads)) % LINES].append(notice)
    async with asyncio.TaskGroup() as group:
        for (source, _), row in rows.items():
            group.create_task(_post_row(bus, source, row))


async def _post_row(bus: Bus, source: str, row: Sequence[Notice]) -> None:
    line = await PostLine.open(bus.ports[f"site-{country_of(source)}"], bus.tokens[source])
    try:
        for notice in row:
            await line.post(notice)
    finally:
        line.close()


def _expected(notices: Sequence[Notice]) -> dict[Country, int]:
    """How many of these each country's mirror must hold."""
    return {
        country: sum(entitled(n.source, n.body["tlp"], n.body["audience"], country) for n in notices)
        for country in Country
    }


async def _mirrored(bus: Bus, expected: Mapping[Country, int]) -> None:
    async with asyncio.TaskGroup() as group:
        for country, count in expected.items():
            group.create_task(_one_mirrored(bus, country, count))


async def _one_mirrored(bus: Bus, country: Country, count: int) -> None:
    async with await psycopg.AsyncConnection.connect(
        bus.databases[f"desk_{country}"].dsn, autocommit=True
    ) as connection:

        async def done() -> bool:
            row = await (await connection.execute("SELECT max(feed_index) FROM mirror")).fetchone()
            return row is not None and (row[0] or 0) >= count

        await until(done, f"{count} notices in the mirror of {country}", 600, 0.1)
