"""A part of the bus as a real process: started on a tether, kept alive as a supervisor would, ended by its own pid."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psutil

from tamani.embedded.child import Child, Command
from tests.support.waiting import until

AGAIN = 0.3


@dataclass(frozen=True, slots=True)
class Left:
    """One end of a process: when (monotonic), with which status, and whether the test had wished it."""

    at: float
    status: int
    wished: bool


@dataclass
class Part:
    """One process under a keeper that starts it again whenever it ends, unless it was stopped by `stop`.

    `begun` makes a process of a command.
    """

    name: str
    command: Callable[[], Command]
    answers: Callable[[], Awaitable[bool]]
    begun: Callable[[Command], Child] = Child
    left: list[Left] = field(default_factory=list)
    child: Child | None = None
    started: float = 0.0
    _keeper: asyncio.Task[None] | None = None
    _wished: bool = False

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self.child is not None, f"{self.name} was never started"
        return self.child.pid

    @property
    def unwished(self) -> int:
        """How often it ended of itself."""
        return sum(not end.wished for end in self.left)

    async def start(self) -> None:
        """Start it and keep it."""
        self._wished = False
        self._begin()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def ready(self, seconds: float = 180.0) -> None:
        """Wait until it answers."""
        await until(self.answers, f"{self.name} answers (see {self.command().log})", seconds)

    async def running(self) -> None:
        """Wait until there is a process (not: until it answers)."""
        await until(self._runs, f"{self.name} runs", 30)

    async def _runs(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def kill(self) -> None:
        """SIGKILL its process, and its children with it; the keeper starts it again."""
        self._wished = True
        os.killpg(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: it lives but does nothing."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.killpg(self.pid, signal.SIGCONT)

    async def stop(self) -> None:
        """End it in good order and keep it ended."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self.child is not None and self.child.poll() is None:
            self.thaw()
            await self.child.stop()

    async def end(self) -> None:
        """End it without a word and keep it ended."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self.child is not None:
            self.child.kill()

    def _begin(self) -> None:
        self.started = time.monotonic()
        self.child = self.begun(self.command())

    async def _keep(self) -> None:
        while True:
            assert self.child is not None
            status = await self.child.exited()
            self.left.append(Left(time.monotonic(), status, self._wished))
            await asyncio.sleep(0 if self._wished else AGAIN)
            self._wished = False
            self._begin()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and its children have used: seconds of CPU, and memory (PSS, bytes)."""

    cpu: float
    memory: int


def cost(pid: int) -> Cost:
    """The cost of the process tree of a pid so far; children that ended and were waited for are counted."""
    top = psutil.Process(pid)
    cpu, memory = 0.0, 0
    for process in (top, *top.children(recursive=True)):
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return Cost(cpu, memory)
