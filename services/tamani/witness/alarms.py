"""What a witness has seen that must not be: kept with its evidence, said in words, and never forgotten.

A conflict between two signed checkpoints is a fact and stands for ever. The other alarms end when what they tell of has
ended: the log shows its entries again, or has shown how it grew.
"""

import sqlite3
from dataclasses import dataclass

from tamani.core.codes import code
from tamani.core.log.conflict import Conflict

CONFLICT = "failed.witness.conflict"
MISSING = "failed.witness.missing"
ALTERED = "failed.witness.altered"
UNSHOWN = "failed.witness.unshown"
ROLLBACK = "failed.witness.rollback"
# Whoever holds the log's key could make conflicts without end: these are enough to convict.
MOST_CONFLICTS = 100
_COLUMNS = "number, code, detail, since, until, conflict"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: times are POSIX seconds; `conflict` is the file that proves it, if it can be proven."""

    number: int
    code: str
    detail: str
    since: int
    until: int | None
    conflict: bytes | None

    def sentence(self, lang: str) -> str:
        """What it means, what to do and whom to call."""
        return code(self.code).sentence(lang)


def sound(
    db: sqlite3.Connection,
    name: str,
    detail: str,
    at: int,
    *,
    theirs: bytes,
    ours: bytes,
    conflict: Conflict | None = None,
) -> bool:
    """Note an alarm with the two signed checkpoints that it is about; whether it is a new one."""
    same = "SELECT 1 FROM alarm WHERE code = ? AND until IS NULL AND (? OR detail = ?)"
    if db.execute(same, (name, conflict is None, detail)).fetchone():
        return False
    (known,) = db.execute("SELECT count(*) FROM alarm WHERE conflict IS NOT NULL").fetchone()
    if conflict and known >= MOST_CONFLICTS:
        return False
    row = (name, detail, at, theirs, ours, bytes(conflict) if conflict else None)
    db.execute("INSERT INTO alarm (code, detail, since, theirs, ours, conflict) VALUES (?, ?, ?, ?, ?, ?)", row)
    return True


def settle(db: sqlite3.Connection, at: int, *names: str) -> None:
    """End those alarms of these codes that can end."""
    for name in names:
        db.execute("UPDATE alarm SET until = ? WHERE code = ? AND until IS NULL AND conflict IS NULL", (at, name))


def alarms(db: sqlite3.Connection, *, ended: bool = False) -> list[Alarm]:
    """Those that stand, or all, oldest first."""
    which = "" if ended else "WHERE until IS NULL"
    return [Alarm(*row) for row in db.execute(f"SELECT {_COLUMNS} FROM alarm {which} ORDER BY number")]  # noqa: S608


def find_alarm(db: sqlite3.Connection, number: int) -> Alarm | None:
    """The alarm of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM alarm WHERE number = ?", (number,)).fetchone()  # noqa: S608
    return Alarm(*row) if row else None
