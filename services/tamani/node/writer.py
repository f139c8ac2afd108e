"""Group commit: one thread writes; whatever is asked of it during one fsync shares the next.

Each piece of work runs in a savepoint of its own, so that one that is refused takes nothing with it; nobody is answered
before the transaction is on the disk.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from tamani.core.errors import OutageError

T = TypeVar("T")
Work = Callable[[Connection], T]
LARGEST_GROUP = 256


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    done: "asyncio.Future[Any]"


@dataclass(slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class GroupWriter:
    """The only writer of a node's file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, "outbox-writer")
        self._task: asyncio.Task[None] | None = None
        self.commits = 0

    async def start(self) -> None:
        """Begin to take work."""
        self._task = asyncio.create_task(self._write_for_ever(), name="outbox-writer")

    async def stop(self) -> None:
        """Finish what was asked, then close the thread."""
        if self._task is not None:
            await self._jobs.put(None)
            await self._task
        self._thread.shutdown()

    async def write(self, work: Work[T]) -> T:
        """The result of `work`, durable.

        Raises:
            OutageError: `failed.disk` or `failed.database`: nothing was written.
            Exception: whatever `work` raised; its own part is rolled back.
        """
        if self._task is None or self._task.done():
            raise OutageError("failed.database", "the writer has stopped")
        job = _Job(work, asyncio.get_running_loop().create_future())
        await self._jobs.put(job)
        # A client that hangs up does not undo what its group has begun.
        result: T = await asyncio.shield(job.done)
        return result

    async def _write_for_ever(self) -> None:
        while (first := await self._jobs.get()) is not None:
            group, last = self._collect(first)
            await self._settle(group)
            if last:
                return

    def _collect(self, first: _Job) -> tuple[list[_Job], bool]:
        group = [first]
        while len(group) < LARGEST_GROUP and not self._jobs.empty():
            job = self._jobs.get_nowait()
            if job is None:
                return group, True
            group.append(job)
        return group, False

    async def _settle(self, group: list[_Job]) -> None:
        loop = asyncio.get_running_loop()
        outcomes: Iterable[_Outcome]
        try:
            outcomes = await loop.run_in_executor(self._thread, self._commit, [job.work for job in group])
        except OperationalError as error:
            # Disk full, or the file held by a stranger: nothing of this group is written, and each is told so.
            outcomes = [_Outcome(error=_outage(error)) for _ in group]
        for job, outcome in zip(group, outcomes, strict=True):
            _answer(job.done, outcome)

    def _commit(self, works: list[Work[Any]]) -> list[_Outcome]:
        with self._engine.connect().execution_options(writing=True) as connection, connection.begin():
            outcomes = [_run(connection, work) for work in works]
        self.commits += 1
        return outcomes


def _run(connection: Connection, work: Work[Any]) -> _Outcome:
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - not swallowed: it is raised in the caller of `write`, and only there
        savepoint.rollback()
        return _Outcome(error=error)
    savepoint.commit()
    return _Outcome(value)


def _answer(done: "asyncio.Future[Any]", outcome: _Outcome) -> None:
    if done.done():
        return
    if outcome.error is not None:
        done.set_exception(outcome.error)
    else:
        done.set_result(outcome.value)


def _outage(error: OperationalError) -> OutageError:
    full = "full" in str(error.orig)
    return OutageError("failed.disk" if full else "failed.database", str(error.orig))
