"""What must be true for a figure to count: disks are waited for, and what is in the ledger is what was signed."""

import asyncio
import random

import psycopg

from tamani.runtime.sender import KafkaSender
from tamani.runtime.settings import ServiceSettings
from tests.support.bus import Bus
from tests.support.signatures import truly_signed

WANTED = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SHARE = 0.01


async def assert_durable(bus: Bus) -> None:
    """The ledger's server waits for its disk, and the senders wait for every replica.

    Nothing need be asked of the nodes: one whose outbox is not synced at each commit refuses to start (`node/main.py`).

    Raises:
        AssertionError: it is not so, and no figure would mean anything.
    """
    await asyncio.to_thread(assert_synced, bus.archive_dsn())
    sender = KafkaSender(ServiceSettings(**bus.kafka.settings("router")))
    assert sender._config["acks"] == "all"
    assert sender._config["enable.idempotence"] == "true"
    await sender.stop()


def assert_synced(conninfo: str) -> None:
    """PostgreSQL waits for its disk, as this role sees it.

    Raises:
        AssertionError: it does not.
    """
    with psycopg.connect(conninfo) as connection:
        for name, value in WANTED.items():
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row == (value,), f"{name} is {row}"


async def verify_again(bus: Bus) -> int:
    """Verify one archived notice in a hundred with another library and hand-made encodings; how many.

    Raises:
        AssertionError: a signature does not hold, or the ledger has a hole or a repeat.
    """
    async with await psycopg.AsyncConnection.connect(bus.archive_dsn()) as connection:
        query = "SELECT count(*), min(log_index), max(log_index), count(DISTINCT (source_no, id)) FROM ledger"
        row = await (await connection.execute(query)).fetchone()
        assert row is not None
        count, first, last, distinct = row
        assert count == distinct == last - first + 1
        chosen = random.sample(range(first, last + 1), max(1, int(count * SHARE)))
        rows = await connection.execute("SELECT envelope FROM ledger WHERE log_index = ANY(%s)", [chosen])
        assert all(truly_signed(bytes(value)) for (value,) in await rows.fetchall())
    return len(chosen)
