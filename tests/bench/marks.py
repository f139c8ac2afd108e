"""The figures that are held against a mark, each with its name, its unit and what it was before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.before import Before
from tests.bench.figures import Figures
from tests.bench.latency import BUSY, IDLE
from tests.bench.spread import span

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Mark:
    """One row: `most` or `least` is the mark; `rounds` the lowest and highest figure where there were several."""

    name: str
    what: str
    value: float
    form: str
    unit: str
    most: float | None = None
    least: float | None = None
    rounds: str = ""

    @property
    def wanted(self) -> str:
        """The mark, in words."""
        bound = f"≤ {self.most:{self.form}}" if self.most is not None else f"≥ {self.least or 0:{self.form}}"
        return f"{bound}{self.unit}"

    @property
    def reached(self) -> bool:
        """Whether it is kept."""
        return self.value <= self.most if self.most is not None else self.value >= (self.least or 0)


def marks(figures: Figures) -> Iterator[Mark]:
    """Those of the first plan, in its order, and the desk's."""
    one, best = figures.one, max(figures.one, figures.two, key=lambda found: found.rate)
    rounds = figures.ones if best is one else figures.twos
    idle = figures.latencies.idle
    yield Mark(
        "cpu", "CPU a record, all processes of the region, 1 + 1", one.microseconds, ".0f", " µs", most=400,
        rounds=span(figures.ones, lambda found: found.microseconds),
    )  # fmt: skip
    yield Mark(
        "crossing-cpu", "CPU a notice, every process, from post to all mirrors, 1 + 1", figures.crossing.microseconds,
        ",.0f", " µs", most=400, rounds=span(figures.crossings, lambda found: found.microseconds),
    )  # fmt: skip
    yield Mark(
        "rate", "records a second into the ledger, wall", best.rate, ",.0f", "", least=5000,
        rounds=span(rounds, lambda found: found.rate),
    )  # fmt: skip
    yield Mark("share", "of the bare loop, one worker", one.rate / figures.bare.rate, ".2f", "", least=0.4)
    yield Mark(f"{IDLE}-p50", "latency idle, p50", idle.at(0.5), ".0f", " ms", most=50)
    yield Mark(f"{IDLE}-p99", "latency idle, p99", idle.at(0.99), ".0f", " ms", most=500)
    desk = f"desk with {figures.reading.records:,} notices, in service, slowest p95"
    yield Mark("desk-p95", desk, figures.reading.slowest, ".0f", " ms", most=200)
    yield Mark("memory", "memory of the platform", figures.whole.total / GIB, ".2f", " GiB", most=1.5)


def told(figures: Figures, before: Before) -> str:
    """The table."""
    day = before.day or "never"
    head = f"| | mark | before ({day}) | now | lowest–highest of {len(figures.ones)} rounds | |"
    rows = [
        f"| {mark.what} | {mark.wanted} | {before.said(mark.name, mark.form)} | {mark.value:{mark.form}}{mark.unit} |"
        f" {mark.rounds} | {'reached' if mark.reached else '**missed**'} |"
        for mark in marks(figures)
    ]
    return "\n".join(("## Marks", "", head, "|---|---|---|---|---|---|", *rows))


FURTHER: dict[str, Callable[[Figures], float]] = {
    "bare": lambda figures: figures.bare.rate,
    "one": lambda figures: figures.one.rate,
    "two": lambda figures: figures.two.rate,
    "crossing": lambda figures: figures.crossing.rate,
    "crossing-two": lambda figures: figures.crossing_two.rate,
    f"{BUSY}-p50": lambda figures: figures.latencies.busy.at(0.5),
    f"{BUSY}-p99": lambda figures: figures.latencies.busy.at(0.99),
    "start": lambda figures: figures.whole.start,
}


def kept(figures: Figures) -> dict[str, float]:
    """All that the next run compares itself with."""
    return {mark.name: mark.value for mark in marks(figures)} | {name: ask(figures) for name, ask in FURTHER.items()}
