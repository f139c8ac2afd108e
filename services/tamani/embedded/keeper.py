"""Keep one part of the platform alive: start it, wait until it answers, start it again when it ends by itself."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tamani.core.errors import OutageError, TamaniError
from tamani.embedded.child import Child, Command
from tamani.embedded.screen import Screen

FIRST_WAIT = 0.3
LONGEST_WAIT = 30.0
STEADY = 60.0  # having run so long, a part is forgiven its earlier ends
ASK_AGAIN = 0.1


async def nothing() -> None:
    """What most parts need once they answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the platform: how to run it, how to know that it works, and what to do each time it does."""

    name: str
    address: str
    prepare: Callable[[], Command]
    answers: Callable[[], Awaitable[bool]]
    log: Path
    when_ready: Callable[[], Awaitable[None]] = field(default=nothing)


class Keeper:
    """The life of one part, from `start` to `stop`."""

    def __init__(self, part: Part, screen: Screen) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.defect: TamaniError | None = None
        self._screen = screen
        self._stopping = asyncio.Event()
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The running process."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> asyncio.Task[None]:
        """Begin. The task ends after `stop`, or with the error that makes going on useless."""
        self._task = asyncio.create_task(self._live(), name=self.part.name)
        return self._task

    def kill(self) -> None:
        """End the program at once and for good: some other part was told to stop and is taking too long."""
        self._stopping.set()
        if self._child is not None and self._child.poll() is None:
            self._child.kill()

    async def stop(self) -> None:
        """End the program and wait until it is gone."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)  # its error, if any, was told when it happened

    async def _live(self) -> None:
        wait, started = FIRST_WAIT, False
        while not self._stopping.is_set():
            try:
                command = await asyncio.to_thread(self._prepare)
            except TamaniError as error:
                if not started:
                    raise
                self._screen.warned(error)
            else:
                if self._stopping.is_set():
                    return  # told meanwhile
                began, started = time.monotonic(), True
                status = await self._run(command, began)
                if status is None:
                    return
                wait = FIRST_WAIT if time.monotonic() - began > STEADY else wait
                self._screen.ended(self.part.name, status, wait, self.part.log)
            await self._pause(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _prepare(self) -> Command:
        try:
            return self.part.prepare()
        except OSError as error:
            raise OutageError("failed.disk", f"{self.part.name}: {error}") from error

    async def _run(self, command: Command, began: float) -> int | None:
        """One life of the program: its status if it ended by itself, nothing if we ended it."""
        self._child = Child(command)
        greeting = asyncio.create_task(self._greet(began))
        ended = asyncio.create_task(self._child.exited())
        told = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await self._child.stop()
                return None
            return await ended
        finally:
            self.ready.clear()
            self.defect = None
            for task in (greeting, ended, told):
                task.cancel()
            await asyncio.gather(greeting, ended, told, return_exceptions=True)
            if self._child.poll() is None:
                self._child.kill()

    async def _greet(self, began: float) -> None:
        """Wait for its first answer, do what is due then, and say so."""
        while not (await self.part.answers() and await self._welcome()):  # noqa: ASYNC110 - a program cannot call us
            await asyncio.sleep(ASK_AGAIN)
        if self.defect is None:
            self._screen.ready(self.part.name, self.part.address, time.monotonic() - began)
        self.ready.set()

    async def _welcome(self) -> bool:
        """Whether there is nothing left to do: an outage means to come back, a defect that it is of no use."""
        try:
            await self.part.when_ready()
        except OutageError as error:
            self._screen.warned(error)
            return False
        except TamaniError as error:
            self._screen.failed(error)
            self.defect = error
        return True
