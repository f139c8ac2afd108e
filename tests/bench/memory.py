"""The platform as a person starts it: how long `tamani up` takes on new data, and what its processes hold in memory.

Weighed are all processes below the command and the command itself, witnesses included, after a body has posted.
"""

import asyncio
import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.checks import assert_synced
from tests.bench.wire import PostLine
from tests.support.authors import Author
from tests.support.cluster import roomy_folder, wait_until
from tests.support.notices import COMMISSION_ML
from tests.support.up_run import UpRun, run_tamani

SERVED = re.compile(r"\bserve (site|witness|router|archive)(?: --country (\w\w))?")


@dataclass(frozen=True, slots=True)
class Platform:
    """Seconds until all was ready; bytes (PSS) by part."""

    start: float
    posted: int
    memory: dict[str, int]

    @property
    def total(self) -> int:
        """Bytes of everything."""
        return sum(self.memory.values())


def measure_platform(posted: int) -> Platform:
    """Start it, post so many notices at the site of Mali, weigh it, end it."""
    with roomy_folder() as folder:
        run = UpRun(folder / "data")
        token = _enrolled(run.data)
        began = time.monotonic()
        try:
            run.start()
            start = time.monotonic() - began
            assert_synced(_archive_of(run))
            asyncio.run(_post(run, token, posted))
            memory = weigh(run)
        finally:
            run.end()
    return Platform(start, posted, memory)


def _archive_of(run: UpRun) -> str:
    password = (run.data / "secrets" / "postgres.archive.password").read_text().strip()
    return f"host=127.0.0.1 port={run.ports['postgres']} dbname=archive user=archive password={password}"


def _enrolled(data: Path) -> str:
    """A body, inscribed before the first start; its token."""
    data.mkdir(mode=0o711)
    names = ("--fr", "Secrétariat d'essai", "--en", "Test secretariat")
    done = run_tamani("registry", "enrol", COMMISSION_ML, *names, "--data", str(data))
    assert done.returncode == 0, done.stderr
    return run_tamani("token", "new", COMMISSION_ML, "--role", "validated", "--data", str(data)).stdout.strip()


async def _post(run: UpRun, token: str, count: int) -> None:
    author = Author("memory", (COMMISSION_ML,), urgent=0)
    line = await PostLine.open(run.ports["ml"], token)
    for _ in range(count):
        await line.post(author.notice(tlp="GREEN"))
    line.close()

    def closed() -> bool:
        found = json.loads(run.tamani("status", "--json"))["site ml"]["figures"]
        return not any(value for name, value in found.items() if name.startswith("tamani_node_outbox_open"))

    await asyncio.to_thread(wait_until, closed, "all is archived", 120)


def weigh(run: UpRun) -> dict[str, int]:
    """PSS by part, of every process there is."""
    found: Counter[str] = Counter()
    for process in (run.top, *run.processes()):
        try:
            found[part_of(process.cmdline())] += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return dict(sorted(found.items()))


def part_of(words: list[str]) -> str:
    """Which part of the platform a process is, by its command line."""
    line = " ".join(words)
    if served := SERVED.search(line):
        return "-".join(word for word in served.groups() if word)
    if "kafka.Kafka" in line:
        return "kafka"
    return "postgres" if "postgres" in line.partition(" ")[0] else "tamani up"
