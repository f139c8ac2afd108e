"""A node at work: its application, and the tasks that send, hear and beat beside it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from fastapi import FastAPI

from tamani.node.outbox import Outbox
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
GRACE_SECONDS = 5.0
SWEEP_SECONDS = 3600.0
Job = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(slots=True)
class NodeService:
    """The parts of a running node. `failed` ends when a task of it has, which is always a defect."""

    app: FastAPI
    outbox: Outbox
    registry: RegistryHolder
    jobs: Mapping[str, Job]
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self) -> None:
        """Open the outbox for work and start the tasks."""
        await self.outbox.start()
        await self.registry.start()
        for name, job in self.jobs.items():
            self._tasks.add(asyncio.create_task(_as_task(job, self._stop), name=name))

    async def failed(self) -> None:
        """Wait for a task to end; nothing but a defect (or `stop`) ends one.

        Raises:
            Exception: what ended it.
        """
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """Let the tasks finish what the broker is about to acknowledge, then close. Nothing unsent is lost."""
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.registry.stop()
        await self.outbox.stop()


async def _as_task(job: Job, stop: asyncio.Event) -> None:
    await job(stop)


async def sweep(outbox: Outbox, stop: asyncio.Event) -> None:
    """Now and each hour, forget the bytes of what was answered ninety days ago."""
    while not stop.is_set():
        if dropped := await outbox.drop_old():
            log.info("old rows dropped", rows=dropped)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)
