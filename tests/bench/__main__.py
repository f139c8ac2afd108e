"""Measure everything and write `docs/performance.md`: `python -m tests.bench`; the desk alone: `… reading`."""

import asyncio
import os
import sys

from tests.bench import PAGE
from tests.bench.ceiling import measure_ceiling
from tests.bench.drain import drain
from tests.bench.log import measure_log
from tests.bench.memory import measure_platform
from tests.bench.reading import measure_reading
from tests.bench.report import Figures, render, render_reading
from tests.bench.yardstick import run_bare


async def measure() -> Figures:
    """One thing after another, each on a cluster of its own."""
    load_before = os.getloadavg()[0]
    ceiling = measure_ceiling()
    print(ceiling, flush=True)
    bare = await run_bare()
    print(f"bare loop: {bare.rate:.0f}/s", flush=True)
    one = await drain(1)
    print(f"1 + 1: {one.rate:.0f}/s, {one.microseconds:.0f} µs", flush=True)
    two = await drain(2)
    print(f"2 + 2: {two.rate:.0f}/s, {two.microseconds:.0f} µs", flush=True)
    whole = await measure_platform()
    reading = await measure_reading()
    print(f"reading: {[(one.name, round(one.at(0.95))) for one in reading.questions]}", flush=True)
    return Figures(ceiling, bare, one, two, whole, reading, load_before, await measure_log())


if __name__ == "__main__":
    if sys.argv[1:] == ["reading"]:
        print(render_reading(asyncio.run(measure_reading())))
        sys.exit()
    PAGE.write_text(render(asyncio.run(measure())), "utf-8")
    print(PAGE.read_text("utf-8"))
