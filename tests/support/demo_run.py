"""`tamani up --demo`: what a visitor of the demo finds beside the screen, tokens and figures."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.up_run import UpRun


@dataclass
class DemoRun(UpRun):
    """A data folder of the demo, over any number of starts."""

    words: Sequence[str] = ("--demo",)

    def token(self, source: str) -> str:
        """What a visitor finds in the token file of a body."""
        _, country, slug = source.split("/")
        return (self.data / "sites" / country / "tokens" / f"{slug}.token").read_text().strip()

    @property
    def figures(self) -> list[str]:
        """The promised line and the reasons under it."""
        lines = self.screen.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("archived="))
        reasons = [line for line in lines[first + 1 :] if line.startswith("  ")]
        return [lines[first], *reasons]

    @contextmanager
    def up(self) -> Iterator[None]:
        """From the command to its end."""
        try:
            self.start()
            yield
        finally:
            self.stop()

    @property
    def ids(self) -> dict[str, str]:
        """The id of each notice of the demo, by its name."""
        found: dict[str, str] = json.loads(self._plan.read_text("utf-8"))["ids"]
        return found

    @property
    def done(self) -> int:
        """How many steps of the plan are over."""
        return len(json.loads(self._plan.read_text("utf-8"))["done"]) if self._plan.exists() else 0

    @property
    def _plan(self) -> Path:
        return self.data / "demo" / "plan.json"
