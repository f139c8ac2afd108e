"""The figures that stood before: `docs/performance.json`, written beside the page, read when it is written again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from tests.bench import PAGE

FILE = PAGE.with_suffix(".json")


@dataclass(frozen=True, slots=True)
class Before:
    """The figures of the run before this one, by name, in the unit of their row; none at first."""

    day: str
    figures: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = FILE) -> Self:
        """From the file."""
        if not path.exists():
            return cls("", {})
        found = json.loads(path.read_text("utf-8"))
        return cls(found["day"], found["figures"])

    def said(self, name: str, form: str) -> str:
        """One of them, written as its row writes it; a dash if it was not measured."""
        return f"{self.figures[name]:{form}}" if name in self.figures else "–"


def keep(figures: Mapping[str, float], path: Path = FILE) -> None:
    """Write what the next run will call *before*."""
    rounded = {name: round(value, 3) for name, value in sorted(figures.items())}
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    path.write_text(json.dumps({"day": day, "figures": rounded}, indent=2) + "\n", "utf-8")
