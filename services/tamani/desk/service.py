"""A desk at work: the parts that its exits ask, and the two tasks that keep them true (mirror and hub)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field

import httpx
import structlog

from tamani.core.errors import DefectError, OutageError
from tamani.core.policy import Reader
from tamani.desk.agenda.addresses import Addresses
from tamani.desk.agenda.search import Gathered
from tamani.desk.attestations import Attestations
from tamani.desk.attesting import Attesting, make_attesting, read_policy
from tamani.desk.capsule_reader import CapsuleReader
from tamani.desk.catch_up import CatchUp
from tamani.desk.database import Database
from tamani.desk.demands.search import told_of
from tamani.desk.erasures import Erasures
from tamani.desk.folded import Folded
from tamani.desk.gate import Gate
from tamani.desk.hub import Hub
from tamani.desk.identities import Identities, list_identities, open_identities
from tamani.desk.imports.publishing import Publisher
from tamani.desk.imports.store import Store
from tamani.desk.indexing import index_missing
from tamani.desk.laws.gathering import FAMILIES, Laws
from tamani.desk.mail.postman import Postman
from tamani.desk.mirror import Mirror
from tamani.desk.opening import Opener
from tamani.desk.pieces.blobs import Blobs
from tamani.desk.pieces.fetching import Fetching
from tamani.desk.pieces.store import Pieces
from tamani.desk.pieces.upward import Clear, Upward, always_clear
from tamani.desk.posting import Posting
from tamani.desk.preparing import Preparing
from tamani.desk.queries import Queries
from tamani.desk.saved.searches import SavedSearches
from tamani.desk.scrubbing import Scrubber
from tamani.desk.settings import DeskSettings
from tamani.desk.told import Told
from tamani.runtime.accounts.accounts import Accounts, open_accounts
from tamani.runtime.clock import Clock, system_clock
from tamani.runtime.registry import RegistryHolder
from tamani.runtime.sealed_key import read_passphrase
from tamani.runtime.tokens import TokenStore

log = structlog.get_logger(__name__)
MIGRATE_EVERY = 2.0
# For as many readers (the public is one) what takes long to make is kept: the laws of three countries may be megabytes.
MOST_FOLDED = 4
# A calendar is some tens of kilobytes.
MOST_CALENDARS = 64
# Meetings of a reader in a month, or of a feed: some hundred notices each.
MOST_MEETINGS = 16


@dataclass(slots=True)
class Desk:
    """The parts of a desk. `failed` ends when a task has, which is always a defect."""

    settings: DeskSettings
    database: Database
    registry: RegistryHolder
    queries: Queries
    accounts: Accounts
    gate: Gate
    hub: Hub
    mirror: Mirror
    capsules: CapsuleReader
    opener: Opener
    addresses: Addresses
    imports: Store
    pieces: Pieces
    postman: Postman
    attestations: Attestations
    erasures: Erasures
    laws: Folded[Reader, Laws]
    meetings: Folded[Hashable, Gathered]
    calendars: Folded[Hashable, bytes]
    told: Told
    saved: SavedSearches
    # None where there is no archive, to hand pieces to and to fetch them from.
    upward: Upward | None = None
    fetching: Fetching | None = None
    # None where no policy says whom to believe.
    attesting: Attesting | None = None
    # The posting side of the same site, where there is one.
    posting: Posting = field(default_factory=lambda: Posting(None))
    # Files of rows that are being published.
    importing: Publisher = field(init=False)
    clock: Clock = system_clock
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.importing = Publisher(self.imports)

    @property
    def demo(self) -> bool:
        """Whether every page must say that nothing here is real."""
        return self.settings.demo or self.registry.current.demo

    @property
    def preparing(self) -> Preparing:
        """Makes what is kept, before anybody asks."""
        kept = self.laws, self.meetings, self.told
        return Preparing(self.settings, self.database, self.queries, self.accounts, *kept, self.clock, MOST_FOLDED)

    def start(self, *jobs: Callable[[], Awaitable[None]]) -> None:
        """Start the tasks beside the exits."""
        self._tasks |= {asyncio.create_task(_as_task(job), name=f"desk-{number}") for number, job in enumerate(jobs)}

    async def failed(self) -> None:
        """Wait for a task to end; nothing but a defect ends one.

        Raises:
            Exception: what ended it.
        """
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """End the tasks; what they were writing is written whole or not at all."""
        self.hub.stop()
        await self.importing.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in (self.attesting, self.upward, self.fetching):
            if client is not None:
                await client.close()


@contextlib.asynccontextmanager
async def desk_running(
    settings: DeskSettings,
    stop: asyncio.Event,
    *,
    registry: RegistryHolder | None = None,
    node: httpx.AsyncClient | None = None,
    clear: Clear = always_clear,
    clock: Clock = system_clock,
) -> AsyncIterator[Desk]:
    """A desk at work for as long as the block lasts; the caller serves `build_app(desk)`.

    `registry` and `node` are the site's own if it has them; `clear` says whether notices wait at that node. As soon as
    `stop` is set, live streams end, so that a server that waits for its connections can stop.

    Raises:
        DefectError: `failed.database.version`, `failed.keystore`, `failed.settings`.
    """
    holder = registry or await RegistryHolder(settings, settings.registry_path).start()
    database = Database(settings.conninfo)
    archive = CatchUp.of(settings)
    desk = make_desk(settings, database, holder, archive, clock)
    desk.posting = Posting(node)
    try:
        await _migrate(database, stop)
        desk.start(
            desk.mirror.run,
            desk.capsules.run,
            desk.hub.run,
            desk.postman.run,
            desk.pieces.run,
            Scrubber(settings.conninfo, database).run,
            lambda: _dismiss(desk.hub, stop),
            lambda: _fill_search(desk),
            desk.preparing.run,
        )
        if desk.attesting is not None:
            desk.start(desk.attesting.run)
        if desk.upward is not None:
            desk.upward.clear = clear
            desk.start(desk.upward.run)
        yield desk
    finally:
        await desk.stop()
        desk.accounts.close()
        await database.close()
        if archive is not None:
            await archive.close()
        if registry is None:
            await holder.stop()


def make_desk(
    settings: DeskSettings,
    database: Database,
    registry: RegistryHolder,
    archive: CatchUp | None,
    clock: Clock = system_clock,
) -> Desk:
    """The parts, with nothing started."""
    accounts = open_accounts(settings.data_dir, clock, settings.passphrase_file, settings.session_ends)
    queries = Queries(database)
    attestations = read_policy(settings, database, registry)
    up, down = Blobs.of(settings), Blobs.of(settings)
    opener = Opener(database, queries, _identities(settings), registry, clock)
    return Desk(
        settings=settings,
        database=database,
        registry=registry,
        queries=queries,
        accounts=accounts,
        gate=Gate(TokenStore(settings.tokens_path), accounts.sessions, registry, clock, settings.cookie),
        hub=Hub(database),
        mirror=Mirror(settings, database, registry, archive, clock),
        capsules=CapsuleReader(settings, database, clock),
        opener=opener,
        addresses=Addresses(database, clock),
        imports=Store(database, clock),
        pieces=Pieces(database, clock),
        # Its own: reminders go through all bodies that have asked for them, and would push out what pages were told.
        postman=Postman(settings, database, registry, told=told_of(queries), opener=opener, clock=clock),
        attestations=attestations,
        erasures=Erasures(database, settings.country),
        saved=SavedSearches(database, clock),
        laws=Folded(database, FAMILIES, MOST_FOLDED),
        meetings=Folded(database, ("agenda",), MOST_MEETINGS),
        calendars=Folded(database, ("agenda",), MOST_CALENDARS),
        told=told_of(queries),
        upward=Upward(database, up, clock) if up else None,
        fetching=Fetching(database, down, settings.country, clock) if down else None,
        attesting=make_attesting(settings, attestations, registry, clock),
        clock=clock,
    )


def _identities(settings: DeskSettings) -> Identities:
    if not list_identities(settings.reading_keys_path):
        log.info("desk.no_reading_keys", why="sealed notices cannot be opened here")
        return Identities()
    if settings.passphrase_file is None:
        raise DefectError("failed.settings", "TAMANI_DESK_PASSPHRASE_FILE")
    return open_identities(settings.reading_keys_path, read_passphrase(settings.passphrase_file))


async def _migrate(database: Database, stop: asyncio.Event) -> None:
    """Before anything else; a database that is away is waited for."""
    while not stop.is_set():
        try:
            return await database.migrate()
        except OutageError as error:
            log.warning("desk.database_away", code=error.code.name, why=str(error.__cause__)[:200])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), MIGRATE_EVERY)
    return None


async def _fill_search(desk: Desk) -> None:
    """What an upgrade left unindexed, once; the database being away is waited out."""
    while True:
        try:
            if filled := await index_missing(desk.database, desk.registry.current):
                log.info("search.filled", notices=filled)
            await asyncio.Event().wait()
        except OutageError as error:
            log.warning("search.waits", code=error.code.name)
        await asyncio.sleep(MIGRATE_EVERY)


async def _dismiss(hub: Hub, stop: asyncio.Event) -> None:
    await stop.wait()
    hub.stop()
    await asyncio.Event().wait()


async def _as_task(job: Callable[[], Awaitable[None]]) -> None:
    await job()
