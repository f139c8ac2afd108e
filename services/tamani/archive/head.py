"""The one row that every writing transaction locks first: all numbers of the ledger come from it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from tamani.core.names import Country
from tamani.runtime.database import only_row

_READ = "SELECT size, epoch, answers, nullif(recordedtime, '-infinity'), feeds::text, rewinds, leaves FROM log_head"
_WRITE = """
UPDATE log_head SET size = %s, epoch = %s, answers = %s, recordedtime = coalesce(%s, recordedtime), feeds = %s,
    leaves = %s
"""


@dataclass(slots=True)
class Tail:
    """The end of one feed: how many entries it has, and the digest of the last."""

    size: int = 0
    digest: bytes = b""


@dataclass(slots=True)
class Head:
    """How far the ledger has come."""

    size: int = 0
    epoch: int = 1
    answers: int = 0
    recorded: datetime | None = None
    feeds: dict[Country, Tail] = field(default_factory=lambda: {country: Tail() for country in Country})
    rewinds: int = 0
    leaves: int = 0

    def behind(self, other: "Head") -> bool:
        """Whether this is an earlier state than one that was seen before: the database went back in time."""
        return self.size < other.size or self.epoch < other.epoch or self.answers < other.answers


async def read_head(connection: AsyncConnection[Any], *, lock: bool = False) -> Head:
    """The row, locked until the end of the transaction if it is going to move."""
    row = await only_row(connection, _READ + (" FOR UPDATE" if lock else ""))
    size, epoch, answers, recorded, feeds, rewinds, leaves = row
    tails = {country: Tail() for country in Country}
    for name, (count, digest) in json.loads(feeds).items():
        tails[Country(name)] = Tail(count, bytes.fromhex(digest))
    return Head(size, epoch, answers, recorded, tails, rewinds, leaves)


async def write_head(connection: AsyncConnection[Any], head: Head) -> None:
    """Move the row that this transaction holds."""
    feeds = {country.value: [tail.size, tail.digest.hex()] for country, tail in head.feeds.items()}
    await connection.execute(_WRITE, [head.size, head.epoch, head.answers, head.recorded, Jsonb(feeds), head.leaves])
