"""`tamani up` as a person starts it, on free ports: its words, its processes, its end by Ctrl-C or by SIGKILL."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tamani.core.names import Country
from tamani.embedded.ports import is_free
from tests.support.cluster import wait_until
from tests.support.ports import free_ports

READY = "all is ready"
PORTS = (
    "rg",
    "bf",
    "ml",
    "ne",
    "archive",
    "router",
    "witness-bf",
    "witness-ml",
    "witness-ne",
    "kafka",
    "kafka-controller",
    "postgres",
)
START_SECONDS = 240.0
STOP_SECONDS = 90.0
TAMANI = (sys.executable, "-m", "tamani")


def free_up_ports() -> dict[str, int]:
    """A free port for each part."""
    return dict(zip(PORTS, free_ports(len(PORTS)), strict=True))


def run_tamani(*words: str, seconds: float = 120, before: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """One command, to its end; `before` is what starts it, for instance `env` with settings."""
    return subprocess.run([*before, *TAMANI, *words], capture_output=True, text=True, timeout=seconds, check=False)


def fails(*argv: str) -> bool:
    """Whether this machine refuses the command."""
    return subprocess.run(argv, capture_output=True, check=False).returncode != 0


@dataclass
class UpRun:
    """A data folder with the ports that belong to it, over any number of starts."""

    data: Path
    ports: dict[str, int] = field(default_factory=free_up_ports)
    words: Sequence[str] = ()
    before: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def screen(self) -> str:
        """All that it has said since its last start."""
        return self._said.read_text("utf-8")

    def url(self, country: Country) -> str:
        """The address of a site."""
        return f"http://127.0.0.1:{self.ports[country.value]}"

    def client(self, principal: str) -> dict[str, str | int]:
        """librdkafka's settings to meet its broker as this principal."""
        return {
            "bootstrap.servers": f"127.0.0.1:{self.ports['kafka']}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": principal,
            "sasl.password": (self.data / "secrets" / f"{principal}.password").read_text().strip(),
            "log_level": 2,
        }

    def tamani(self, *words: str) -> str:
        """A command that an operator of it gives, its ports told by the environment; what it prints.

        Raises:
            AssertionError: it failed.
        """
        parts = ("kafka", "postgres", "archive", "router")
        ports = {f"{part}_PORT".upper(): str(self.ports[part]) for part in parts}
        ports["SITE_PORTS"] = json.dumps({cc.value: self.ports[cc.value] for cc in Country})
        ports["WITNESS_PORTS"] = json.dumps({cc: self.ports[f"witness-{cc}"] for cc in ("bf", "ml", "ne")})
        settings = [f"TAMANI_UP_{name}={value}" for name, value in ports.items()]
        done = run_tamani(*words, before=("env", *settings))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, until: Callable[[], bool] | None = None) -> "UpRun":
        """Give the command; return when it says that all is ready, or when `until` holds if that comes first."""
        ports = [word for name, port in self.ports.items() for word in (f"--port-{name}", str(port))]
        argv = [*self.before, *TAMANI, "up", "--data", str(self.data), *ports, *self.words]
        with self._said.open("wb") as out:
            self.process = process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT)

        def there() -> bool:
            assert process.poll() is None, self.screen + self._ends()
            return READY in self.screen or (until is not None and until())

        wait_until(there, "tamani up", START_SECONDS)
        return self

    def processes(self) -> list[psutil.Process]:
        """Every process below it."""
        return self.top.children(recursive=True)

    @property
    def top(self) -> psutil.Process:
        """The process of the command itself."""
        return psutil.Process(self._running.pid)

    def part(self, word: str) -> psutil.Process:
        """The process with this word on its command line."""
        (found,) = [process for process in self.processes() if any(word in part for part in process.cmdline())]
        return found

    def told(self, *words: str) -> str:
        """Every line of every log that has one of these words: what a wait in vain leaves to be read."""
        logs = [path for path in sorted((self.data / "logs").glob("*.log")) if path.stem not in {"kafka", "postgres"}]
        lines = ((log.stem, line) for log in logs for line in log.read_text("utf-8", "replace").splitlines())
        return "\n".join(f"{name}: {line[:300]}" for name, line in lines if any(word in line for word in words))

    def stop(self) -> None:
        """Ctrl-C: it ends in good order."""
        self._running.send_signal(signal.SIGINT)
        assert self._running.wait(STOP_SECONDS) == 0, self.screen + self._ends()

    def kill(self) -> None:
        """As a power cut would: no chance to clean up; what it had started dies with it."""
        self._running.kill()
        self._running.wait(STOP_SECONDS)
        wait_until(lambda: all(map(is_free, self.ports.values())), "every port is free again", STOP_SECONDS)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.stop()

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None, "it was never started"
        return self.process

    @property
    def _said(self) -> Path:
        return self.data.with_suffix(".screen")

    def _ends(self) -> str:
        """The last words of every log, for a start that failed."""
        logs = sorted((self.data / "logs").glob("*.log"))
        return "".join(f"\n== {log.name}\n{log.read_text('utf-8', 'replace')[-1500:]}" for log in logs)
