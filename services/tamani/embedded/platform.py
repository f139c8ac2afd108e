"""The platform as parts: which processes there are, what each needs, how one knows that it works."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx
import psycopg

from tamani.archive.desk_tokens import admit_desk_token
from tamani.core.errors import OutageError
from tamani.core.names import Country
from tamani.embedded.archive_voice import ensure_voice
from tamani.embedded.attest import Attestation
from tamani.embedded.child import Command
from tamani.embedded.enrol import Office
from tamani.embedded.environments import Environments, archive_token
from tamani.embedded.kafka import Kafka
from tamani.embedded.kafka_config import ADMIN
from tamani.embedded.keeper import Part, nothing
from tamani.embedded.layout import Layout
from tamani.embedded.ports import is_free
from tamani.embedded.postgres import Postgres
from tamani.embedded.settings import UpSettings
from tamani.runtime.kafka import KafkaProducer
from tamani.runtime.settings import ServiceSettings
from tamani.runtime.topic_admin import apply_plan
from tamani.runtime.topics import plan_bus

DAY_SECONDS = 86_400.0
DATABASES = ("archive", *(f"desk_{country}" for country in Country))


class Platform:
    """One machine's Kafka, PostgreSQL, router, archive, four sites and three witnesses."""

    def __init__(self, options: UpSettings, layout: Layout, office: Office, http: httpx.AsyncClient) -> None:
        self._options = options
        self._layout = layout
        self._office = office
        self._http = http
        attestation = Attestation(layout, options)
        attestation.prepare()
        office.enrol((), (), log_policy=attestation.policy_text)
        ensure_voice(layout, office)
        self._environments = Environments(options, layout, office)
        self._plan = plan_bus()
        self._told, self._told_at = b"", 0.0
        self.kafka = make_kafka(options, layout)
        self.postgres = make_postgres(options, layout)

    def stages(self) -> list[list[Part]]:
        """What is started together: first what keeps data, then what works on it."""
        sites = [self._site(country) for country in self._options.site_ports]
        witnesses = [self._witness(country) for country in self._options.witness_ports]
        return [[self._kafka_part(), self._postgres_part()], [self._archive(), self._router(), *sites, *witnesses]]

    def ports(self) -> dict[str, tuple[str, int]]:
        """Every address that must be free, by the part that wants it."""
        options = self._options
        sites = {f"site-{country}": (options.host, port) for country, port in options.site_ports.items()}
        witnesses = {f"witness-{country}": ("127.0.0.1", port) for country, port in options.witness_ports.items()}
        return (
            sites
            | witnesses
            | {
                "kafka": ("127.0.0.1", options.kafka_port),
                "kafka (controller)": ("127.0.0.1", options.kafka_controller_port),
                "postgres": ("127.0.0.1", options.postgres_port),
                "archive": (options.host, options.archive_port),
                "router": ("127.0.0.1", options.router_port),
            }
        )

    def sites(self) -> dict[Country, str]:
        """The address of each site."""
        return {country: f"http://{self._options.host}:{port}" for country, port in self._options.site_ports.items()}

    def as_(self, principal: str) -> ServiceSettings:
        """Settings to come in to the broker as this principal."""
        return ServiceSettings(**self._environments.kafka(principal))

    def database(self, name: str) -> str:
        """How a database's owner connects to it."""
        return self.postgres.dsn(name, name, self._layout.secrets.password(f"postgres.{name}"))

    def _kafka_part(self) -> Part:
        async def answers() -> bool:
            return await asyncio.to_thread(self.kafka.answers)

        return Part("kafka", self.kafka.address, self.kafka.prepare, answers, self.kafka.log, self._furnish_kafka)

    async def _furnish_kafka(self) -> None:
        """Topics and rights, then the registry: also after the broker lost all it held."""
        await asyncio.to_thread(lambda: apply_plan(self.kafka.admin(), self._plan, replication=1))
        await self._publish_registry()

    async def _publish_registry(self) -> None:
        producer = await KafkaProducer(self.as_("registry")).start()
        try:
            await self._office.publish(producer)
        finally:
            await producer.stop()
        self._told, self._told_at = self._office.value, time.monotonic()

    async def pass_registry_on(self) -> None:
        """Hand the registry to the bus when a command has changed it, and each day to say that there is none newer.

        Raises:
            OutageError: `failed.broker`.
        """
        if self._office.value != self._told or time.monotonic() - self._told_at > DAY_SECONDS:
            await self._publish_registry()

    def _postgres_part(self) -> Part:
        async def answers() -> bool:
            return await asyncio.to_thread(self.postgres.answers)

        async def furnish() -> None:
            await asyncio.to_thread(ensure_databases, self.postgres, self._layout)

        return Part("postgres", self.postgres.address, self.postgres.prepare, answers, self.postgres.log, furnish)

    def _archive(self) -> Part:
        address = f"http://{self._options.host}:{self._options.archive_port}"
        environment = self._environments.archive()
        return self._service("archive", ("archive",), environment, address, self._admit_desks)

    async def _admit_desks(self) -> None:
        for country in Country:
            token = self._layout.secrets.password(archive_token(country))
            try:
                await asyncio.to_thread(admit_desk_token, self.database("archive"), country, token, "tamani up")
            except psycopg.OperationalError as error:
                raise OutageError("failed.database", str(error)) from error

    def _router(self) -> Part:
        address = f"http://127.0.0.1:{self._options.router_port}"
        return self._service("router", ("router",), self._environments.router(), address)

    def _site(self, country: Country) -> Part:
        words = ("site", "--country", country.value)
        return self._service(f"site-{country}", words, self._environments.site(country), self.sites()[country])

    def _witness(self, country: Country) -> Part:
        words = ("witness", "--country", country.value)
        address = f"http://127.0.0.1:{self._options.witness_ports[country]}"
        return self._service(f"witness-{country}", words, self._environments.witness(country), address)

    def _service(
        self,
        name: str,
        words: tuple[str, ...],
        environment: Mapping[str, str],
        address: str,
        when_ready: Callable[[], Awaitable[None]] = nothing,
    ) -> Part:
        log = self._layout.log(name)
        command = Command((sys.executable, "-P", "-m", "tamani", "serve", *words), log, environment)

        where = httpx.URL(address)

        async def answers() -> bool:
            if where.port is None or is_free(where.port, where.host):  # asks nothing of what is still being loaded
                return False
            try:
                answer = await self._http.get(f"{address}/healthz")
            except httpx.TransportError:
                return False
            # A site answers before its desk does; it is ready with both.
            return answer.is_success and answer.json().get("desk", {}).get("status") != "starting"

        return Part(name, address, lambda: command, answers, log, when_ready)


def make_kafka(options: UpSettings, layout: Layout) -> Kafka:
    """The broker of a data folder, with a password for each principal of `topics.yaml`."""
    passwords = {who: layout.secrets.password(who) for who in (ADMIN, *plan_bus().principals)}
    ports = (options.kafka_port, options.kafka_controller_port)
    return Kafka(layout.kafka, Path(options.jars), passwords, layout.log("kafka"), "127.0.0.1", *ports)


def make_postgres(options: UpSettings, layout: Layout) -> Postgres:
    """The database server of a data folder."""
    password = layout.secrets.password("postgres.admin")
    return Postgres(layout.postgres, password, layout.log("postgres"), port=options.postgres_port)


def ensure_databases(postgres: Postgres, layout: Layout) -> None:
    """One database and role for the archive and for each desk.

    Raises:
        OutageError: `failed.database`, the server went away meanwhile.
    """
    try:
        for name in DATABASES:
            postgres.ensure_database(name, layout.secrets.password(f"postgres.{name}"))
    except psycopg.OperationalError as error:
        raise OutageError("failed.database", str(error)) from error
