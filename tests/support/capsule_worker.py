"""A node's dispatcher as one process on its outbox file, which kills itself between two effects; the bus is a file.

    python -m tests.support.capsule_worker FOLDER      each line `NTH [MUTANT]` is a life (tests.support.zygote)

What stands in the file `bus`, a line a record, the broker has: each line is synced before it is acknowledged. A life
that has nothing left to send ends with status 0.
"""

import asyncio
import base64
import itertools
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tamani.core.names import Country, Lane
from tamani.node.database import open_database
from tamani.node.dispatch import Dispatcher
from tamani.node.metrics import Metrics
from tamani.node.outbox import Outbox
from tamani.runtime.kafka import Ack, Headers
from tests.support.mutants import KILLED
from tests.support.posting import TestClock
from tests.support.waiting import until
from tests.support.zygote import serve_lives


class Death:
    """Kills this process at the nth boundary between two effects. No handler runs, nothing is flushed."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def pass_by(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FileLink:
    """A connection to a broker that is a file."""

    cluster_id = "cluster-1"

    def __init__(self, path: Path, death: Death) -> None:
        self._path, self._death, self._offsets = path, death, itertools.count()

    async def send(self, topic: str, key: bytes | None, value: bytes, headers: Headers = ()) -> Ack:
        """On the disk when this returns; death waits before, and between the disk and the answer."""
        self._death.pass_by()
        line = json.dumps([topic, base64.b64encode(key or b"").decode(), base64.b64encode(value).decode()])
        await asyncio.to_thread(self._append, line)
        self._death.pass_by()
        return Ack(topic, 0, next(self._offsets))

    def _append(self, line: str) -> None:
        with self._path.open("a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

    async def close(self) -> None:
        """Nothing to drop."""


async def _work(folder: Path, death: Death) -> None:
    outbox = Outbox(open_database(folder / "outbox.sqlite"), TestClock())
    await outbox.start()
    stop, quiet = asyncio.Event(), asyncio.Event()
    quiet.set()

    async def connect() -> FileLink:
        return FileLink(folder / "bus", death)

    sender = Dispatcher(
        Country.ML, Lane.NORMAL, outbox=outbox, connect=connect, alerts_done=quiet, metrics=Metrics(), poll_seconds=0.01
    )
    task = asyncio.create_task(sender.run(stop))

    async def done() -> bool:
        return not await outbox.queued(Lane.NORMAL, 1)

    await until(done, "all is sent", 30)
    stop.set()
    await task
    await outbox.stop()


def main(folder: Path) -> None:
    """Live once a line."""

    def live(words: list[str]) -> None:
        nth, *mutants = words
        for name in mutants:
            KILLED[name].apply(pytest.MonkeyPatch())
        asyncio.run(_work(folder, Death(int(nth))))

    serve_lives(live)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
