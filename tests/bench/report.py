"""`docs/performance.md`: the figures of one run, against the first marks, and what limits them."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench.before import Before
from tests.bench.crossing import Crossed
from tests.bench.drain import Drained
from tests.bench.figures import Figures
from tests.bench.latency import BUSY, IDLE, PER_SECOND, Latencies
from tests.bench.log import render_log
from tests.bench.marks import told
from tests.bench.memory import Platform
from tests.bench.reading import Reading
from tests.bench.spread import middle, span
from tests.bench.yardstick import Bare

MIB = 1024 * 1024
CROSSING = "four sites to all mirrors, by HTTP, 1 router + 1 archive"
CROSSING_TWO = "the same, 2 routers + 2 archives"
BARE = "bare aiokafka loop (decode, verify, dedupe in memory, forward)"


def render(figures: Figures, before: Before) -> str:
    """The page."""
    parts = (
        _machine(figures),
        told(figures, before),
        _rates(figures, before),
        _cpu(figures),
        _latency(figures.latencies, before),
        render_reading(figures.reading),
        _memory(figures.whole, before),
        render_log(figures.log),
    )
    return "\n\n".join((_head(figures), *parts, _LIMITS)) + "\n"


def _head(figures: Figures) -> str:
    load = figures.one.load
    return f"""# Performance

Written by one command, which took {figures.minutes:.0f} minutes; do not edit by hand:

    .venv/bin/python -m tests.bench

Input of every row: notices signed with {load["keys"]} keys over {load["subjects"]} threads, {load["median"]:,} bytes a
Kafka record in the median ({load["largest"]:,} at most), a third for one or two bodies and a ninth public, none ever
seen before by the process that reads it; where nodes are left out, one record in ten is a repeat. Senders and clients
work on the same machine and are not counted in our CPU. Asserted in each run of the bus: PostgreSQL `fsync`,
`synchronous_commit` and `full_page_writes` on, as the archive's own role sees them; `acks=all` and idempotence on a
producer made as the router and the archive make theirs. A node whose outbox is not synced at each
commit does not start. {figures.verified_again} archived notices (1 %) were verified again with another library, and the
ledgers had no hole and no repeat."""


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


def _rates(figures: Figures, before: Before) -> str:
    ceiling, crossing, one = figures.ceiling, figures.crossing, figures.one
    rates = (
        ("one", "the region, 1 router + 1 archive", figures.one, span(figures.ones, _rate)),
        ("two", "the region, 2 routers + 2 archives", figures.two, span(figures.twos, _rate)),
        ("crossing", CROSSING, crossing, span(figures.crossings, _rate)),
        ("crossing-two", CROSSING_TWO, figures.crossing_two, span(figures.crossings_two, _rate)),
        ("bare", BARE, figures.bare, span(figures.bares, _rate)),
    )
    lines = [
        f"| {name} | {run.records:,} | {before.said(key, ',.0f')} | {run.rate:,.0f} | {spread} |"
        f" {run.microseconds:.0f} µs |"
        for key, name, run, spread in rates
    ]
    return f"""## Rates

| | records | records/s before | now, median of {len(figures.ones)} rounds | lowest–highest | CPU a record |
|---|---|---|---|---|---|
{chr(10).join(lines)}

*The region*: its own processes alone, from records in the inbound topics to rows in the ledger; no site runs. Receipts
and feeds of that load were out {one.published:.1f} s after its first record (1 + 1; the ledger was complete after
{one.stretch.wall:.1f} s). *Four sites to all mirrors*: 20 clients post over HTTP, each waiting for its `202`, at four
sites of a node and a desk; the clock stops when the mirror of every country holds all that it may have. Posting took
{crossing.posting:.1f} s of {crossing.stretch.wall:.1f} s; CPU a record is that of every process of the bus, and the
clients used {crossing.client_cpu:.1f} s beside it on the same cores.

The ceiling: one core verifies {1e6 / ceiling.verify:,.0f} signatures a second ({ceiling.verify:.0f} µs each); strict
decoding of envelope and event takes {ceiling.decode:.0f} µs, the whole judge {ceiling.judge:.0f} µs. A notice is judged
twice on its way to the ledger (router and archive trust nothing between them) and once more by each mirror. The bare
loop verifies once, keeps no proof, answers nobody, and forgets what it has seen when it dies."""


def _rate(run: Bare | Drained | Crossed) -> float:
    return run.rate


def _cpu(figures: Figures) -> str:
    runs = {"region, 1 + 1": figures.one.stretch.cpu, "region, 2 + 2": figures.two.stretch.cpu}
    runs["sites to mirrors, 1 + 1"] = figures.crossing.stretch.cpu
    runs["sites to mirrors, 2 + 2"] = figures.crossing_two.stretch.cpu
    runs["bare"] = {"kafka": figures.bare.stretch.cpu["kafka"], "bare loop": figures.bare.loop_cpu}
    names = sorted({name for cpu in runs.values() for name in cpu})
    lines = [
        f"| {name} | " + " | ".join(f"{cpu[name]:.2f}" if name in cpu else "" for cpu in runs.values()) + " |"
        for name in names
    ]
    heads = ("| | " + " | ".join(runs) + " |", "|---" * (len(runs) + 1) + "|")
    return "\n".join(("## CPU seconds of every process over those runs", "", *heads, *lines))


def render_crossings(found: Mapping[str, Sequence[Crossed]]) -> str:
    """Rates of the whole way, one row for each number of workers."""
    rows = []
    for name, runs in found.items():
        one = middle(runs, _rate)
        rows.append(f"| {name} | {one.records:,} | {one.rate:,.0f} | {span(runs, _rate)} | {one.microseconds:.0f} µs |")
    head = "| | records | records/s, median of the rounds | lowest–highest | CPU a record |"
    return "\n".join((head, "|---|---|---|---|---|", *rows))


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


def _latency(found: Latencies, before: Before) -> str:
    rows = {
        "idle": (IDLE, found.idle),
        f"under {found.per_second:.0f} notices/s of other nodes": (BUSY, found.busy),
    }
    lines = [
        f"| {name} | {len(one.seconds):,} | {one.at(0.5):.0f} ms | {one.at(0.99):.0f} ms | {one.worst:.0f} ms |"
        f" {before.said(key + '-p50', '.0f')}, {before.said(key + '-p99', '.0f')} |"
        for name, (key, one) in rows.items()
    ]
    return f"""## Latency

From the last byte of the `202` at the site of Mali to the bytes of the notice on a live stream of the desk of Niger,
each a process of its own; four sites run. A notice is posted every {1000 / PER_SECOND:.0f} ms, at random. The
load is a process of its own, too, and was still sending at the last sample.

| | samples | p50 | p99 | worst | before: p50, p99 |
|---|---|---|---|---|---|
{chr(10).join(lines)}"""


def _memory(whole: Platform, before: Before) -> str:
    lines = [f"| {name} | {size / MIB:.0f} MiB |" for name, size in whole.memory.items()]
    return f"""## Memory and start

`tamani up` as it is started by hand, with its three witnesses: ready {whole.start:.1f} s after the command (before:
{before.said("start", ".1f")} s; new data: disks formatted, databases and topics made). PSS of all its processes, after
{whole.posted} notices:

| | PSS |
|---|---|
{chr(10).join(lines)}
| **all** | **{whole.total / MIB:.0f} MiB** |"""


_LIMITS = """## What limits it

See the note on throughput in `docs/design/throughput.md`."""
