"""Measure everything and write `docs/performance.md`: `python -m tests.bench`, about half an hour on an idle machine.

`… small` does a little of everything and prints the page; `… crossing`, `… reading` and `… log` measure one part
and print it.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from tests.bench import PAGE
from tests.bench.before import Before, keep
from tests.bench.ceiling import measure_ceiling
from tests.bench.crossing import Crossed, cross
from tests.bench.drain import drain
from tests.bench.figures import Figures
from tests.bench.latency import measure_latencies
from tests.bench.log import measure_log, render_log
from tests.bench.marks import kept
from tests.bench.memory import measure_platform
from tests.bench.reading import measure_reading
from tests.bench.report import CROSSING, CROSSING_TWO, render, render_crossings, render_reading
from tests.bench.sizes import FULL, SMALL, Sizes
from tests.bench.yardstick import run_bare

T = TypeVar("T")
POSTED = 500
BEGAN = time.monotonic()


def say(what: str) -> None:
    """How far we are, on standard error: the page goes to standard output."""
    print(f"[{(time.monotonic() - BEGAN) / 60:4.1f} min] {what}", file=sys.stderr, flush=True)


async def rounds(what: str, count: int, once: Callable[[], Awaitable[T]], rate: Callable[[T], float]) -> tuple[T, ...]:
    """The same several times, each on a cluster of its own."""
    found = []
    for number in range(1, count + 1):
        found.append(await once())
        say(f"{what}, round {number} of {count}: {rate(found[-1]):,.0f}/s")
    return tuple(found)


async def crossed(workers: int, sizes: Sizes) -> tuple[Crossed, ...]:
    """Four sites to all mirrors, with so many workers of each kind."""
    what = f"sites to mirrors, {workers} + {workers}"
    return await rounds(what, sizes.rounds, lambda: cross(workers, sizes.crossed), lambda run: run.rate)


async def measure_crossings(sizes: Sizes) -> Mapping[str, tuple[Crossed, ...]]:
    """Both, by the name of their row."""
    return {CROSSING: await crossed(1, sizes), CROSSING_TWO: await crossed(2, sizes)}


async def measure(sizes: Sizes) -> Figures:
    """One thing after another."""
    load_before = os.getloadavg()[0]
    ceiling = measure_ceiling()
    say(f"ceiling: {ceiling}")
    again = sizes.rounds
    bares = await rounds("bare loop", again, lambda: run_bare(sizes.drained), lambda run: run.rate)
    ones = await rounds("region, 1 + 1", again, lambda: drain(1, sizes.drained), lambda run: run.rate)
    twos = await rounds("region, 2 + 2", again, lambda: drain(2, sizes.drained), lambda run: run.rate)
    crossings = await crossed(1, sizes)
    crossings_two = await crossed(2, sizes)
    latencies = await measure_latencies(sizes.samples)
    say(f"latency: {latencies.idle.at(0.5):.0f} ms idle, {latencies.busy.at(0.5):.0f} ms under load")
    whole = await asyncio.to_thread(measure_platform, POSTED)
    say(f"platform: ready in {whole.start:.1f} s")
    reading = await measure_reading(sizes.mirrored)
    say(f"reading: slowest p95 {reading.slowest:.0f} ms")
    log = await measure_log(sizes.tree)
    minutes = (time.monotonic() - BEGAN) / 60
    return Figures(
        load_before, minutes, ceiling, bares, ones, twos, crossings, crossings_two, latencies, whole, reading, log
    )


def main(part: str) -> None:
    """The whole, or one part.

    Raises:
        KeyError: there is no such part.
    """
    if part == "whole":
        before, figures = Before.read(), asyncio.run(measure(FULL))
        PAGE.write_text(render(figures, before), "utf-8")
        keep(kept(figures))
        print(PAGE.read_text("utf-8"))
        return
    parts: dict[str, Callable[[], str]] = {
        "small": lambda: render(asyncio.run(measure(SMALL)), Before.read()),
        "reading": lambda: render_reading(asyncio.run(measure_reading(FULL.mirrored))),
        "crossing": lambda: render_crossings(asyncio.run(measure_crossings(FULL))),
        "log": lambda: render_log(asyncio.run(measure_log(FULL.tree))),
    }
    print(parts[part]())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "whole")
