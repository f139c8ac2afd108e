"""`tamani up --demo` as a person starts it: one command, one data folder, its words on the screen, Ctrl-C."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tamani.core.names import Country
from tamani.embedded.ports import free_ports, is_free
from tests.support.cluster import wait_until

READY = "all is ready"
PORTS = ("rg", "bf", "ml", "ne", "archive", "router", "kafka", "kafka-controller", "postgres")
START_SECONDS = 240.0


@dataclass
class DemoRun:
    """A data folder with the ports that belong to it, over any number of starts."""

    data: Path
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
    _process: subprocess.Popen[bytes] = field(init=False)

    def url(self, country: Country) -> str:
        """The address of a site."""
        return f"http://127.0.0.1:{self.ports[country.value]}"

    def token(self, source: str) -> str:
        """What a visitor finds in the token file of a body."""
        _, country, slug = source.split("/")
        return (self.data / "sites" / country / "tokens" / f"{slug}.token").read_text().strip()

    def client(self, principal: str) -> dict[str, str | int]:
        """librdkafka's settings to read Kafka as this principal."""
        return {
            "bootstrap.servers": f"127.0.0.1:{self.ports['kafka']}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": principal,
            "sasl.password": (self.data / "secrets" / f"{principal}.password").read_text().strip(),
            "log_level": 2,
        }

    @property
    def figures(self) -> list[str]:
        """The promised line and the reasons under it."""
        lines = self.screen.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("archived="))
        reasons = [line for line in lines[first + 1 :] if line.startswith("  ")]
        return [lines[first], *reasons]

    def _ends(self) -> str:
        """The last words of every log, for a start that failed."""
        logs = sorted((self.data / "logs").glob("*.log"))
        return "".join(f"\n== {log.name}\n{log.read_text('utf-8', 'replace')[-1500:]}" for log in logs)

    def start(self, until: Callable[[], bool] | None = None) -> None:
        """Give the command; return when it says that all is ready, or when `until` holds if that comes first."""
        words = [word for name, port in self.ports.items() for word in (f"--port-{name}", str(port))]
        argv = [sys.executable, "-m", "tamani", "up", "--demo", "--data", str(self.data), *words]
        with self._said.open("wb") as out:
            self._process = process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT)

        def there() -> bool:
            assert process.poll() is None, self.screen + self._ends()
            return READY in self.screen or (until is not None and until())

        wait_until(there, "tamani up --demo", START_SECONDS)

    def stop(self) -> None:
        """Ctrl-C, and all is gone."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(60) == 0, self.screen + self._ends()

    def kill(self) -> None:
        """As a power cut would; what it had started dies with it."""
        self._process.kill()
        self._process.wait(60)
        wait_until(lambda: all(map(is_free, self.ports.values())), "every port is free again", START_SECONDS)

    @contextmanager
    def up(self) -> Iterator[None]:
        """From the command to its end."""
        try:
            self.start()
            yield
        finally:
            self.stop()

    @property
    def done(self) -> int:
        """How many steps of the plan are over."""
        path = self.data / "demo" / "plan.json"
        return len(json.loads(path.read_text("utf-8"))["done"]) if path.exists() else 0

    @property
    def screen(self) -> str:
        """What it has said so far."""
        return self._said.read_text("utf-8")

    @property
    def _said(self) -> Path:
        return self.data.with_suffix(".screen")
