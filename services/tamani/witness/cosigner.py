"""Cosigning: a checkpoint is signed only if the log merely grew since the last one, and only once its entries are here.

A witness may cosign first and copy later. This one copies first, so that its signature says more: *I hold everything
under this root.* Were the archive's host to burn down between the two, the log could never go on: it would have to
continue a tree whose last entries nobody has. The price is one more round trip before the answer.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from tamani.core.errors import DefectError, OutageError, RefusedError, TamaniError
from tamani.core.log.checkpoint import Checkpoint
from tamani.core.log.merkle import root_hash, verify_consistency
from tamani.core.log.note import Note, NoteKey
from tamani.core.log.policy import Policy
from tamani.witness import alarms
from tamani.witness.compare import Compare, Finding
from tamani.witness.copy import Copy
from tamani.witness.database import Database
from tamani.witness.request import Request
from tamani.witness.source import Source, bundle_at
from tamani.witness.state import Last, read_last, write_last

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The answer: one signature line."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The answer to who asks from another size than ours, or with another root: the size that we cosigned last."""

    size: int


class Cosigner:
    """One log's cosigner. Requests may come at the same time; they are served one after the other."""

    def __init__(
        self,
        database: Database,
        *,
        key: NoteKey,
        policy: Policy,
        source: Source,
        now: Callable[[], int],
        patience: float = 20.0,
    ) -> None:
        self._database, self._key, self._policy, self._source = database, key, policy, source
        self._now, self._patience = now, patience
        self._origin = policy.logs[0].key.name
        self._compare = Compare(database, now)
        self._doubted: Checkpoint | None = None
        self._alone = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Cosigned | Elsewhere:
        """Answer one request (C2SP tlog-witness, `add-checkpoint`).

        Raises:
            RefusedError: `refused.witness.request`, `.origin`, `.consistency`; `refused.log.origin`.
            OutageError: `failed.witness.catchup`, `.source`: come again.
            DefectError: `failed.witness.missing`, `.altered`: the log does not show what it signed.
        """
        # (0) The form, (1) a log we know, (2) signed by it.
        request = Request.parse(body)
        if request.checkpoint.origin != self._origin:
            raise RefusedError("refused.witness.origin", request.checkpoint.origin[:80])
        try:
            self._policy.see(request.content)
        except RefusedError as error:
            raise RefusedError("refused.log.origin", str(error)) from error
        with self._alone:
            return self._judge(request)

    def _judge(self, request: Request) -> Cosigned | Elsewhere:
        checkpoint = request.checkpoint
        with self._database.reading() as db:
            last = read_last(db)
        # (3) What we know better: a tree no larger than ours must be its beginning, whoever brings it.
        if checkpoint.size <= last.size and self._compare.known(request.content, checkpoint) is Finding.CONFLICT:
            return Elsewhere(last.size)
        # (4) From where we stand.
        if request.old != last.size:
            return Elsewhere(last.size)
        # (5) It only grew.
        if not verify_consistency(last.size, checkpoint.size, request.proof, last.root, checkpoint.root):
            self._doubt(request)
            raise RefusedError("refused.witness.consistency", f"{last.size} → {checkpoint.size}")
        # (6) We have it all.
        self._copy(request, last)
        # (7) On the disk before it is said.
        return self._sign(request, last)

    def _doubt(self, request: Request) -> None:
        """Anybody may bring a good checkpoint with a bad proof; find out, once, whether it is the log that lies."""
        if request.checkpoint != self._doubted:
            with contextlib.suppress(OutageError):
                self._compare.beyond(request.content, request.checkpoint, self._source, request.proof)
                self._doubted = request.checkpoint

    def _copy(self, request: Request, last: Last) -> None:
        """Fetch what is missing, in the order of the log; what was fetched is kept, also when time runs out."""
        try:
            self._fetch(request.checkpoint.size)
            self._prove(request.checkpoint, last)
        except DefectError as error:
            self._sound(error, request, last)
            raise

    def _fetch(self, size: int) -> None:
        deadline = time.monotonic() + self._patience
        with self._database.reading() as db:
            have = Copy(db).size
        while have < size:
            tile = bundle_at(have, size)
            entries = self._source.entries(tile)[have - tile.first :]
            with self._database.writing() as db:
                Copy(db).append(entries)
            have += len(entries)
            if have < size and time.monotonic() > deadline:
                raise OutageError("failed.witness.catchup", f"{have} / {size}")

    def _prove(self, checkpoint: Checkpoint, last: Last) -> None:
        """What was fetched is what was signed, or it is forgotten: all of it, for nobody knows where it went wrong."""
        with self._database.writing() as db:
            copy = Copy(db)
            if root_hash(checkpoint.size, copy.hashes(checkpoint.size)) == checkpoint.root:
                return
            copy.cut(last.size)
        raise DefectError("failed.witness.altered", f"{last.size} → {checkpoint.size}")

    def _sound(self, error: TamaniError, request: Request, last: Last) -> None:
        with self._database.writing() as db:
            name = error.code.name
            if alarms.sound(db, name, error.detail, self._now(), theirs=request.content, ours=last.note):
                log.critical("alarm", code=name, detail=error.detail)

    def _sign(self, request: Request, last: Last) -> Cosigned | Elsewhere:
        at = max(self._now(), last.time)
        line = self._key.sign(request.note.text, at)
        # Only the log's own lines are kept beside ours: what else was submitted is nobody's word here.
        kept = Note(request.note.text, tuple(s for s in request.note.signatures if s.name == self._origin))
        with self._database.writing() as db:
            if read_last(db) != last:  # another process of ours was quicker
                return Elsewhere(read_last(db).size)
            write_last(db, request.checkpoint, str(kept.with_(line)).encode(), at)
            alarms.settle(db, at, alarms.MISSING, alarms.ALTERED, alarms.UNSHOWN, alarms.ROLLBACK)
        return Cosigned(f"{line}\n".encode())
