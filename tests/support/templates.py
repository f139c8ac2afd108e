"""What brokers, servers and databases begin with, made once a process and copied: formatting a disk, `initdb` and
migrations take longer than what many a test does with them.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import tamani.archive
from tamani.runtime.migrate import upgrade
from tests.support.cluster import Database, KafkaCluster, PostgresCluster

LEDGER_MIGRATIONS = Path(tamani.archive.__file__).parent / "migrations"


@cache
def broker_disk() -> Path:
    """A formatted disk; its copies are the same cluster."""
    return KafkaCluster(_folder() / "broker").kafka.folder / "data"


@cache
def database_server() -> PostgresCluster:
    """A server that never runs."""
    made = PostgresCluster(_folder() / "store")
    atexit.register(made.remove)
    return made


@cache
def ledger_tables(postgres: PostgresCluster) -> Database:
    """On this server, an archive's database with its tables, empty."""
    made = postgres.fresh()
    upgrade(made.dsn, LEDGER_MIGRATIONS)
    return made


@cache
def _folder() -> Path:
    """Until this process ends; PostgreSQL's unprivileged user may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="tamani-test-"))
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder)
    return folder
