"""A signed checkpoint held against the tree that we cosigned: its beginning, its continuation, or another past.

Where it is another past, the two checkpoints and the path between them become one file that proves it to anybody.
"""

from collections.abc import Callable
from enum import Enum, auto

import structlog

from tamani.core.errors import DefectError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.conflict import Conflict, contradict
from tamani.core.log.merkle import prefix_path, prefix_roots
from tamani.witness import alarms
from tamani.witness.copy import Copy
from tamani.witness.database import Database
from tamani.witness.source import Source
from tamani.witness.state import Last, read_last

log = structlog.get_logger(__name__)


class Finding(Enum):
    """What became of a comparison."""

    CONSISTENT = auto()
    CONFLICT = auto()
    UNSHOWN = auto()


class Compare:
    """Compares; what it finds to be wrong is an alarm at once."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database, self._now = database, now

    def any(self, content: bytes, checkpoint: Checkpoint, source: Source) -> Finding:
        """A checkpoint that `source` shows, of whatever size.

        Raises:
            OutageError: `failed.witness.source`, the source went away meanwhile.
        """
        found = self.known(content, checkpoint)
        return self.beyond(content, checkpoint, source) if found is None else found

    def known(self, content: bytes, checkpoint: Checkpoint) -> Finding | None:
        """One that is no larger than ours; nothing if it is larger."""
        with self._database.reading() as db:
            last = read_last(db)
            if checkpoint.size > last.size or not last.note:
                return None
            path: list[bytes] = []
            if 0 < checkpoint.size < last.size:
                path = prefix_path(checkpoint.size, last.size, Copy(db).hashes(last.size))
        ours = Checkpoint(checkpoint.origin, last.size, last.root)
        if not contradict(checkpoint, ours, tuple(path)):
            return Finding.CONSISTENT
        return self._conflict(Conflict(content, last.note, tuple(path)), checkpoint, content, last)

    def beyond(
        self, content: bytes, checkpoint: Checkpoint, source: Source, offered: tuple[bytes, ...] = ()
    ) -> Finding:
        """One that is larger than ours: whether it begins with ours, as a path that was offered or the tiles tell.

        Raises:
            OutageError: `failed.witness.source`.
        """
        with self._database.reading() as db:
            last = read_last(db)
        if not 0 < last.size < checkpoint.size:
            return Finding.CONSISTENT
        if found := self._follow(offered, content, checkpoint, last):
            return found
        try:
            path = prefix_path(last.size, checkpoint.size, source.hashes(checkpoint.size))
        except DefectError as error:
            return self._unshown(error.detail, content, last)
        detail = f"{source.url}: {last.size} → {checkpoint.size}"
        return self._follow(tuple(path), content, checkpoint, last) or self._unshown(detail, content, last)

    def _follow(self, path: tuple[bytes, ...], content: bytes, checkpoint: Checkpoint, last: Last) -> Finding | None:
        """What a path shows; nothing if it does not lead to the checkpoint's root."""
        roots = prefix_roots(last.size, checkpoint.size, path)
        if roots is None or roots[1] != checkpoint.root:
            return None
        if roots[0] == last.root:
            return Finding.CONSISTENT
        return self._conflict(Conflict(last.note, content, path), checkpoint, content, last)

    def _conflict(self, conflict: Conflict, checkpoint: Checkpoint, theirs: bytes, last: Last) -> Finding:
        # Theirs alone names it: ours grows while the same lie is shown again and again.
        detail = f"{checkpoint.size} {checkpoint.root.hex()}"
        self._sound(alarms.CONFLICT, detail, theirs, last, conflict)
        return Finding.CONFLICT

    def _unshown(self, detail: str, theirs: bytes, last: Last) -> Finding:
        self._sound(alarms.UNSHOWN, detail, theirs, last)
        return Finding.UNSHOWN

    def _sound(self, name: str, detail: str, theirs: bytes, last: Last, conflict: Conflict | None = None) -> None:
        with self._database.writing() as db:
            if alarms.sound(db, name, detail, self._now(), theirs=theirs, ours=last.note, conflict=conflict):
                log.critical("alarm", code=name, detail=detail)
