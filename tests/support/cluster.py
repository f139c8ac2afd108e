"""Real Kafka and real PostgreSQL for tests: the very runners of `tamani up`, on free ports, in a folder of their own.

Both are tethered to the test process: however it ends, they end with it.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from tamani.core.names import Country
from tamani.embedded.child import Child
from tamani.embedded.kafka import Kafka
from tamani.embedded.kafka_config import ADMIN, jaas
from tamani.embedded.place import place_for
from tamani.embedded.postgres import Postgres
from tamani.embedded.secrets import Secrets
from tamani.embedded.settings import default_jars
from tamani.runtime.topic_admin import apply_plan
from tamani.runtime.topics import BusPlan, plan_bus
from tests.support.ports import free_ports

JARS = default_jars()
START_SECONDS = 90.0
# One node an origin and an observatory's own node in Mali, so that tests may meet a country with two.
NODES = {Country.BF: ("bf",), Country.ML: ("ml", "ml-osc"), Country.NE: ("ne",), Country.RG: ("rg",)}


def wait_until(condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Ask again until it holds; fail with its name when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


@contextmanager
def roomy_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's unprivileged user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="tamani-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class KafkaCluster:
    """A running broker with the topics and access rules of `topics.yaml`."""

    def __init__(self, folder: Path, template: Path | None = None, plan: BusPlan | None = None) -> None:
        port, controller_port = free_ports(2)
        self.folder = folder
        self.plan = plan or plan_bus(NODES)
        self.secrets = Secrets(folder / "secrets")
        passwords = {who: self.secrets.password(who) for who in (ADMIN, *self.plan.principals)}
        log = folder / "kafka.log"
        self.kafka = Kafka(folder / "kafka", JARS, passwords, log, "127.0.0.1", port, controller_port)
        if template is not None:
            shutil.copytree(template, folder / "kafka" / "data")
        self.command = self.kafka.prepare()
        self.child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return self.kafka.address

    def start(self) -> "KafkaCluster":
        """Start it (again, on the same data and address) and make its topics."""
        self.child = Child(self.command)
        wait_until(lambda: self._alive() and self.kafka.answers(), "the broker answers")
        apply_plan(self.kafka.admin(), self.plan, replication=1)
        return self

    def stop(self) -> None:
        """End it as an operator would."""
        if self.child is not None:
            self.child.stop_now()

    def kill(self) -> None:
        """End it as a power cut would; its port and data stay as they are."""
        assert self.child is not None
        self.child.kill()

    def lose_data(self) -> None:
        """Delete everything a stopped broker holds; `start` then makes it anew, empty."""
        shutil.rmtree(self.kafka.folder)
        self.command = self.kafka.prepare()

    def open_door(self, port: int, advertised: int) -> None:
        """A second listener (before the start) that tells its clients another port: that of a proxy in front of it."""
        kafka = self.kafka
        own = f"BUS://127.0.0.1:{kafka.port}"
        rows = {
            "listeners": f"{own},DOOR://127.0.0.1:{port},CONTROLLER://127.0.0.1:{kafka.controller_port}",
            "advertised.listeners": f"{own},DOOR://127.0.0.1:{advertised}",
            "listener.security.protocol.map": ",".join(f"{n}:SASL_PLAINTEXT" for n in ("BUS", "DOOR", "CONTROLLER")),
            "listener.name.door.plain.sasl.jaas.config": jaas(kafka.passwords),
        }
        with (kafka.folder / "server.properties").open("a", encoding="ascii") as file:
            file.writelines(f"{name}={value}\n" for name, value in rows.items())

    def settings(self, principal: str) -> dict[str, Any]:
        """The Kafka part of a `ServiceSettings`."""
        return {
            "kafka_bootstrap": self.bootstrap,
            "kafka_username": principal,
            "kafka_password_file": self.secrets.path(principal),
        }

    def environment(self, principal: str, prefix: str) -> dict[str, str]:
        """The same as environment variables of a service, e.g. with the prefix `TAMANI_ROUTER_`."""
        return {f"{prefix}{name}".upper(): str(value) for name, value in self.settings(principal).items()}

    def aiokafka(self, principal: str = ADMIN) -> dict[str, Any]:
        """Arguments of an aiokafka client."""
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": principal,
            "sasl_plain_password": self.kafka.passwords[principal],
        }

    def confluent(self, principal: str = ADMIN) -> dict[str, Any]:
        """Settings of a confluent-kafka client."""
        return dict(self.kafka.client(principal))

    def _alive(self) -> bool:
        assert self.child is not None
        assert self.child.poll() is None, self.kafka.log.read_text()
        return True


class PostgresCluster:
    """A running server. Ask it for as many fresh databases as you like."""

    def __init__(self, folder: Path, template: "PostgresCluster | None" = None) -> None:
        (port,) = free_ports(1)
        self.secrets = Secrets(folder / "secrets")
        if template is not None:
            shutil.copy2(template.secrets.path("postgres.admin"), self.secrets.path("postgres.admin"))
        self.postgres = Postgres(
            folder / "postgres", self.secrets.password("postgres.admin"), folder / "postgres.log", port=port
        )
        if template is not None:
            self.postgres.place.make()
            subprocess.run(["cp", "-a", template.postgres.data, self.postgres.data], check=True)
        self.command = self.postgres.prepare()
        self.child: Child | None = None
        self._names = count(1)

    def start(self) -> "PostgresCluster":
        """Start it (again, on the same data and port)."""
        self.child = Child(self.command)
        wait_until(lambda: self._alive() and self.postgres.answers(), "PostgreSQL answers")
        return self

    def stop(self) -> None:
        """End it as an operator would."""
        if self.child is not None:
            self.child.stop_now()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.child is not None
        self.child.kill()

    def fresh(self, name: str | None = None) -> "Database":
        """A new, empty database with a role of its own."""
        database = Database(self.postgres, name or f"t{next(self._names)}", self.secrets)
        self.postgres.ensure_database(database.name, database.password)
        return database

    def copy_of(self, template: "Database") -> "Database":
        """A new database with all that the template holds, of the same owner; nobody may be connected to that one."""
        made = Database(self.postgres, f"t{next(self._names)}", self.secrets, template.owner)
        names = {"copy": sql.Identifier(made.name), "name": sql.Identifier(template.name)}
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            owner = sql.Identifier(made.owner)
            connection.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {name} OWNER {0}").format(owner, **names))
        return made

    def copy_database(self, name: str, copy: str) -> None:
        """A copy of a database, which it takes away from whoever is connected: what a backup holds."""
        names = {"name": sql.Identifier(name), "copy": sql.Identifier(copy)}
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {name} ALLOW_CONNECTIONS false").format(**names))
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            connection.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {name} OWNER {name}").format(**names))
            connection.execute(sql.SQL("ALTER DATABASE {name} ALLOW_CONNECTIONS true").format(**names))

    def replace_database(self, name: str, copy: str) -> None:
        """The copy takes the place of the database: what a restore does."""
        names = {"name": sql.Identifier(name), "copy": sql.Identifier(copy)}
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
            connection.execute(sql.SQL("ALTER DATABASE {copy} RENAME TO {name}").format(**names))

    def drop(self, database: "Database") -> None:
        """Remove a database, whoever is still connected."""
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            name = sql.Identifier(database.name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def remove(self) -> None:
        """Delete the data of a stopped server, wherever they had to be."""
        shutil.rmtree(place_for(self.postgres.folder).folder)

    def _alive(self) -> bool:
        assert self.child is not None
        assert self.child.poll() is None, self.postgres.log.read_text()
        return True


class Database:
    """How to reach one database as its owner."""

    def __init__(self, postgres: Postgres, name: str, secrets: Secrets, owner: str | None = None) -> None:
        self._postgres = postgres
        self.name = name
        self.owner = owner or name
        self.password = secrets.password(f"postgres.{self.owner}")
        self.password_file = secrets.path(f"postgres.{self.owner}")

    @property
    def dsn(self) -> str:
        """libpq's connection string."""
        return self._postgres.dsn(self.name, self.owner, self.password)

    @property
    def url(self) -> URL:
        """SQLAlchemy's URL, on psycopg 3."""
        return URL.create("postgresql+psycopg", self.owner, self.password, "127.0.0.1", self._postgres.port, self.name)


@contextmanager
def kafka_cluster(template: Path | None = None) -> Iterator[KafkaCluster]:
    """A broker for as long as the block lasts."""
    with roomy_folder() as folder:
        cluster = KafkaCluster(folder, template)
        try:
            yield cluster.start()
        finally:
            if cluster.child is not None:
                cluster.kill()  # nobody reads its disk again


@contextmanager
def postgres_cluster(template: PostgresCluster | None = None) -> Iterator[PostgresCluster]:
    """A PostgreSQL server for as long as the block lasts."""
    with roomy_folder() as folder:
        cluster = PostgresCluster(folder, template)
        try:
            yield cluster.start()
        finally:
            cluster.stop()
            cluster.remove()
