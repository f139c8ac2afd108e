"""Fixtures that any test may ask for: a real broker and a real database, shared where that is honest.

`kafka` and `postgres` live as long as the session (topic names are fixed, so tests on `kafka` share its topics: use
subjects, ids and end offsets of your own). `fresh_kafka` is a broker of your own, to stop, kill or empty;
`database` is a new database for each test.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tamani.core.errors import DefectError
from tamani.embedded.jars import checked_class_path, shipped_lock
from tests.support.cluster import (
    JARS,
    Database,
    KafkaCluster,
    PostgresCluster,
    kafka_cluster,
    postgres_cluster,
    roomy_folder,
)
from tests.support.fetching import NOT_FETCHED

pytest_plugins = ("tests.support.telling",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--no-skips`: on a machine that has everything, a skipped test is a failed one. `--shots`: pictures of pages."""
    parser.addoption("--shots", metavar="FOLDER", help="where the browser tests put pictures of the pages")
    parser.addoption("--no-skips", action="store_true", help="fail if any test was skipped")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn skips into failure where they were forbidden; the reasons are in the summary (`-ra`).

    What a registry did not hand over is nobody's fault here: it is told, and does not fail the run.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--no-skips"):
        return
    if any(NOT_FETCHED not in str(report.longrepr) for report in reporter.stats.get("skipped", ())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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
def formatted_disk(jars: Path) -> Iterator[Path]:
    """An empty broker's disk: copied for each `fresh_kafka`, it saves formatting one."""
    with roomy_folder() as folder:
        cluster = KafkaCluster(folder)
        yield shutil.copytree(cluster.kafka.folder / "data", folder / "template")


@pytest.fixture(scope="session")
def kafka(formatted_disk: Path) -> Iterator[KafkaCluster]:
    """The session's broker."""
    with kafka_cluster(formatted_disk) as cluster:
        yield cluster


@pytest.fixture
def fresh_kafka(formatted_disk: Path) -> Iterator[KafkaCluster]:
    """A broker for this test alone."""
    with kafka_cluster(formatted_disk) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """The session's PostgreSQL server."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture
def fresh_postgres() -> Iterator[PostgresCluster]:
    """A server for this test alone."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture
def database(postgres: PostgresCluster) -> Iterator[Database]:
    """A new, empty database."""
    fresh = postgres.fresh()
    yield fresh
    postgres.drop(fresh)
