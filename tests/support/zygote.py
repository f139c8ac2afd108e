"""Many short lives of one program: a process imports it once, and forks for each line it is given.

    python -m tests.support.some_worker        a line in, `WORD WORD …`: a life; a line out: how it ended

A life is a process of its own and ends as one: by SIGKILL where a test wants that, and nothing of it is flushed. It
costs a fork, not the seconds that importing costs.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


def serve_lives(live: Callable[[list[str]], None]) -> None:
    """In the worker: fork for each line of stdin, and say on stdout with which status the child ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_born(live, line.split())
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_born(live: Callable[[list[str]], None], words: list[str]) -> None:
    """The whole of a child's life; it never returns to the loop of its parent."""
    os.dup2(2, 1)  # stdout is the parent's, for the answers
    try:
        live(words)
    except BaseException:  # noqa: BLE001 - the end of the process, told on stderr
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


class Zygote:
    """The worker, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str], said: IO[str]) -> None:
        self._process, self._said = process, said

    def live(self, *words: object) -> int:
        """One life; its exit code, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the worker itself has ended\n{self.said}"
        return int(answer)

    @property
    def said(self) -> str:
        """The last that it and its children wrote to stderr."""
        self._said.seek(0)
        return self._said.read()[-3000:]

    def killed(self, *words: object) -> None:
        """One life that must end by SIGKILL."""
        assert self.live(*words) == KILLED, self.said


@contextmanager
def zygote(module: str, *arguments: object) -> Iterator[Zygote]:
    """A worker of this module for as long as the block lasts."""
    with tempfile.TemporaryFile("a+") as said:
        argv = [sys.executable, "-m", module, *map(str, arguments)]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            argv, cwd=ROOT, text=True, start_new_session=True, stdin=pipe, stdout=pipe, stderr=said
        ) as process:
            try:
                yield Zygote(process, said)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)  # a life that hangs ends with its test
                raise
