"""Small real programs for a supervisor to keep."""

import sys
from io import StringIO
from pathlib import Path

from rich.console import Console

from tamani.embedded.child import Command
from tamani.embedded.keeper import Part
from tamani.embedded.screen import Screen

# Says that it is up, then lives until it is told to end; `deaf` does not listen to that.
PROGRAM = """
import pathlib, signal, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: (print("goodbye", flush=True), sys.exit(0)))
print("hello", flush=True)
pathlib.Path(sys.argv[1]).touch()
if "brief" in sys.argv:
    sys.exit(3)
while True:
    time.sleep(3600)
"""


def part(folder: Path, name: str, *words: str, grace: float = 10.0) -> Part:
    """A part that answers once its program has touched a file."""
    flag, log = folder / f"{name}.up", folder / f"{name}.log"
    command = Command((sys.executable, "-c", PROGRAM, str(flag), *words), log, grace=grace)

    def prepare() -> Command:
        flag.unlink(missing_ok=True)
        return command

    async def answers() -> bool:
        return flag.exists()

    return Part(name, "here", prepare, answers, log)


class QuietScreen(Screen):
    """A screen that can be read back."""

    def __init__(self) -> None:
        self._written = StringIO()
        super().__init__(Console(file=self._written, width=200))

    @property
    def said(self) -> str:
        """All that was shown."""
        return self._written.getvalue()
