"""A second opinion on our calendars: Mozilla's ical.js in Node, fetched by npm when it is first asked for."""

import fcntl
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.fetching import skip_unfetched

VERSION = "2.2.1"
READ = """
import ICAL from "ical.js";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const events = calendar.getAllSubcomponents("vevent").map((one) => {
  const event = new ICAL.Event(one);
  return {
    uid: event.uid,
    sequence: event.sequence,
    status: one.getFirstPropertyValue("status"),
    class: one.getFirstPropertyValue("class"),
    summary: event.summary,
    description: event.description,
    location: event.location,
    start: event.startDate.toUnixTime(),
    end: event.endDate.toUnixTime(),
    local: event.startDate.toString(),
    zone: event.startDate.zone.tzid,
  };
});
console.log(JSON.stringify({ method: calendar.getFirstPropertyValue("method"), events }));
"""


@cache
def _folder() -> Path:
    """Where the package is; whoever lacks Node or the package skips, and is told."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no Node here: apt-get install nodejs npm")
    folder = Path(sys.prefix) / "npm"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:  # several test processes may ask at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / "ical.js" / "package.json").exists() and not _fetch(folder):
            skip_unfetched(f"ical.js {VERSION}")
        (folder / "read.mjs").write_text(READ, "utf-8")
    return folder


def _fetch(folder: Path) -> bool:
    command = ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", f"ical.js@{VERSION}"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).returncode == 0


def read_by_ical_js(value: bytes) -> dict[str, Any]:
    """The calendar as ical.js understands it: its method, and of each event what it means."""
    done = subprocess.run(
        ["node", "read.mjs"], cwd=_folder(), input=value, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found
