"""What nobody brings, a witness goes and looks for: what the log shows the world, what other witnesses cosigned.

A host that forks its log with the help of its own witness shows the fork to some, the truth to others. The helper has
to show what it cosigned, too: held against our tree, it is caught at the next look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from tamani.core.errors import TamaniError
from tamani.core.log.policy import Policy, Seen
from tamani.witness import alarms
from tamani.witness.compare import Compare, Finding
from tamani.witness.database import Database
from tamani.witness.source import Source
from tamani.witness.state import read_last

log = structlog.get_logger(__name__)
LOG = "log"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: when (POSIX seconds), how large a tree was shown, and what was wrong (a code), if anything."""

    at: int
    size: int | None
    wrong: str | None = None


class Watch:
    """Looks at each source in turn. `sources` are the log (`LOG`) and the other witnesses by their names."""

    def __init__(
        self, database: Database, policy: Policy, sources: Mapping[str, Source], now: Callable[[], int]
    ) -> None:
        self._database, self._policy, self._sources, self._now = database, policy, sources, now
        self._compare = Compare(database, now)
        self._before = 0
        self.looks: dict[str, Look] = {}

    def look(self) -> None:
        """Look at all once; what cannot be reached or read is noted, and looked at again next time."""
        with self._database.reading() as db:
            size = read_last(db).size
        for name, source in self._sources.items():
            try:
                self.looks[name] = self._look_at(name, source)
            except TamaniError as error:
                if (before := self.looks.get(name)) is None or before.wrong != error.code.name:
                    log.warning("looked in vain", at=name, code=error.code.name, detail=error.detail)
                self.looks[name] = Look(self._now(), None, error.code.name)
        self._before = size

    def _look_at(self, name: str, source: Source) -> Look:
        content = source.checkpoint()
        seen = self._policy.see(content)
        found = self._compare.any(content, seen.checkpoint, source)
        size = seen.checkpoint.size
        if found is not Finding.CONSISTENT:
            return Look(self._now(), size, alarms.CONFLICT if found is Finding.CONFLICT else alarms.UNSHOWN)
        if name == LOG and size < self._before:
            self._went_back(content, seen)
            return Look(self._now(), size, alarms.ROLLBACK)
        return Look(self._now(), size)

    def _went_back(self, content: bytes, seen: Seen) -> None:
        """It shows less than what we had cosigned a whole interval ago: no cache is as old as that."""
        with self._database.writing() as db:
            last = read_last(db)
            detail = f"{seen.checkpoint.size} < {last.size}"
            if alarms.sound(db, alarms.ROLLBACK, detail, self._now(), theirs=content, ours=last.note):
                log.critical("alarm", code=alarms.ROLLBACK, detail=detail)
