"""Fixtures that any test may ask for: a real broker and a real database, shared where that is honest.

`kafka` and `postgres` live as long as the session (topic names are fixed, so tests on `kafka` share its topics: use
subjects, ids and end offsets of your own). `fresh_kafka` is a broker of your own, to stop, kill or empty;
`database` is a new database for each test.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import httpx._transports.default as transports
import pytest
from hypothesis import settings

from tamani.core.errors import DefectError
from tamani.embedded.jars import checked_class_path, shipped_lock
from tests.support.cluster import (
    JARS,
    Database,
    KafkaCluster,
    PostgresCluster,
    kafka_cluster,
    postgres_cluster,
)
from tests.support.guessing import LEAST, cost
from tests.support.templates import broker_disk, database_server

pytest_plugins = ("pytester", "tests.support.skipping", "tests.support.telling")
# How long an example takes on a machine that does much else says nothing; where time matters, a test measures it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Each client of httpx reads the root certificates anew (some 20 ms), also one that only speaks HTTP on this machine.
transports.create_ssl_context = cache(httpx.create_ssl_context)  # type: ignore[attr-defined]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--shots`: pictures of pages."""
    parser.addoption("--shots", metavar="FOLDER", help="where the browser tests put pictures of the pages")


@pytest.fixture(scope="session", autouse=True)
def cheap_guesses() -> Iterator[None]:
    """Argon2 with the least parameters there are, but in the tests that measure it."""
    with pytest.MonkeyPatch.context() as patch:
        cost(patch, LEAST)
        yield


@pytest.fixture(scope="session")
def jars() -> Path:
    """The folder of Kafka's jars; a machine that has not fetched them skips, and says so."""
    try:
        checked_class_path(JARS, shipped_lock())
    except DefectError as error:
        if error.code.name != "failed.jars":
            raise
        pytest.skip(f"no Kafka here: {error.code.en}")
    return JARS


@pytest.fixture(scope="session")
def kafka(jars: Path) -> Iterator[KafkaCluster]:
    """The session's broker."""
    with kafka_cluster(broker_disk()) as cluster:
        yield cluster


@pytest.fixture
def fresh_kafka(jars: Path) -> Iterator[KafkaCluster]:
    """A broker for this test alone."""
    with kafka_cluster(broker_disk()) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """The session's PostgreSQL server."""
    with postgres_cluster(database_server()) as cluster:
        yield cluster


@pytest.fixture
def fresh_postgres() -> Iterator[PostgresCluster]:
    """A server for this test alone."""
    with postgres_cluster(database_server()) as cluster:
        yield cluster


@pytest.fixture
def database(postgres: PostgresCluster) -> Iterator[Database]:
    """A new, empty database."""
    fresh = postgres.fresh()
    yield fresh
    postgres.drop(fresh)
