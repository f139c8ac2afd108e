"""Run the bare loop of `bare.py` on a cluster of its own and time it as the bus is timed."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from tamani.embedded.child import Child
from tests.bench.costs import Stopwatch, Stretch
from tests.bench.load import make_load, send
from tests.support.bus import stores_only

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Bare:
    """One run."""

    records: int
    stretch: Stretch
    loop_cpu: float

    @property
    def rate(self) -> float:
        """Records a second of wall time."""
        return self.records / self.stretch.wall

    @property
    def microseconds(self) -> float:
        """CPU of broker and loop for one record."""
        return (self.stretch.cpu["kafka"] + self.loop_cpu) / self.records * 1e6


async def run_bare(count: int) -> Bare:
    """From the first record sent to the last one forwarded and committed."""
    load = make_load(count)
    async with stores_only(begun=Child) as bus:
        words = (bus.kafka.bootstrap, str(bus.kafka.secrets.path("router")), str(load.distinct))
        loop = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.bare", *words, stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert loop.stdout is not None
        assert (await loop.stdout.readline()).strip() == b"ready"
        watch = Stopwatch(bus)
        sending = asyncio.create_task(asyncio.to_thread(send, load.records, bus.kafka.confluent()))
        said = await loop.stdout.readline()
        stretch = watch.stop()
        done, forwarded, cpu = said.split()
        assert (done, int(forwarded)) == (b"done", load.distinct)
        await sending
        await loop.wait()
    return Bare(len(load.records), stretch, float(cpu))
