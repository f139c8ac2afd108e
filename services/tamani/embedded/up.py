"""`tamani up`: the whole platform on this machine until Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable
from typing import TypeVar

import httpx
import structlog

from tamani.core.errors import OutageError, TamaniError
from tamani.embedded.demo.plan import Plan
from tamani.embedded.demo.story import Stage, prepare, tell
from tamani.embedded.enrol import Office
from tamani.embedded.instance import ROOM_TO_GO_ON, check_ports, check_room, owned
from tamani.embedded.layout import Layout
from tamani.embedded.platform import Platform
from tamani.embedded.screen import Screen
from tamani.embedded.settings import UpSettings
from tamani.embedded.supervisor import Supervisor
from tamani.runtime.clock import system_clock
from tamani.runtime.logging import setup_logging

T = TypeVar("T")
ROOM_EVERY = 20.0
REGISTRY_EVERY = 2.0
log = structlog.get_logger(__name__)


async def up(options: UpSettings, screen: Screen | None = None) -> int:
    """Start everything, keep it up, and end it in good order at SIGINT, SIGTERM or SIGHUP. The exit status.

    A second signal ends everything at once.
    """
    setup_logging("up", "ERROR")  # the screen speaks; libraries only when something broke
    screen = screen or Screen()
    layout = Layout(options.data.resolve())
    try:
        with owned(layout.data):
            check_room(layout.data)
            async with httpx.AsyncClient(timeout=2.0, trust_env=False) as http:
                await _Run(options, layout, screen, http).live()
    except TamaniError as error:
        screen.failed(error)
        return 1
    return 0


class _Run:
    """One life of the platform."""

    def __init__(self, options: UpSettings, layout: Layout, screen: Screen, http: httpx.AsyncClient) -> None:
        self._options = options
        self._screen = screen
        self._layout = layout
        self._office = Office(layout)
        # Bodies must have their keys before the sites open their keystores.
        self._demo: Plan | None = prepare(layout, self._office, system_clock) if options.demo else None
        self._platform = Platform(options, layout, self._office, http)
        self._supervisor = Supervisor(self._platform.stages(), screen, options.start_seconds)
        self._stop = asyncio.Event()

    async def live(self) -> None:
        """From start to end.

        Raises:
            TamaniError: it could not start, or the demo failed.
        """
        await asyncio.to_thread(check_ports, self._platform.ports())
        self._listen_to_signals()
        try:
            await self._unless_stopped(self._begin())
            await self._unless_stopped(self._go_on())
        finally:
            self._screen.say("Arrêt en cours…", "stopping…")
            await self._supervisor.stop()
            self._screen.say("Arrêté.", "stopped.")

    async def _begin(self) -> None:
        self._screen.say(f"Tamani démarre ; données : {self._layout.data}", "starting")
        if (where := self._platform.postgres.place.folder) != self._layout.postgres:
            self._screen.say(f"Les données de PostgreSQL sont dans {where}", f"PostgreSQL's data are in {where}")
        await self._supervisor.start()
        self._screen.addresses(
            [(keeper.part.name, keeper.part.address, str(keeper.part.log)) for keeper in self._supervisor.keepers]
        )
        if self._demo is not None:
            self._screen.say("DÉMO : organismes et avis inventés, envoyés par l'API…", "DEMO: invented, posting…")
            await tell(self._stage(), self._demo, self._screen.text)
        elif not any(body.reads for body in self._office.current.bodies):
            self._hint()
        self._screen.say("Tout est prêt. Ctrl-C pour arrêter.", "all is ready; Ctrl-C stops it")

    def _stage(self) -> Stage:
        platform = self._platform
        return Stage(self._layout, platform.sites(), platform.as_, platform.database("archive"))

    def _hint(self) -> None:
        self._screen.say(
            "Aucun organisme n'est inscrit. Pour en inscrire un :", "nobody is enrolled yet; to enrol a body:"
        )
        data = "" if self._options.data == UpSettings.model_fields["data"].default else f" --data {self._options.data}"
        self._screen.text(f"  tamani registry enrol /ml/commission-defense --kind secretariat{data}")
        self._screen.text(f"  tamani officer add /ml/commission-defense 'Chef de secrétariat' chef.secretariat{data}")
        self._screen.text(f"  tamani token new /ml/commission-defense{data}")

    async def _go_on(self) -> None:
        """Watch what no part can tell by itself: the room left on the disk, and whether the registry was changed."""
        await asyncio.gather(self._watch_room(), self._watch_registry())

    async def _watch_registry(self) -> None:
        while True:
            await asyncio.sleep(REGISTRY_EVERY)
            try:
                await self._platform.pass_registry_on()
            except OutageError as error:
                # The broker is away; its keeper starts it again, and so do we.
                log.error("registry not passed on", code=error.code.name, detail=error.detail)

    async def _watch_room(self) -> None:
        warned = False
        while True:
            await asyncio.sleep(ROOM_EVERY)
            try:
                check_room(self._layout.data, ROOM_TO_GO_ON)
                warned = False
            except TamaniError as error:
                if not warned:
                    self._screen.warned(error)
                warned = True

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._told)

    def _told(self) -> None:
        if self._stop.is_set():
            self._supervisor.kill()
        self._stop.set()

    async def _unless_stopped(self, work: Awaitable[T]) -> None:
        """Do it, or leave it when we are told to stop; what it raises is raised."""
        task, told = asyncio.ensure_future(work), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            told.cancel()
            task.cancel()
            await asyncio.gather(task, told, return_exceptions=True)
