"""Asking witnesses over real HTTP: what each answer does, and that none of them can delay or deceive anybody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.lease import take
from tamani.archive.log import witnesses as module
from tamani.archive.log.steps import Step
from tamani.archive.log.work import Identity, LogWork
from tamani.core.log.note import Signature
from tamani.runtime.database import make_pool
from tests.support.archived_log import put
from tests.support.cluster import Database
from tests.support.recording_witness import RecordingWitness, witnessing
from tests.support.small_log import AT, WITNESSES, SmallLog
from tests.support.waiting import until

Ask = Callable[..., list[tuple[Any, ...]]]
COSIGNED = "SELECT size, string_agg(witness, ' ' ORDER BY witness) FROM log_cosignature GROUP BY size ORDER BY size"
ATTESTED = "SELECT size FROM log_checkpoint WHERE attested IS NOT NULL ORDER BY size"
FORGED = SmallLog().append(20, mark="forged")


class Running:
    """A log at work on a ledger, and its two foreign witnesses; that of the host has no address."""

    def __init__(self, ledger: Database, tree: SmallLog, memory: Path) -> None:
        self.ledger, self.tree, self.memory = ledger, tree, memory
        self.bf, self.ml = RecordingWitness("bf"), RecordingWitness("ml")
        self.steps: list[Step] = []
        self._held = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> LogWork:
        """Take the lease and begin."""
        pool = make_pool(self.ledger.dsn, "test")
        await pool.open()
        self._held.push_async_callback(pool.close)
        async with await self._connect() as connection:
            fence = await take(connection, "test", 300)
        policy = self.tree.policy(witness_urls={"bf": self.bf.url, "ml": self.ml.url})
        work = LogWork(
            Identity(self.tree.key, policy),
            connect=self._connect,
            pool=pool,
            fence=lambda: fence,
            memory=self.memory,
            seconds=0.05,
            hook=self.steps.append,
        )
        self._held.push_async_callback(work.close)
        self._tasks += [asyncio.create_task(job) for job in work.jobs().values()]
        return work

    async def stop(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._held.aclose()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self.ledger.dsn, autocommit=True)


@pytest.fixture
async def log(
    ledger: Database, tree: SmallLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    """Not yet started; the witnesses are up."""
    monkeypatch.setattr(module, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.2)
    running = Running(ledger, tree, tmp_path / "log-state.json")
    with witnessing(running.bf, running.ml):
        yield running
        await running.stop()


async def grows_to_attested(log: Running, ask: Ask, size: int) -> None:
    """Put leaves up to this size, and wait until enough witnesses have seen it."""
    put(log.ledger.dsn, log.tree, size - log.tree.size)

    async def done() -> bool:
        return (size,) in await asyncio.to_thread(ask, ATTESTED)

    await until(done, f"a checkpoint of {size} is attested", 20)


async def says(work: LogWork, name: str, code: str) -> None:
    """Wait until the worker says this of a witness."""

    async def done() -> bool:
        return bool(work.shown()["witnesses"][name]["state"] == code)

    await until(done, f"{name}: {code}", 20)


async def test_a_checkpoint_that_both_others_have_seen_is_attested(log: Running, ask: Ask) -> None:
    """Each is asked from what it saw last; what is served holds under the policy."""
    work = await log.start()
    for size in (3, 300, 301):
        await grows_to_attested(log, ask, size)

    assert ask(COSIGNED) == [(3, "bf ml"), (300, "bf ml"), (301, "bf ml")]
    assert log.bf.asked == log.ml.asked == [0, 3, 300]
    said = "SELECT max(said) FROM log_cosignature c WHERE c.size = k.size"
    assert ask(f"SELECT count(*) FROM log_checkpoint k WHERE witnessed = ({said})") == [(3,)]
    assert work.shown() == {
        "state": "ok",
        "witnesses": {name: {"cosigned": 301, "state": "ok", "detail": ""} for name in ("bf", "ml")},
    }


async def test_a_witness_that_hangs_delays_nobody(log: Running, ask: Ask) -> None:
    """The other goes on with every checkpoint; when it wakes, it joins."""
    log.ml.awake.clear()
    await log.start()
    for size in (1, 2, 3):
        put(log.ledger.dsn, log.tree, 1)
        await until(partial(_is, ask, size, "bf"), f"bf has cosigned {size}", 20)
    log.ml.awake.set()
    await grows_to_attested(log, ask, 4)


async def _is(ask: Ask, size: int, names: str) -> bool:
    return (size, names) in await asyncio.to_thread(ask, COSIGNED)


async def test_a_witness_that_was_away_is_asked_again(log: Running, ask: Ask) -> None:
    """503 until it is there, as a proxy before it would say."""
    log.bf.answers = [(503, b"")] * 3
    work = await log.start()
    put(log.ledger.dsn, log.tree, 5)
    await says(work, "bf", "failed.witness")
    await grows_to_attested(log, ask, 5)

    assert work.shown()["witnesses"]["bf"]["state"] == "ok"


async def test_one_that_forgot_is_asked_from_what_it_knows(log: Running, ask: Ask) -> None:
    """409 with an older size: the proof is made anew from there."""
    await log.start()
    await grows_to_attested(log, ask, 10)
    log.bf.held = log.tree.checkpoint(7)
    await grows_to_attested(log, ask, 20)

    assert log.bf.asked == [0, 10, 7]


async def test_a_cosignature_that_was_lost_on_the_way_is_asked_for_again(log: Running, ask: Ask) -> None:
    """We died between its answer and our note of it: it knows the size already, and signs it once more."""
    await log.start()
    await grows_to_attested(log, ask, 6)
    await log.stop()
    with psycopg.connect(log.ledger.dsn) as connection:
        connection.execute("DELETE FROM log_cosignature")
        connection.execute("UPDATE log_checkpoint SET attested = NULL")
    await log.start()
    await grows_to_attested(log, ask, 6)

    assert ask(COSIGNED) == [(6, "bf ml")]


def _line(country: str, text: str, time: int = AT) -> bytes:
    return f"{WITNESSES[country].sign(text, time)}\n".encode()


LIES: dict[str, tuple[int, bytes, str]] = {
    "another's signature": (200, _line("ml", "x\n"), "refused.witness.signature"),
    "over another tree": (200, _line("bf", FORGED.checkpoint().text), "refused.witness.signature"),
    "of bytes": (
        200,
        f"{Signature('tamani.test/witness/bf', b'1234', b'x' * 72)}\n".encode(),
        "refused.witness.signature",
    ),
    "junk": (200, b"\xff\xfe\n\n", "refused.witness.answer"),
    "nothing": (200, b"", "refused.witness.signature"),
    "too much": (200, b"x" * 200_000, "refused.witness.answer"),
    "a page": (302, b"<html>", "refused.witness.answer"),
    "no such log": (404, b"", "refused.witness.log"),
    "not from you": (403, b"", "refused.witness.log"),
    "a conflict that is none": (422, b"", "refused.witness.conflict"),
    "a size that nobody signed": (409, b"1000\n", "refused.witness.size"),
    "a size that is none": (409, b"many\n", "refused.witness.answer"),
    "the same size again": (409, b"0\n", "refused.witness.answer"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_of_a_witness_is_said_and_stops_nothing(log: Running, ask: Ask, lie: str) -> None:
    """The other witness is not touched, the log goes on, and the truth is taken when it comes."""
    status, content, code = LIES[lie]
    log.bf.answers = [(status, content)] * 4
    work = await log.start()
    put(log.ledger.dsn, log.tree, 9)
    await says(work, "bf", code)
    await until(lambda: _has(ask, 9, "ml"), "ml has cosigned", 20)
    await grows_to_attested(log, ask, 9)

    assert work.refusal is None
    assert log.bf.shown
    assert {(one.size, one.root) for one in log.bf.shown} == {(9, log.tree.checkpoint(9).root)}


async def _has(ask: Ask, size: int, name: str) -> bool:
    found = await asyncio.to_thread(ask, COSIGNED)
    return any(at == size and name in names for at, names in found)


async def test_a_damaged_table_is_said_and_ends_nothing(log: Running, ask: Ask) -> None:
    """The cosignature cannot be stored; it is once the table is mended."""
    with psycopg.connect(log.ledger.dsn) as connection:
        connection.execute("ALTER TABLE log_cosignature ADD CONSTRAINT spite CHECK (size < 0)")
    work = await log.start()
    put(log.ledger.dsn, log.tree, 9)
    await says(work, "bf", "failed.log.state")
    with psycopg.connect(log.ledger.dsn) as connection:
        connection.execute("ALTER TABLE log_cosignature DROP CONSTRAINT spite")
    await grows_to_attested(log, ask, 9)


async def test_a_witness_that_swings_between_sizes_is_not_asked_without_end(log: Running, ask: Ask) -> None:
    """One correction is followed at once; a second one is an answer that makes no sense."""
    log.bf.answers = [(409, b"3\n"), (409, b"5\n"), (409, b"3\n"), (409, b"5\n")]
    work = await log.start()
    put(log.ledger.dsn, log.tree, 9)
    await says(work, "bf", "refused.witness.answer")
    await grows_to_attested(log, ask, 9)

    assert log.bf.asked[:2] == [0, 3]


@pytest.mark.parametrize("size", [5, 30])
async def test_a_witness_that_can_show_another_history_stops_the_log(log: Running, ask: Ask, size: int) -> None:
    """It holds a checkpoint of ours, signed by our key, that our tree does not begin with or reach: we went back."""
    work = await log.start()
    await grows_to_attested(log, ask, 9)
    other = log.tree.fork(2).append(size - 2, mark="forged")
    log.bf.held, log.bf.note = other.checkpoint(), other.note()
    put(log.ledger.dsn, log.tree, 1)

    async def refused() -> bool:
        return work.refusal is not None

    await until(refused, "the log refuses", 20)
    shown = work.shown()

    assert shown["state"] == "failed.log.rewound"
    assert "tamani archive rebuild" in shown["fr"]
    assert "tamani archive rebuild" in shown["en"]


async def test_after_the_whole_host_went_back_nothing_is_signed_before_the_witnesses_were_asked(
    log: Running, ask: Ask
) -> None:
    """Database and file are of yesterday; the first look of the new process is at what witnesses hold."""
    await log.start()
    await grows_to_attested(log, ask, 9)
    await log.stop()
    with psycopg.connect(log.ledger.dsn) as connection:
        for table in ("log_cosignature", "log_checkpoint", "log_tile", "log_leaf"):
            connection.execute(f"DELETE FROM {table}")
    log.memory.unlink()
    log.tree = SmallLog()
    put(log.ledger.dsn, log.tree, 12, mark="forged")
    before = len(log.bf.shown)
    work = await log.start()

    async def refused() -> bool:
        return work.refusal is not None

    await until(refused, "the log refuses", 20)

    assert ask("SELECT size, note FROM log_checkpoint") == [(12, None)]
    assert len(log.bf.shown) == before
