"""`docs/performance.md`: the figures of one run, against the first marks, and what limits them."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench.ceiling import Ceiling
from tests.bench.drain import Drained
from tests.bench.log import LogFigures, render_log
from tests.bench.memory import PER_SECOND, Platform
from tests.bench.reading import Reading
from tests.bench.yardstick import Bare

MIB = 1024 * 1024
BARE = "bare aiokafka loop (decode, verify, dedupe in memory, forward)"


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run has measured."""

    ceiling: Ceiling
    bare: Bare
    one: Drained
    two: Drained
    whole: Platform
    reading: Reading
    load_before: float
    log: LogFigures


def render(figures: Figures) -> str:
    """The page."""
    parts = (
        _machine(figures),
        _marks(figures),
        _rates(figures),
        _cpu(figures),
        _latency(figures),
        render_reading(figures.reading),
        _memory(figures),
        render_log(figures.log),
    )
    return "\n\n".join((_head(figures), *parts, _LIMITS)) + "\n"


def _head(figures: Figures) -> str:
    load = figures.one.load
    return f"""# Performance

Written by one command; do not edit by hand:

    .venv/bin/python -m tests.bench

Input of every row: notices signed with {load["keys"]} keys over {load["subjects"]} threads, {load["median"]:,} bytes a
Kafka record in the median ({load["largest"]:,} at most), one record in ten a repeat, none ever seen before by the
process that reads it. The sender works on the same machine and is not counted in our CPU. Asserted during the run:
PostgreSQL `fsync`, `synchronous_commit` and `full_page_writes` on; `acks=all` and idempotence of every producer of the
router and the archive. {figures.one.verified_again + figures.two.verified_again} archived notices (1 %) were verified
again with another library, and the ledgers had no hole and no repeat."""


def _machine(figures: Figures) -> str:
    memory = psutil.virtual_memory().total / 1024**3
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    python, busy = platform.python_version(), figures.load_before
    told = "" if busy < 1 else ": it did other work too, and every figure here is worse for it"
    return f"""Measured on {when}: {os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {python}.
The load average of the machine just before the run was {busy:.1f}{told}."""


def _marks(figures: Figures) -> str:
    one, two, whole = figures.one, figures.two, figures.whole
    rows = (
        ("CPU a record, all processes", "≤ 400 µs", f"{one.microseconds:.0f} µs", one.microseconds <= 400),
        ("records a second, wall", "≥ 5,000", f"{max(one.rate, two.rate):,.0f}", max(one.rate, two.rate) >= 5000),
        (
            "of the bare loop, one worker",
            "≥ 0.4",
            f"{one.rate / figures.bare.rate:.2f}",
            one.rate / figures.bare.rate >= 0.4,
        ),
        ("latency idle, p50", "≤ 50 ms", f"{whole.idle.at(0.5):.0f} ms", whole.idle.at(0.5) <= 50),
        ("latency idle, p99", "≤ 500 ms", f"{whole.idle.at(0.99):.0f} ms", whole.idle.at(0.99) <= 500),
        (
            f"desk with {figures.reading.records:,} notices, slowest p95",
            "≤ 200 ms",
            f"{figures.reading.slowest:.0f} ms",
            figures.reading.slowest <= 200,
        ),
        ("memory of the platform", "≤ 1.5 GiB", f"{whole.total / 1024**3:.2f} GiB", whole.total <= 1.5 * 1024**3),
    )
    lines = [
        f"| {what} | {mark} | {found} | {'reached' if kept else '**missed**'} |" for what, mark, found, kept in rows
    ]
    return "\n".join(("## Marks", "", "| | mark | measured | |", "|---|---|---|---|", *lines))


