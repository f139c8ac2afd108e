"""A fact as it lies in the table `finding`: written in the transaction that finds it out, told afterwards."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

CONTEST: Final = "contest"
GAP: Final = "gap"
GAP_FILLED: Final = "gap-filled"
SILENCE: Final = "silence"
HEARD: Final = "heard"
_ADD = "INSERT INTO finding (kind, facts, found) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_UNTOLD = "SELECT finding_no, kind, facts, found FROM finding WHERE told IS NULL ORDER BY finding_no LIMIT %s"
_TOLD = "UPDATE finding SET told = %s WHERE finding_no = %s"
_DROP = "DELETE FROM finding WHERE finding_no = %s"
_LEFT = "SELECT count(*) FROM finding WHERE told IS NULL"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, when (the ledger's time), and what the notice follows from. `number` is 0 until it is stored."""

    kind: str
    facts: dict[str, Any]
    found: datetime
    number: int = 0

    @property
    def spelled(self) -> str:
        """The facts in the one spelling by which they are known."""
        return json.dumps(self.facts, sort_keys=True, separators=(",", ":"))


async def add(connection: AsyncConnection[Any], finding: Finding) -> None:
    """Keep a fact; one that is known already changes nothing."""
    await connection.execute(_ADD, [finding.kind, finding.spelled, finding.found])


async def untold(connection: AsyncConnection[Any], most: int) -> list[Finding]:
    """The oldest facts that no notice in the ledger tells yet."""
    cursor = await connection.execute(_UNTOLD, [most])
    return [Finding(kind, json.loads(facts), found, number) async for number, kind, facts, found in cursor]


async def note_told(connection: AsyncConnection[Any], finding: Finding, log_index: int) -> None:
    """The notice that tells it is in the ledger."""
    await connection.execute(_TOLD, [log_index, finding.number])


async def drop(connection: AsyncConnection[Any], finding: Finding) -> None:
    """What it speaks of is gone: there is nothing left to tell."""
    await connection.execute(_DROP, [finding.number])


async def count_untold(connection: AsyncConnection[Any]) -> int:
    """How many facts wait to be told."""
    row = await (await connection.execute(_LEFT)).fetchone()
    return int(row[0]) if row else 0
