"""The load under which latency is measured, in a process of its own: other nodes that send to the broker, steadily.

Run as `python -m tests.bench.loading BOOTSTRAP PASSWORD_FILE PER_SECOND`. It sends until its standard input ends, then
prints `sent NUMBER SECONDS`.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import endless, send
from tests.support.bus import Bus

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Loaded:
    """What came of it: notices a second, over the whole time."""

    per_second: float = 0.0


@contextlib.asynccontextmanager
async def loaded(bus: Bus, per_second: int) -> AsyncIterator[Loaded]:
    """Meanwhile other nodes say so many notices a second.

    Raises:
        AssertionError: the load ended before the block did, or was not what it is called.
    """
    words = (bus.kafka.bootstrap, str(bus.kafka.secrets.path("operator")), str(per_second))
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.loading", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert load.stdin is not None
    assert load.stdout is not None
    found = Loaded()
    try:
        assert (await load.stdout.readline()).strip() == b"sending"
        yield found
        assert load.returncode is None, "the load ended before the last sample"
        load.stdin.close()
        _, number, seconds = (await load.stdout.readline()).split()
        found.per_second = int(number) / float(seconds)
        assert found.per_second > per_second * 0.8, f"{found.per_second:.0f} notices/s instead of {per_second}"
    finally:
        load.stdin.close()
        await load.wait()


def main(bootstrap: str, password: str, per_second: int) -> None:
    """Send until our standard input ends."""
    stop = threading.Event()
    threading.Thread(target=_stop_at_the_end, args=(stop,), daemon=True).start()
    login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "operator"}
    client = {"bootstrap.servers": bootstrap, "sasl.password": password, **login}
    print("sending", flush=True)
    sent = send(endless(), client, per_second, stop)
    print("sent", sent.records, sent.seconds, flush=True)


def _stop_at_the_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").strip(), int(sys.argv[3]))