def _rates(figures: Figures) -> str:
    ceiling, bare = figures.ceiling, figures.bare
    lines = [
        _rate_row("Tamani, inbound to ledger, 1 router + 1 archive", figures.one),
        _rate_row("Tamani, inbound to ledger, 2 routers + 2 archives", figures.two),
        f"| {BARE} | {bare.records:,} | {bare.rate:,.0f} | {bare.microseconds:.0f} µs | |",
    ]
    return f"""## Rates

| | records | records/s | CPU a record | until receipts and feeds were out |
|---|---|---|---|---|
{chr(10).join(lines)}

The ceiling: one core verifies {1e6 / ceiling.verify:,.0f} signatures a second ({ceiling.verify:.0f} µs each); strict
decoding of envelope and event takes {ceiling.decode:.0f} µs, the whole judge {ceiling.judge:.0f} µs. A notice is judged
twice on its way to the ledger (router and archive trust nothing between them) and once more by each mirror. The bare
loop verifies once, keeps no proof, answers nobody, and forgets what it has seen when it dies."""


def _rate_row(name: str, run: Drained) -> str:
    return (
        f"| {name} | {run.records:,} | {run.rate:,.0f} | {run.microseconds:.0f} µs |"
        f" {run.published:.1f} s (sending {run.sending:.1f} s, ledger {run.stretch.wall:.1f} s) |"
    )


def _cpu(figures: Figures) -> str:
    runs = {"1 + 1": figures.one.stretch.cpu, "2 + 2": figures.two.stretch.cpu}
    runs["bare"] = {"kafka": figures.bare.stretch.cpu["kafka"], "bare loop": figures.bare.loop_cpu}
    names = sorted({name for cpu in runs.values() for name in cpu})
    lines = [
        f"| {name} | " + " | ".join(f"{cpu[name]:.2f}" if name in cpu else "" for cpu in runs.values()) + " |"
        for name in names
    ]
    return "\n".join(
        (
            "## CPU seconds of every process over those runs",
            "",
            "| | " + " | ".join(runs) + " |",
            "|---|---|---|---|",
            *lines,
        )
    )


def render_reading(found: Reading) -> str:
    """The part about a desk that has mirrored a great deal."""
    lines = [
        f"| {one.name} | {len(one.times)} | {one.median:.0f} ms | {one.at(0.95):.0f} ms | {one.largest / 1000:.0f} kB |"
        for one in found.questions
    ]
    return f"""## Reading

One desk with {found.records:,} notices in its mirror, each taken in as from the feed (verified, projected and indexed:
{found.taken_per_second:,.0f} a second) and on four times fewer threads. A third of them is public, half is for every
body, a sixth for two that it names; a reader is a body unless it says "for the public". Alone:
`.venv/bin/python -m tests.bench reading`.

| | asked | p50 | p95 | largest answer, not compressed |
|---|---|---|---|---|
{chr(10).join(lines)}"""


def _latency(figures: Figures) -> str:
    rows = {"idle": figures.whole.idle, f"under {PER_SECOND} notices/s": figures.whole.busy}
    lines = [
        f"| {name} | {len(found.seconds):,} | {found.at(0.5):.0f} ms | {found.at(0.99):.0f} ms | {found.worst:.0f} ms |"
        for name, found in rows.items()
    ]
    return f"""## Latency

From the last byte of the `202` at the site of Mali to the bytes of the notice on a live stream of the desk of Niger,
each a process of its own; four sites run.

| | samples | p50 | p99 | worst |
|---|---|---|---|---|
{chr(10).join(lines)}"""


def _memory(figures: Figures) -> str:
    whole = figures.whole
    lines = [f"| {name} | {size / MIB:.0f} MiB |" for name, size in whole.memory.items()]
    return f"""## Memory and start

PSS of each process with its children, after the latency runs; the platform was ready {whole.start:.1f} s after
its start (new data: disks formatted, databases and topics made).

| | PSS |
|---|---|
{chr(10).join(lines)}
| **all** | **{whole.total / MIB:.0f} MiB** |"""


_LIMITS = """## What limits it

See the note on throughput in `docs/design/throughput.md`."""
