"""The first promise of the README: a fresh clone, one command, and the region is there; curl alone is its client."""

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.bare_machine import bare_environment
from tests.support.cluster import roomy_folder, wait_until
from tests.support.readme import Curl, commands
from tests.support.telling import Tell
from tests.support.up_run import READY

ROOT = Path(__file__).resolve().parents[2]
BOUND = 180.0

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_fresh_clone_is_a_region_within_three_minutes(tell: Tell) -> None:
    """`git clone`, then the README's first command and its lines of curl, on its own ports; nothing is left behind.

    The command finds Python and the small tools of any Linux on its path, nothing else.
    """
    with roomy_folder() as folder:
        clone = folder / "tamani"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        began = time.monotonic()
        with typed(commands("## Two commands")[0], clone, bare_environment(folder / "bin")) as screen:
            took = time.monotonic() - began
            (figures,) = [line for line in screen.read_text("utf-8").splitlines() if line.startswith("archived=")]
            Curl(clone).post_and_read()
        tell(f"ready {took:.0f} s after the command: {figures}")
        assert "stopped" in screen.read_text("utf-8")
    assert took < BOUND


@contextmanager
def typed(command: str, clone: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """The command until all is ready, with what it says; ended by Ctrl-C, and in good order."""
    screen = clone.with_suffix(".screen")
    with screen.open("wb") as out:
        words = ["bash", "-c", f"exec {command}"]
        shell = subprocess.Popen(words, cwd=clone, stdout=out, stderr=subprocess.STDOUT, env=environment)

    def ready() -> bool:
        assert shell.poll() is None, screen.read_text("utf-8")
        return READY in screen.read_text("utf-8")

    try:
        wait_until(ready, "all is ready", 600)
        yield screen
    finally:
        left = psutil.Process(shell.pid).children(recursive=True) if shell.poll() is None else []
        shell.send_signal(signal.SIGINT)
        try:
            assert shell.wait(90) == 0, screen.read_text("utf-8")
        finally:
            alive = [one for one in left if one.is_running()]
            for one in alive:
                one.kill()
        assert alive == [], "nothing is left behind"
