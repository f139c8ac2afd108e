"""The three verifiers as an auditor runs them: on a machine that reaches nobody, with an empty home, years later.

The wheel alone, the Go program, and the page's own script in Chromium. Each runs in a network namespace of its own. A
machine that cannot give one skips the test and says so: run with the network, it would show nothing.
"""

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.support.chromium import CHROMIUM, QUIET
from tests.support.fetching import skip_unfetched

ROOT = Path(__file__).parents[2]
GO = ROOT / "tests/contract/go"
SCRIPT = ROOT / "services/tamani/desk/pages/static/proof.js"
ADDRESS = "http://localhost/"
AHEAD = timedelta(days=1095)
OWN_CLOCK = Path(__file__).with_name("clock_ahead.py")
FAKETIME = shutil.which("faketime")
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
VERIFY = "import tamani; assert '/wheel' in tamani.__file__, tamani.__file__; from tamani.cli import main; main()"
Done = subprocess.CompletedProcess[str]


def alone(*, loopback: bool = False) -> tuple[str, ...]:
    """What stands before a command whose network holds nothing, or nothing but this machine itself.

    Skips the test where the machine cannot do that.
    """
    for tool in ("unshare", "ip")[: 1 + loopback]:
        if shutil.which(tool) is None:
            pytest.skip(f"nothing is verified: no {tool} on this machine")
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    if os.geteuid() != 0 or tried.returncode != 0:
        pytest.skip("nothing is verified: a network namespace needs root and a kernel that allows it")
    if not loopback:
        return ("unshare", "--net")
    return ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


@contextmanager
def listening() -> Iterator[int]:
    """A port of this machine that whoever shares its network reaches: the control of what must not reach it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5):
            yield port


def home(folder: Path) -> dict[str, str]:
    """The whole environment of a verifier: a home of its own in this folder, empty at first."""
    made = folder / "home"
    made.mkdir(exist_ok=True)
    return {"PATH": PATHS, "HOME": str(made), "LANG": "C.UTF-8"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel holds, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def on_laptop(wheel: Path, folder: Path, code: str, *words: str, faketime: str | None = FAKETIME) -> Done:
    """Run Python code there: the wheel alone, no network, a clock three years ahead."""
    clock = [faketime, "-f", f"+{AHEAD.days}d"] if faketime else []
    moved = "" if faketime else OWN_CLOCK.read_text("utf-8")
    return subprocess.run(
        [*alone(), *clock, sys.executable, "-c", f"{moved}\n{code}", *words],
        cwd=folder,
        env=home(folder) | {"PYTHONPATH": str(wheel), "TAMANI_LANG": "fr"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def audit(wheel: Path, folder: Path, *arguments: str, faketime: str | None = FAKETIME) -> Done:
    """Run `tamani proof verify` there."""
    return on_laptop(wheel, folder, VERIFY, "proof", "verify", *arguments, faketime=faketime)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built (while there is a network) from modules whose hashes go.sum holds."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine: the second verifier is not run")
    built = tmp_path_factory.mktemp("go") / "verify"
    done = subprocess.run(
        [go, "build", "-mod=readonly", "-buildvcs=false", "-o", str(built), "."],
        cwd=GO,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if done.returncode and "dial tcp" in done.stderr:
        skip_unfetched("Go modules", done.stderr[-200:])
    assert done.returncode == 0, done.stderr
    return built


def go_says(program: Path, folder: Path, policy: str, *files: str) -> Done:
    """Run the Go program there on files of this folder: a line each. It asks no clock, so none is moved."""
    command = [*alone(), str(program), policy, *files]
    return subprocess.run(
        command, cwd=folder, env=home(folder), capture_output=True, text=True, check=False, timeout=120
    )


@asynccontextmanager
async def lonely_page(folder: Path) -> AsyncIterator[Page]:
    """An empty page at an address that counts as secure, with the script and nothing else, three years later."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    launcher = folder / "chromium-alone"
    words = " ".join(f"'{word}'" for word in (*alone(loopback=True), CHROMIUM))
    launcher.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    launcher.chmod(0o755)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=launcher, args=QUIET, env={**home(folder)})
        page = await browser.new_page()
        await page.clock.set_fixed_time(datetime.now(UTC) + AHEAD)
        await page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        await page.goto(ADDRESS)
        await page.add_script_tag(path=SCRIPT)
        yield page
        await browser.close()


@pytest.fixture
async def browser_page(tmp_path: Path) -> AsyncIterator[Page]:
    """The same for a test."""
    async with lonely_page(tmp_path) as page:
        yield page
