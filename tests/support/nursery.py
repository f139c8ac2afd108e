"""Services that are started often: forked from a process that has imported them once, each a process of its own.

    child = born(command)        in place of `Child(command)`

Most of a service's start is importing. What forks here has the environment, log, folder, session and fate of a `Child`
and runs the command line from its first word on; only its imports are its parent's. `tamani up` and what measures
start their parts from nothing.
"""

import atexit
import gc
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from tamani.cli.app import run
from tamani.embedded.child import Child, Command
from tamani.embedded.tether import tie

SERVICE = ("-m", "tamani", "serve")
ROOT = Path(__file__).parents[2]
# What `tamani serve` imports when it knows which service is wanted, and what these import in turn when they work.
MODULES = ("cli.site", "router.main", "archive.main", "witness.main")


def born(command: Command) -> Child:
    """A child that runs this command: forked if it is a service of ours, started as ever if it is another program."""
    return Forked(command) if command.argv[1:4] == SERVICE else Child(command)


class Forked(Child):
    """A service that was forked."""

    def _start(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        asked = {
            "argv": self.command.argv[3:],
            "environment": dict(self.command.environment),
            "cwd": str(self.command.cwd or Path.cwd()),
            "log": log.name,
            "orphaned": int(self.command.orphaned),
        }
        return cast("subprocess.Popen[bytes]", _Process(_nursery(), _nursery().ask("start", asked)))


class _Process:
    """What `Child` uses of a `Popen`. The nursery reaps only when asked: until then the number is nobody else's."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid
        self._ended: int | None = None

    def poll(self) -> int | None:
        """Its exit status, if it has ended."""
        if self._ended is None:
            self._ended = self._nursery.ask("status", self.pid)
        return self._ended

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, when it has ended."""
        if self.poll() is None:
            descriptor = os.pidfd_open(self.pid)
            with selectors.DefaultSelector() as ended, os.fdopen(descriptor):
                ended.register(descriptor, selectors.EVENT_READ)
                if not ended.select(timeout):
                    raise subprocess.TimeoutExpired(SERVICE, timeout or 0.0)
        status = self.poll()
        assert status is not None
        return status


class Nursery:
    """The process that forks, as a test sees it: a question in a line, its answer in a line."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._said = tempfile.TemporaryFile("a+")  # noqa: SIM115 - as long as this process
        argv = [sys.executable, "-u", "-X", "faulthandler", "-m", "tests.support.nursery"]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, text=True, start_new_session=True, stdin=pipe, stdout=pipe, stderr=self._said
        )
        self._turn = threading.Lock()

    def ask(self, what: str, about: Any) -> Any:
        """One question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps([what, about]) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        assert answer, f"the nursery has ended\n{self.last_words}"
        return json.loads(answer)

    @property
    def last_words(self) -> str:
        """What it wrote to stderr."""
        self._said.seek(0)
        return self._said.read()[-3000:]

    def close(self) -> None:
        """No more questions: it ends, and with it whoever still lives."""
        self._process.communicate()
        self._said.close()


@cache
def _nursery() -> Nursery:
    """One for this process, begun when first asked; it ends with us, however we end."""
    made = Nursery()
    atexit.register(made.close)
    return made


# From here on: within the nursery.


def _serve() -> None:
    """Answer until nobody can ask any more."""
    for name in MODULES:
        import_module(f"tamani.{name}")
    gc.freeze()
    for line in sys.stdin:
        what, about = json.loads(line)
        print(json.dumps(_fork(**about) if what == "start" else _status(about)), flush=True)


def _status(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _fork(argv: Sequence[str], orphaned: int, **given: Any) -> int:
    """The number of a new service, which has its own session and log by now; in it, this ends with the process."""
    nursery, (born_, borne) = os.getpid(), os.pipe()
    if child := os.fork():
        os.close(borne)
        os.read(born_, 1)
        os.close(born_)
        return child
    _leave_home(**given)
    tie(orphaned)
    os.close(borne)
    sys.exit(run(argv) if os.getppid() == nursery else signal.SIGKILL)


def _leave_home(environment: dict[str, str], cwd: str, log: str) -> None:
    os.setsid()
    os.umask(0o077)
    os.chdir(cwd)
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    for number, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), out, out)):
        os.dup2(descriptor, number)
    os.environ.clear()  # noqa: TID251 - it becomes another program
    os.environ.update(environment)  # noqa: TID251


if __name__ == "__main__":
    _serve()
