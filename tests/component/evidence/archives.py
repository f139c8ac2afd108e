"""The ledger that attacks are made on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.support.cluster import Database

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Archive:
    """A new ledger, what makes a copy of it, and a folder for what lies beside it."""

    ledger: Database
    copy: Callable[[Database], Database]
    folder: Path


async def connect(database: Database) -> Connection:
    """To look at it, and to change it, statement by statement."""
    return await psycopg.AsyncConnection.connect(database.dsn, autocommit=True)
