"""An archive's writer, publisher, checkpointer and witness client as one process, which kills itself at a named step.

    python -m tests.support.log_worker FOLDER          each line `STEP NTH [MUTANT]` is a life (tests.support.zygote)

Everything is the product's own on a real PostgreSQL, but for Kafka: notices come from a file, by offset, and are read
again from a little before what was committed, as a broker gives again what was not acknowledged.
"""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tamani.archive.keeper import Keeper, Memory
from tamani.archive.ledger import Rows
from tamani.archive.log.steps import Hook, Step
from tamani.archive.log.work import Identity, LogWork
from tamani.archive.notice import Regional
from tamani.archive.publisher import Publisher
from tamani.archive.store import Store
from tamani.core.log.policy import parse_policy
from tamani.runtime.clock import system_clock
from tamani.runtime.database import make_pool
from tamani.runtime.fakes import InMemoryBus, InMemorySender
from tests.support.mutants import KILLED
from tests.support.region import StillRegistry, record
from tests.support.small_log import log_key
from tests.support.zygote import serve_lives

BATCH = 3
AGAIN = 4
PAUSE = 0.01


@dataclass
class Death:
    """Kills this process when a step is reached for the nth time. No handler runs, nothing is flushed."""

    step: Step
    left: int

    def __call__(self, step: Step) -> None:
        self.left -= step is self.step
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def write_notices(path: Path, notices: Sequence[tuple[bytes, str, str]]) -> None:
    """The stream: value, source, subject, a line each."""
    lines = [json.dumps([base64.b64encode(value).decode(), source, subject]) for value, source, subject in notices]
    path.write_text("\n".join(lines))


def _read_notices(path: Path) -> list[Regional]:
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [record(base64.b64decode(value), source, subject, n) for n, (value, source, subject) in enumerate(found)]


async def _trusting(_: psycopg.AsyncConnection[Any]) -> None:
    """One database, which does not go back."""


def _uncounted(_: Rows) -> None:
    """Figures are not asked for."""


async def _keep(dsn: str, stream: list[Regional], registry: StillRegistry, hook: Hook) -> None:
    sender = InMemorySender(InMemoryBus())
    keeper = Keeper(
        dsn,
        store=Store("cluster-1", registry.digest),
        memory=Memory(),
        registry=registry,
        sender=sender,
        trust=_trusting,
        written=_uncounted,
        clock=system_clock,
        hook=hook,
    )
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        row = await (await connection.execute("SELECT max(next_offset) FROM position")).fetchone()
    first = max(0, (row[0] or 0 if row else 0) - AGAIN)
    for at in range(first, len(stream), BATCH):
        await keeper.keep(stream[at : at + BATCH])
        await asyncio.sleep(PAUSE)
    raise AssertionError("the stream has ended, and the step never came")


async def _work(folder: Path, stream: list[Regional], registry: StillRegistry, hook: Hook) -> None:
    dsn = (folder / "dsn").read_text()
    pool = make_pool(dsn, "test")
    await pool.open()

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(dsn, autocommit=True)

    publisher = Publisher(connect, InMemorySender(InMemoryBus()), "test", hook=hook)
    log = LogWork(
        Identity(log_key(), parse_policy((folder / "policy").read_bytes())),
        connect=connect,
        pool=pool,
        fence=lambda: publisher.fence,
        memory=folder / "log-state.json",
        seconds=PAUSE,
        hook=hook,
    )
    jobs = [publisher.run(), publisher.listen(), *log.jobs().values()]
    await asyncio.gather(_keep(dsn, stream, registry, hook), *jobs)


def main(folder: Path) -> None:
    """Read once what each life needs, then live as often as one is asked."""
    stream, registry = _read_notices(folder / "notices"), StillRegistry()

    def live(words: list[str]) -> None:
        step, nth, *mutants = words
        for name in mutants:
            KILLED[name].apply(pytest.MonkeyPatch())
        asyncio.run(_work(folder, stream, registry, Death(Step[step], int(nth))))

    serve_lives(live)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
