"""One child process: started on a tether, logged to its own file, watched without polling, stopped with patience."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LONGEST_LOG = 50 * 1024 * 1024  # looked at when a part starts; one older file is kept
TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True, slots=True)
class Owner:
    """The user a program runs as; uid 0 means whoever runs the supervisor."""

    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and how to end it: `stop` asks politely, `orphaned` is sent by the kernel if we die first."""

    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    owner: Owner = Owner()
    cwd: Path | None = None
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL
    grace: float = 20.0

    def tethered(self) -> list[str]:
        """The full command line, tether first."""
        fate = [str(os.getpid()), str(int(self.orphaned)), str(self.owner.uid), str(self.owner.gid)]
        return [sys.executable, "-I", "-S", str(TETHER), *fate, *self.argv]


class Child:
    """A running program. Start it from the main thread: the kernel ties its life to the thread that starts it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        command.log.parent.mkdir(parents=True, exist_ok=True)
        if command.log.exists() and command.log.stat().st_size > LONGEST_LOG:
            command.log.replace(command.log.with_name(command.log.name + ".1"))
        with command.log.open("ab") as log:
            self._process = self._start(log)

    def _start(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.command.tethered(),
            env=dict(self.command.environment),
            cwd=self.command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
        )

    @property
    def pid(self) -> int:
        """The process, and since it leads its own session, its process group too."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        return self._process.poll()

    async def exited(self) -> int:
        """Wait for the end and tell the exit status."""
        if (status := self._process.poll()) is not None:
            return status
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        descriptor = os.pidfd_open(self.pid)
        loop.add_reader(descriptor, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        return self._process.wait()

    async def stop(self) -> int:
        """Ask it to end; after its grace, end it and whatever it started."""
        if self.poll() is None:
            self._process.send_signal(self.command.stop)
        try:
            status = await asyncio.wait_for(self.exited(), self.command.grace)
        except TimeoutError:
            self._kill_group()
            status = await self.exited()
        return status

    def wait(self) -> int:
        """Block until it has ended: for one-off commands."""
        return self._process.wait()

    def stop_now(self) -> int:
        """The same for callers without an event loop (test fixtures, one-off commands)."""
        if self.poll() is None:
            self._process.send_signal(self.command.stop)
        try:
            return self._process.wait(self.command.grace)
        except subprocess.TimeoutExpired:
            self._kill_group()
            return self._process.wait()

    def kill(self) -> int:
        """End it without a word, as a crash would."""
        self._kill_group()
        return self._process.wait()

    def _kill_group(self) -> None:
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
