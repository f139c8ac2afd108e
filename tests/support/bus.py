"""The whole bus as real processes on free ports: Kafka, PostgreSQL, routers, archives and the sites of four origins.

    async with running_bus() as bus:
        bus.parts["archive-1"].kill()

Every process hangs on a tether and is ended by its own pid; a keeper starts again what ends, as the supervisor of
`tamani up` does. When a test fails, the last lines of every log are printed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx
import psycopg
from confluent_kafka import Producer

from tamani.core.names import REGISTRY, Country, country_of
from tamani.desk.identities import save_identity
from tamani.embedded.child import Child, Command
from tamani.embedded.ports import is_free
from tamani.node.keystore import LIGHT, save_key
from tamani.runtime.tokens import TokenStore, token_digest
from tamani.runtime.topic_admin import apply_plan
from tests.support import environments
from tests.support.cluster import Database, KafkaCluster, PostgresCluster, roomy_folder
from tests.support.notices import SOURCES, key_of, registry_value
from tests.support.nursery import born
from tests.support.ports import free_ports
from tests.support.poster import Poster
from tests.support.processes import Part
from tests.support.reading_keys import identity_of
from tests.support.slow_link import SlowLink, slow_link
from tests.support.templates import broker_disk, database_server
from tests.support.voice import save_voice, with_voice

PASSPHRASE = b"une phrase pour les essais"
LAST_LINES = 40
# The node of Mali's observatories, which need not post from a machine of their government's.
OSC = "node-osc"
NOISE = (
    "password in the clear",
    "Unable connect to",
    "Unable to update metadata",
    "Failed fetch messages",
    "Got error produce response",
    "Group Coordinator Request failed",
    "the database system is",
    "recovery state has not been",
)


class Bus:
    """Its parts by name: `kafka`, `postgres`, `router-1`, `archive-1`, `site-ml` …

    `evidence`: the archive tells what it finds with a key of its own, and desks attest. `settings`: environment
    variables that every service gets besides its own. `osc`: a body of Mali that posts from a node of its own
    (`node-osc`), to be added by the test. `mail`: the port of a relay on this machine by which desks send, at any
    hour. `begun` makes a process of a command: forked for speed, unless what it costs
    is measured (`Child`).
    """

    def __init__(
        self,
        folder: Path,
        sites: Iterable[Country],
        slow: Country | None = None,
        *,
        evidence: bool = False,
        settings: Mapping[str, str] | None = None,
        osc: str | None = None,
        mail: int | None = None,
        begun: Callable[[Command], Child] = born,
    ) -> None:
        self.folder = folder
        self.settings = dict(settings or {})
        self.voice = save_voice(folder / "voice", PASSPHRASE) if evidence else None
        self.sites = tuple(sites)
        self.osc = osc
        self.mail = mail
        self._begun = begun
        self.kafka = KafkaCluster(folder / "broker", broker_disk())
        self.link: SlowLink | None = None
        self.postgres = PostgresCluster(folder / "store", database_server())
        self.databases: dict[str, Database] = {}
        self.parts: dict[str, Part] = {}
        witnesses = [f"witness-{country}" for country in Country if country is not Country.RG]
        names = [*(f"site-{country}" for country in Country), *witnesses, OSC] + [
            f"{kind}-{n}" for kind in ("router", "archive") for n in (1, 2)
        ]
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.tokens: dict[str, str] = {}
        self.site_kafka: dict[Country, str] = {}  # where a site meets the broker, if not at its own door
        self._archived = 0
        self._watching: psycopg.AsyncConnection[Any] | None = None
        self._add("kafka", self._kafka_command, self._kafka_answers)
        self._add("postgres", self.postgres.postgres.prepare, self._postgres_answers)
        for country in self.sites:
            self._prepare_site(country)
        if osc is not None:
            self._prepare_osc(osc)
        if slow is not None:
            self._put_behind_link(slow)

    # What it is made of.

    def url(self, country: Country) -> str:
        """Where a site listens."""
        return f"http://127.0.0.1:{self.ports[f'site-{country}']}"

    def site_folder(self, country: Country) -> Path:
        """A site's files."""
        return self.folder / "sites" / country

    @property
    def osc_folder(self) -> Path:
        """The files of the observatory's own node."""
        return self.folder / "sites" / "ml-osc"

    def poster(self) -> Poster:
        """A client of every site."""
        return Poster({country: self.url(country) for country in self.sites}, self.tokens)

    def osc_poster(self) -> Poster:
        """A client of the observatory's own node."""
        assert self.osc is not None
        token = TokenStore(self.osc_folder / "tokens.sqlite").issue(self.osc, "validated", "essai")
        return Poster({Country.ML: f"http://127.0.0.1:{self.ports[OSC]}"}, {self.osc: token})

    def archive_dsn(self) -> str:
        """The ledger, as its owner."""
        return self.databases["archive"].dsn

    @property
    def archive_url(self) -> str:
        """Where the region's archive answers desks."""
        return f"http://127.0.0.1:{self.ports['archive-1']}"

    def archive_token_file(self, country: Country) -> Path:
        """The token of a desk at the archive."""
        return self.site_folder(country) / "archive.token"

    async def archived(self) -> int:
        """How many notices the ledger holds; what it held at the last answer while PostgreSQL is away."""
        try:
            if self._watching is None or self._watching.closed:
                self._watching = await psycopg.AsyncConnection.connect(
                    self.archive_dsn(), connect_timeout=2, autocommit=True
                )
            row = await (await self._watching.execute("SELECT count(*) FROM ledger")).fetchone()
        except psycopg.OperationalError:
            self._watching = None
            return self._archived
        self._archived = int(row[0]) if row else 0
        return self._archived

    async def ledger_size(self) -> int:
        """The same from the row that counts: cheap, for a watch in a measurement."""
        async with await psycopg.AsyncConnection.connect(self.archive_dsn()) as connection:
            row = await (await connection.execute("SELECT size FROM log_head")).fetchone()
        return int(row[0]) if row else 0

    async def published(self) -> bool:
        """Whether every receipt and feed entry of the ledger has the broker's acknowledgement."""
        query = "SELECT h.answers, h.feeds, p.answers, p.feeds FROM log_head h, publisher p"
        async with await psycopg.AsyncConnection.connect(self.archive_dsn()) as connection:
            row = await (await connection.execute(query)).fetchone()
        if row is None:
            return False
        answers, feeds, told, told_feeds = row
        return bool(answers == told and all(told_feeds.get(cc) == end[0] for cc, end in feeds.items()))

    # Starting and ending.

    async def start_stores(self) -> None:
        """Kafka with its topics and rules, PostgreSQL with its databases, and the registry on its topic."""
        for name in ("kafka", "postgres"):
            await self.parts[name].start()
        for name in ("kafka", "postgres"):
            await self.parts[name].ready(180)
        await self.make_topics()
        await self.make_databases()

    async def make_databases(self) -> None:
        """One for the archive, one a desk, each with its role."""
        for name in ("archive", *(f"desk_{country}" for country in self.sites)):
            self.databases[name] = await asyncio.to_thread(self.postgres.fresh, name)

    async def make_topics(self) -> None:
        """What `topics.yaml` says, and the registry of the tests."""
        await asyncio.to_thread(apply_plan, self.kafka.kafka.admin(), self.kafka.plan, 1)
        producer = Producer(self.kafka.confluent("registry"))
        producer.produce(REGISTRY, registry_value(**with_voice() if self.voice else {}), b"registry")
        assert await asyncio.to_thread(producer.flush, 30) == 0

    async def add(self, *names: str) -> None:
        """Start services and wait until they answer: `router-2`, `archive-1`, `site-ml` …"""
        for name in names:
            self.prepare(name)
            await self.parts[name].start()
        for name in names:
            await self.parts[name].ready(180)
            if name == "archive-1":
                await self._let_desks_in()

    def prepare(self, name: str) -> Part:
        """A service that is ready to be started."""
        kind, _, which = name.partition("-")
        if kind == "site":
            environment, port = environments.site(self, Country(which)), self.ports[name]
            argv = ["site", "--country", which]
        elif name == OSC:
            environment, port = environments.osc(self), self.ports[name]
            argv = ["node", "--country", "ml", "--node", "osc"]
        elif kind == "witness":
            environment, port = environments.witness(self, Country(which)), self.ports[name]
            argv = ["witness", "--country", which]
        elif kind == "archive":
            environment, port = environments.archive(self, name), self.ports[name]
            argv = ["archive"]
        else:
            environment, port = environments.router(self, name), self.ports[name]
            argv = ["router"]
        program = (sys.executable, "-m", "tamani", "serve", *argv)
        log = self.folder / "logs" / f"{name}.log"
        command = Command(program, log, environment | self.settings, cwd=self.folder)
        # A site is there when both its sides are: the node stands alone, the desk needs its database.
        path = "/v1/records" if kind == "site" else "/healthz"
        self._add(name, lambda: command, lambda: self._http_answers(port, path))
        return self.parts[name]

    async def end(self) -> None:
        """End everything, services in good order; the broker without, for nobody reads its disk again."""
        if self._watching is not None:
            await self._watching.close()
        stores = {"kafka", "postgres"}
        await asyncio.gather(*(part.stop() for name, part in self.parts.items() if name not in stores))
        await asyncio.gather(self.parts["kafka"].end(), self.parts["postgres"].stop())

    def last_lines(self) -> str:
        """The end of every log."""
        told = []
        services = (self.folder / "logs").glob("*.log")
        for path in (self.folder / "broker" / "kafka.log", self.folder / "store" / "postgres.log", *sorted(services)):
            if not path.exists():
                continue
            lines = path.read_text("utf-8", "replace").splitlines()
            lines = [line for line in lines if not any(noise in line for noise in NOISE)][-LAST_LINES:]
            told.append(f"---- {path.name}\n" + "\n".join(line[:400] for line in lines))
        return "\n".join(told)

    # Inside.

    def _add(self, name: str, command: Any, answers: Any) -> None:
        self.parts[name] = Part(name, command, answers, self._begun)

    def _put_behind_link(self, country: Country) -> None:
        """This site's node meets the broker at a door of its own, and the door's address is that of the link."""
        door, port = free_ports(2)
        self.link = SlowLink(("127.0.0.1", door), port=port)
        self.link.lift()
        self.kafka.open_door(door, port)
        self.site_kafka[country] = f"127.0.0.1:{port}"

    def _prepare_site(self, country: Country) -> None:
        folder = self.site_folder(country)
        tokens = TokenStore(folder / "tokens.sqlite")
        for source in SOURCES:
            if country_of(source) is country:
                # A key lives on one node.
                if source != self.osc:
                    save_key(folder / "keys", source, key_of(source), PASSPHRASE, LIGHT)
                save_identity(folder / "reading", source, identity_of(source), PASSPHRASE, LIGHT)
                self.tokens[source] = tokens.issue(source, "validated", "essai")
        (folder / "passphrase").write_bytes(PASSPHRASE + b"\n")
        self.archive_token_file(country).write_text(f"tmn_{token_urlsafe(32)}\n", "ascii")

    def _prepare_osc(self, source: str) -> None:
        save_key(self.osc_folder / "keys", source, key_of(source), PASSPHRASE, LIGHT)
        (self.osc_folder / "passphrase").write_bytes(PASSPHRASE + b"\n")

    async def _let_desks_in(self) -> None:
        """The archive's operator gives each desk its token."""
        row = "INSERT INTO desk_token (digest, cc, label) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
        async with await psycopg.AsyncConnection.connect(self.archive_dsn()) as connection:
            for country in self.sites:
                token = self.archive_token_file(country).read_text("ascii").strip()
                await connection.execute(row, (token_digest(token), country.value, "essai"))

    def _kafka_command(self) -> Command:
        return self.kafka.command

    async def _kafka_answers(self) -> bool:
        return await asyncio.to_thread(self.kafka.kafka.answers)

    async def _postgres_answers(self) -> bool:
        return await asyncio.to_thread(self.postgres.postgres.answers)

    async def _http_answers(self, port: int, path: str) -> bool:
        if is_free(port):  # asks nothing of what is still being loaded
            return False
        try:
            async with httpx.AsyncClient(timeout=2) as client:
                return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code == 200
        except httpx.TransportError:
            return False


@asynccontextmanager
async def running_bus(
    sites: Iterable[Country] = tuple(Country),
    workers: Iterable[str] = ("router-1", "archive-1"),
    slow: Country | None = None,
    **more: Any,
) -> AsyncIterator[Bus]:
    """Everything started and answering; ended when the block ends, with its last words if the test failed.

    `slow` names a site whose node meets the broker through `bus.link`, a good link until it is slowed down; `more` is
    said at `Bus`.
    """
    async with stores_only(sites, slow, **more) as bus:
        await bus.add(*workers, *(f"site-{country}" for country in bus.sites))
        yield bus


@asynccontextmanager
async def stores_only(
    sites: Iterable[Country] = tuple(Country), slow: Country | None = None, **more: Any
) -> AsyncIterator[Bus]:
    """Kafka and PostgreSQL with topics, databases and registry; services are the test's to add."""
    with roomy_folder() as folder:
        bus = Bus(folder, sites, slow, **more)
        async with AsyncExitStack() as held:
            if bus.link is not None:
                await held.enter_async_context(slow_link(bus.link))
            try:
                await bus.start_stores()
                yield bus
            except BaseException:
                print(bus.last_lines())
                raise
            finally:
                await bus.end()
                bus.postgres.remove()
