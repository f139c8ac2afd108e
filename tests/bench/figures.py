"""Everything that one run of the bench has measured."""

from dataclasses import dataclass

from tests.bench.ceiling import Ceiling
from tests.bench.crossing import Crossed
from tests.bench.drain import Drained
from tests.bench.latency import Latencies
from tests.bench.log import LogFigures
from tests.bench.memory import Platform
from tests.bench.reading import Reading
from tests.bench.spread import middle
from tests.bench.yardstick import Bare


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates in rounds, of which the median stands for all; the rest once."""

    load_before: float
    minutes: float
    ceiling: Ceiling
    bares: tuple[Bare, ...]
    ones: tuple[Drained, ...]
    twos: tuple[Drained, ...]
    crossings: tuple[Crossed, ...]
    crossings_two: tuple[Crossed, ...]
    latencies: Latencies
    whole: Platform
    reading: Reading
    log: LogFigures

    @property
    def bare(self) -> Bare:
        """The yardstick."""
        return middle(self.bares, lambda found: found.rate)

    @property
    def one(self) -> Drained:
        """One worker of each kind."""
        return middle(self.ones, lambda found: found.rate)

    @property
    def two(self) -> Drained:
        """Two of each kind."""
        return middle(self.twos, lambda found: found.rate)

    @property
    def crossing(self) -> Crossed:
        """Four sites to all mirrors, one worker of each kind."""
        return middle(self.crossings, lambda found: found.rate)

    @property
    def crossing_two(self) -> Crossed:
        """The same with two of each kind."""
        return middle(self.crossings_two, lambda found: found.rate)

    @property
    def verified_again(self) -> int:
        """Archived notices whose signatures another library has verified."""
        drained = sum(run.verified_again for run in (*self.ones, *self.twos))
        return drained + sum(run.verified_again for run in (*self.crossings, *self.crossings_two))
