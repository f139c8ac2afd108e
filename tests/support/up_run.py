"""`tamani up` as a person starts it, on free ports: its words, its processes, its end by Ctrl-C or by SIGKILL."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tamani.core.names import Country
from tamani.embedded.ports import free_ports
from tests.support.cluster import wait_until

READY = "all is ready"
PORTS = ("rg", "bf", "ml", "ne", "archive", "router", "kafka", "kafka-controller", "postgres")
START_SECONDS = 240.0
TAMANI = (sys.executable, "-m", "tamani")


def free_up_ports() -> dict[str, int]:
    """A free port for each part."""
    return dict(zip(PORTS, free_ports(len(PORTS)), strict=True))


def run_tamani(*words: str, seconds: float = 120) -> "subprocess.CompletedProcess[str]":
    """One command, to its end."""
    return subprocess.run([*TAMANI, *words], capture_output=True, text=True, timeout=seconds, check=False)


@dataclass
class UpRun:
    """One start of `tamani up` on a data folder."""

    data: Path
    ports: dict[str, int] = field(default_factory=free_up_ports)
    before: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def screen(self) -> str:
        """All that it has said."""
        return self.data.with_suffix(".screen").read_text("utf-8")

    def url(self, country: Country) -> str:
        """The address of a site."""
        return f"http://127.0.0.1:{self.ports[country.value]}"

    def start(self, *words: str) -> "UpRun":
        """Start it and wait until it says that all is ready."""
        ports = [word for name, port in self.ports.items() for word in (f"--port-{name}", str(port))]
        argv = [*self.before, *TAMANI, "up", "--data", str(self.data), *ports, *words]
        with self.data.with_suffix(".screen").open("wb") as out:
            self.process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT)
        wait_until(self._said, "tamani up", START_SECONDS)
        return self

    def processes(self) -> list[psutil.Process]:
        """Every process below it."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, word: str) -> psutil.Process:
        """The process with this word on its command line."""
        (found,) = [process for process in self.processes() if any(word in part for part in process.cmdline())]
        return found

    def interrupt(self) -> int:
        """Ctrl-C; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def kill(self) -> None:
        """SIGKILL: no chance to clean up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.interrupt()

    def _said(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.screen
        return READY in self.screen
