"""What must hold before anything is started: the data folder is ours alone, the ports are free, the disk has room."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.embedded.ports import is_free

ROOM_TO_START = 300 * 1024 * 1024
ROOM_TO_GO_ON = 100 * 1024 * 1024
AFTERMATH = 10.0  # children of a killed supervisor need a moment to be gone
MEGABYTE = 1024 * 1024


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process; the kernel lets go of it however the process ends.

    Raises:
        RefusedError: another instance has it (`failed.instance`).
        OutageError: the folder cannot be made or written (`failed.disk`).
    """
    try:
        # Nobody may list it, but PostgreSQL's unprivileged user may pass through to its own sub-folder.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        # Without a buffer: one that a full disk does not take would fail again when the file is closed.
        lock = (folder / "lock").open("ab+", buffering=0)
    except OSError as error:
        raise OutageError("failed.disk", f"{folder}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise RefusedError("failed.instance", f"{folder} (pid {lock.read().decode()})") from error
        try:
            lock.truncate(0)
            lock.write(b"%d" % os.getpid())
        except OSError as error:
            raise OutageError("failed.disk", f"{folder}: {error.strerror}") from error
        yield


def check_ports(ports: Mapping[str, tuple[str, int]]) -> None:
    """Make sure that each named port can be listened on; wait a moment for those of a run that was just killed.

    Raises:
        DefectError: `failed.port`, with what wanted it and how to choose another.
    """
    deadline = time.monotonic() + AFTERMATH
    while taken := {name: port for name, (host, port) in ports.items() if not is_free(port, host)}:
        if time.monotonic() > deadline:
            listed = ", ".join(f"{port} ({name})" for name, port in taken.items())
            raise DefectError("failed.port", f"{listed} · tamani up --help : --port-…")
        time.sleep(0.1)


def check_room(folder: Path, needed: int = ROOM_TO_START) -> None:
    """Make sure that the disk has room.

    Raises:
        OutageError: `failed.disk`, with what is left and what is needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutageError("failed.disk", f"{folder}: {free // MEGABYTE} < {needed // MEGABYTE} Mo/MB")
