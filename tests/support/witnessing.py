"""A real witness in this process: its database in a folder, its sources over HTTP, its clock the test's."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tamani.core.names import Country
from tamani.runtime.serving import listen_on, serve
from tamani.witness.alarms import Alarm, alarms
from tamani.witness.api import build_app
from tamani.witness.cosigner import Cosigned, Elsewhere
from tamani.witness.service import Service, build_service
from tamani.witness.settings import WitnessSettings
from tamani.witness.state import Last, read_last
from tests.support.small_log import AT, WITNESSES, SmallLog


@dataclass
class Clock:
    """Seconds that a test turns."""

    at: int = AT

    def __call__(self) -> int:
        return self.at


@dataclass
class Witness:
    """A service with what tests ask of it."""

    service: Service
    clock: Clock

    def ask(self, body: bytes) -> Cosigned | Elsewhere:
        """One request to cosign."""
        return self.service.cosigner.add_checkpoint(body)

    def follow(self, log: SmallLog) -> Cosigned | Elsewhere:
        """Ask it to go from where it is to where the log is."""
        return self.ask(log.request(self.last.size))

    @property
    def last(self) -> Last:
        """What it cosigned last."""
        with self.service.database.reading() as db:
            return read_last(db)

    def alarms(self, *, ended: bool = False) -> list[Alarm]:
        """Its alarms."""
        with self.service.database.reading() as db:
            return alarms(db, ended=ended)


@contextmanager
def witnessing(
    folder: Path,
    log: SmallLog,
    url: str,
    country: str = "bf",
    urls: Mapping[str, str] | None = None,
    patience: float = 20.0,
) -> Iterator[Witness]:
    """The witness of a country for this log; `urls` are where it finds the other witnesses."""
    settings = WitnessSettings(country=Country(country), data_dir=folder, mirror_seconds=patience)
    clock = Clock()
    with httpx.Client(timeout=5, trust_env=False) as client:
        yield Witness(
            build_service(settings, WITNESSES[country], log.policy(url, dict(urls or {})), client, clock), clock
        )


@contextmanager
def served(witness: Witness, port: int = 0) -> Iterator[str]:
    """The witness over HTTP, in a thread; gives its address."""
    listener, stop, loop = listen_on("127.0.0.1", port), asyncio.Event(), asyncio.new_event_loop()
    serving = serve(build_app(witness.service), listener, stop)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
