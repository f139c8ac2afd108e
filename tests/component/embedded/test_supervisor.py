"""The supervisor with real child processes: kept alive, ended in order, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event

import psutil
import pytest

from tamani.core.errors import OutageError
from tamani.embedded.child import Command
from tamani.embedded.supervisor import Supervisor
from tests.component.embedded.parts import QuietScreen, part
from tests.support.cluster import wait_until
from tests.support.waiting import until

ROOT = Path(__file__).parents[3]
# A supervisor in a process of its own, to be killed: it prints its children's pids and waits.
SCRIPT = """
import asyncio, pathlib, sys
from tamani.embedded.supervisor import Supervisor
from tests.component.embedded.parts import QuietScreen, part

async def main(folder):
    supervisor = Supervisor([[part(folder, "one"), part(folder, "two", "deaf")]], QuietScreen(), 60)
    await supervisor.start()
    print(*(keeper.pid for keeper in supervisor.keepers), flush=True)
    await asyncio.Event().wait()

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    """Another pid, and the screen says why the first ended."""
    screen = QuietScreen()
    supervisor = Supervisor([[part(tmp_path, "one")]], screen, 60)
    await supervisor.start()
    keeper = supervisor.keepers[0]
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    async def back() -> bool:
        return keeper.pid not in {None, first} and keeper.ready.is_set()

    await until(back, "it is back")
    await supervisor.stop()
    assert (tmp_path / "one.log").read_text().count("hello") == 2
    assert "signal 9" in screen.said


async def test_a_child_that_keeps_dying_is_given_longer_and_longer_pauses(tmp_path: Path) -> None:
    """No storm: each pause is twice the one before."""
    screen = QuietScreen()
    supervisor = Supervisor([[part(tmp_path, "one", "brief")]], screen, 60)

    async def three_ends() -> bool:
        return "1.2 s" in screen.said

    starting = asyncio.create_task(supervisor.start())
    await until(three_ends, "three ends")
    starting.cancel()
    await supervisor.stop()
    assert [wait in screen.said for wait in ("0.3 s", "0.6 s", "1.2 s")] == [True, True, True]
    assert "code 3" in screen.said


async def test_what_never_answers_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    """`failed.start`, not silence."""
    mute = part(tmp_path, "mute")
    never = part(tmp_path, "never")

    async def no() -> bool:
        return False

    object.__setattr__(never, "answers", no)
    supervisor = Supervisor([[mute, never]], QuietScreen(), 3)
    with pytest.raises(OutageError) as refused:
        await supervisor.start()
    await supervisor.stop()
    assert refused.value.code.name == "failed.start"
    assert refused.value.detail.startswith("never: ")
    assert "hello" in refused.value.detail


async def test_the_last_stage_ends_first_and_the_deaf_are_ended(tmp_path: Path) -> None:
    """Services before databases; a program that does not listen is killed after its grace."""
    stages = [[part(tmp_path, "database")], [part(tmp_path, "service"), part(tmp_path, "deaf", "deaf", grace=0.5)]]
    supervisor = Supervisor(stages, QuietScreen(), 60)
    await supervisor.start()
    pids = [keeper.pid for keeper in supervisor.keepers]
    await supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)
    for name in ("database", "service"):
        assert (tmp_path / f"{name}.log").read_text() == "hello\ngoodbye\n"
    database, service = ((tmp_path / f"{name}.log").stat().st_mtime_ns for name in ("database", "service"))
    assert service < database


async def test_an_end_at_once_starts_nothing_again(tmp_path: Path) -> None:
    """A second Ctrl-C while the deaf one is waited for: the database, not yet told to stop, is not taken for dead."""
    screen = QuietScreen()
    stages = [[part(tmp_path, "database")], [part(tmp_path, "deaf", "deaf", grace=60)]]
    supervisor = Supervisor(stages, screen, 60)
    await supervisor.start()
    pids = [keeper.pid for keeper in supervisor.keepers]
    stopping = asyncio.create_task(supervisor.stop())
    await asyncio.sleep(0)
    supervisor.kill()
    await stopping
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)
    assert (tmp_path / "database.log").read_text().count("hello") == 1
    assert "starting again" not in screen.said


async def test_an_end_while_a_part_is_prepared_starts_nothing(tmp_path: Path) -> None:
    """It is told to end before there is anything to end."""
    begun, enough, slow = Event(), Event(), part(tmp_path, "slow")

    def prepare() -> Command:
        begun.set()
        enough.wait()
        return slow.prepare()

    supervisor = Supervisor([[replace(slow, prepare=prepare)]], QuietScreen(), 60)
    starting = asyncio.create_task(supervisor.start())
    await asyncio.to_thread(begun.wait)
    supervisor.kill()
    enough.set()
    await supervisor.stop()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert not slow.log.exists()


def test_killing_the_supervisor_leaves_no_process(tmp_path: Path) -> None:
    """SIGKILL gives it no chance to clean up: the kernel ends its children, the deaf one too."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert supervisor.stdout is not None
    children = [psutil.Process(int(pid)) for pid in supervisor.stdout.readline().split()]
    assert len(children) == 2
    assert all(child.is_running() for child in children)
    supervisor.kill()
    supervisor.communicate()
    wait_until(lambda: not any(child.is_running() for child in children), "all children are gone", 10)
