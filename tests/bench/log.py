"""What the log costs: appending with and without it, proofs from small and large trees, checkpoints, witnesses.

`python -m tests.bench log` measures this alone. PostgreSQL is real and
waits for its disk; there is no Kafka here, so the figures are those of judging and writing themselves.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import psycopg

from tamani.archive import store
from tamani.archive.binary_copy import copy
from tamani.archive.keeper import Keeper, Memory
from tamani.archive.lease import take
from tamani.archive.ledger import Rows
from tamani.archive.log.proofs import prove_one
from tamani.archive.log.work import Identity, LogWork
from tamani.archive.tables import LEAVES
from tamani.core.log.leaf import Leaf
from tamani.core.log.merkle import leaf_hash
from tamani.core.log.policy import parse_policy
from tamani.core.log.proof import Proof
from tamani.core.receipt import sign_receipt
from tamani.runtime.clock import system_clock
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tamani.runtime.migrate import upgrade
from tests.support.cluster import Database, PostgresCluster, postgres_cluster
from tests.support.notices import SOURCES, Speaker, seal
from tests.support.processes import cost
from tests.support.recording_witness import RecordingWitness, witnessing
from tests.support.region import StillRegistry, record
from tests.support.small_log import log_key, policy_text
from tests.support.waiting import until

MIGRATIONS = Path(store.__file__).parent / "migrations"
NOTICES, BATCH, ROUNDS = 2000, 250, 4
SMALL = 10_000
PROOFS, CHECKPOINTS, GROWTH = 300, 40, 100
RT = "2026-03-02T09:00:00Z"
_FILL = "COPY log_leaf (leaf_index, kind, env, reg, rt, hash) FROM STDIN"
_SPENT = "SELECT extract(epoch FROM signed - made) * 1000 FROM log_checkpoint WHERE size > %s"
_SEEN = "SELECT extract(epoch FROM attested - signed) * 1000 FROM log_checkpoint WHERE size > %s"


@dataclass(frozen=True, slots=True)
class Cost:
    """For one notice: wall time and CPU (ours and PostgreSQL's), in µs."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class LogFigures:
    """One run. Pairs are p50 and p99 in ms."""

    off: Cost
    on: Cost
    signing: float
    proofs: dict[int, tuple[float, float]]
    made: tuple[float, float]
    signed: tuple[float, float]
    attested: tuple[float, float]


async def measure_log(large: int) -> LogFigures:
    """All of it, on one server; `large` entries are in the larger tree."""
    with postgres_cluster() as cluster:
        off, on = await _append(cluster)
        ledger = _fresh(cluster)
        proofs = {}
        with ExitStack() as held:
            witnesses = [RecordingWitness("bf"), RecordingWitness("ml")]
            held.enter_context(witnessing(*witnesses))
            folder = Path(held.enter_context(TemporaryDirectory()))
            for size in (SMALL, large):
                _fill(ledger, size)
                async with _running(ledger, folder, {one.country: one.url for one in witnesses}):
                    await until(lambda size=size: _is_attested(ledger, size), f"{size} attested", 300)  # type: ignore[misc]
                    proofs[size] = await _prove(ledger, size)
            async with _running(ledger, folder, {one.country: one.url for one in witnesses}):
                made = await _grow(ledger, large)
        times = [_column(ledger, query, large) for query in (_SPENT, _SEEN)]
    return LogFigures(off, on, _signing(), proofs, made, *map(_spread, times))


async def _append(cluster: PostgresCluster) -> tuple[Cost, Cost]:
    """In turns, so that what else the machine does falls on both."""
    spent: dict[bool, list[Cost]] = {False: [], True: []}
    for number in range(2 * ROUNDS + 2):
        logged = bool(number % 2)
        found = await _keep(cluster, logged)
        if number >= 2:  # the first of each warms up
            spent[logged].append(found)
    return _best(spent[False]), _best(spent[True])


def _best(found: list[Cost]) -> Cost:
    """The least of the rounds: what disturbs only adds."""
    return Cost(min(one.wall for one in found), min(one.cpu for one in found))


async def _keep(cluster: PostgresCluster, logged: bool) -> Cost:
    ledger, registry = _fresh(cluster), StillRegistry()
    speakers = [Speaker(source) for source in SOURCES[:4]]
    said = [speakers[n % 4].says() for n in range(NOTICES)]
    stream = [record(seal(event), event.source, event.subject, n) for n, event in enumerate(said)]
    keeper = Keeper(
        ledger.dsn,
        store=store.Store("c", registry.digest),
        memory=Memory(),
        registry=registry,
        sender=InMemorySender(InMemoryBus()),
        trust=_trusting,
        written=_uncounted,
        clock=system_clock,
    )
    with patch.object(store, "copy", copy if logged else _copy_but_leaves):
        began, before = time.monotonic(), _cpu(cluster)
        for at in range(0, NOTICES, BATCH):
            await keeper.keep(stream[at : at + BATCH])
        wall, cpu = time.monotonic() - began, _cpu(cluster) - before
    await keeper.close()
    cluster.drop(ledger)
    return Cost(wall / NOTICES * 1e6, cpu / NOTICES * 1e6)


async def _copy_but_leaves(connection: Any, table: Any, rows: Any) -> None:
    """The ledger as it would be without a log."""
    if table is not LEAVES:
        await copy(connection, table, rows)


async def _trusting(_: psycopg.AsyncConnection[Any]) -> None:
    """One database."""


def _uncounted(_: Rows) -> None:
    """Figures are not asked for."""


def _cpu(cluster: PostgresCluster) -> float:
    assert cluster.child is not None
    return time.process_time() + cost(cluster.child.pid).cpu


def _fresh(cluster: PostgresCluster) -> Database:
    ledger = cluster.fresh()
    upgrade(ledger.dsn, MIGRATIONS)
    return ledger


def _env(index: int) -> bytes:
    return hashlib.sha256(b"%d" % index).digest()


def _fill(ledger: Database, size: int) -> None:
    """Invented leaves up to this size."""
    recorded = datetime.fromisoformat(RT)
    with psycopg.connect(ledger.dsn) as connection:
        row = connection.execute("SELECT leaves FROM log_head").fetchone()
        with connection.cursor() as cursor, cursor.copy(_FILL) as sink:
            for index in range(row[0] if row else 0, size):
                env = _env(index)
                sink.write_row((index, "event", env, 1, recorded, leaf_hash(bytes(Leaf(env, 1, RT)))))
        connection.execute("UPDATE log_head SET leaves = %s", [size])


@asynccontextmanager
async def _running(ledger: Database, folder: Path, urls: dict[str, str]) -> AsyncIterator[None]:
    """The log's tasks as a worker runs them, looking ten times a second."""
    pool = make_pool(ledger.dsn, "bench")
    await pool.open()
    async with await _connect(ledger) as connection:
        fence = await take(connection, "bench", 300)
    work = LogWork(
        Identity(log_key(), parse_policy(policy_text(log_key(), None, urls).encode())),
        connect=lambda: _connect(ledger),
        pool=pool,
        fence=lambda: fence,
        memory=folder / "log-state.json",
        seconds=0.1,
    )
    tasks = [asyncio.create_task(job) for job in work.jobs().values()]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await work.close()
    await pool.close()


async def _connect(ledger: Database) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(ledger.dsn, autocommit=True)


async def _is_attested(ledger: Database, size: int) -> bool:
    async with await _connect(ledger) as connection:
        query = "SELECT FROM log_checkpoint WHERE size = %s AND attested IS NOT NULL"
        return await (await connection.execute(query, [size])).fetchone() is not None


async def _prove(ledger: Database, size: int) -> tuple[float, float]:
    """Proofs of entries anywhere, each made and parsed."""
    order, spent = random.Random(size), []
    async with await _connect(ledger) as connection:
        for _ in range(PROOFS):
            index = order.randrange(size)
            began = time.monotonic()
            file = await prove_one(connection, _env(index))
            spent.append((time.monotonic() - began) * 1000)
            assert Proof.parse(file).index == index
    return _spread(spent)


async def _grow(ledger: Database, large: int) -> tuple[float, float]:
    """From the commit of new leaves to the commit of their checkpoint, in a large tree."""
    spent = []
    for size in range(large + GROWTH, large + GROWTH * (CHECKPOINTS + 1), GROWTH):
        _fill(ledger, size)
        began = time.time()
        await until(lambda size=size: _is_attested(ledger, size), f"{size} attested", 60)  # type: ignore[misc]
        with psycopg.connect(ledger.dsn) as connection:
            row = connection.execute("SELECT made FROM log_checkpoint WHERE size = %s", [size]).fetchone()
        spent.append(max(0.0, (row[0].timestamp() if row else 0) - began) * 1000)
    return _spread(spent)


def _column(ledger: Database, query: str, large: int) -> list[float]:
    with psycopg.connect(ledger.dsn) as connection:
        return [float(value) for (value,) in connection.execute(query, [large]) if value is not None]


def _spread(values: list[float]) -> tuple[float, float]:
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[98]


def _signing() -> float:
    value, count = b'{"v":1,"verdict":"archived"%s}' % (b" " * 400), 5000
    key, began = log_key().key, time.process_time()
    for _ in range(count):
        sign_receipt(value, key)
    return (time.process_time() - began) / count * 1e6


def render_log(figures: LogFigures) -> str:
    """The part of the page."""
    more = (figures.on.cpu / figures.off.cpu - 1) * 100
    rows = [f"| proof of one entry among {size:,} | {_pair(found)} |" for size, found in figures.proofs.items()]
    return f"""## The log

Judging and writing {NOTICES:,} notices in batches of {BATCH}, without Kafka, the least of {ROUNDS} rounds each in turn:

| | notices/s | CPU a notice, ours and PostgreSQL's |
|---|---|---|
| log off (no leaf is written) | {1e6 / figures.off.wall:,.0f} | {figures.off.cpu:.0f} µs |
| log on | {1e6 / figures.on.wall:,.0f} | {figures.on.cpu:.0f} µs ({more:+.1f} %) |

Signing one receipt takes {figures.signing:.0f} µs more, in the publisher. Over a tree of {max(figures.proofs):,}
entries that grows by {GROWTH} at a time, looked at ten times a second, with two witnesses on the same machine:

| | p50 | p99 |
|---|---|---|
{chr(10).join(rows)}
| from the leaves' commit to the checkpoint's | {_pair(figures.made)} |
| from there to its signature stored (state file synced) | {_pair(figures.signed)} |
| from there to the second cosignature stored | {_pair(figures.attested)} |"""


def _pair(found: tuple[float, float]) -> str:
    return f"{found[0]:.1f} ms | {found[1]:.1f} ms"
