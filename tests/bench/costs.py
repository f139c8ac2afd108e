"""CPU seconds of every process over a stretch of work, as the kernel counts them."""

import time
from dataclasses import dataclass

from tests.support.bus import Bus
from tests.support.processes import cost


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a stretch of work took: wall seconds, and CPU seconds by process."""

    wall: float
    cpu: dict[str, float]

    @property
    def total(self) -> float:
        """CPU seconds of all processes."""
        return sum(self.cpu.values())


class Stopwatch:
    """Runs from its making until `stop`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._before = self._read()
        self._began = time.monotonic()

    def stop(self) -> Stretch:
        """What has been used since."""
        wall = time.monotonic() - self._began
        after = self._read()
        return Stretch(wall, {name: after[name] - self._before[name] for name in after})

    def _read(self) -> dict[str, float]:
        return {name: cost(part.pid).cpu for name, part in sorted(self._bus.parts.items())}
