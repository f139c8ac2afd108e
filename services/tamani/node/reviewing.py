"""The second pair of eyes: what needs it waits here, unsealed and unsent, until another person of the body releases it.

Every step is one transaction: a notice is in the review or in the outbox, never in neither and never in both.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from tamani.core.errors import DefectError, RefusedError
from tamani.core.names import Lane
from tamani.core.second_person import Why, second_person
from tamani.core.signing import SigningKey
from tamani.node import review_rows, rows
from tamani.node.box import close_box, open_box
from tamani.node.door import Poster
from tamani.node.drafts import Draft, type_of
from tamani.node.ground import Ground
from tamani.node.outbox import milliseconds
from tamani.node.publish import Accepted, Publisher
from tamani.node.review_rules import ReviewState, check_step
from tamani.node.thread_rules import ALONE, Known

LONGEST_REMARK = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """What the node answers to a notice that waits for a second person; a repeat of the post gets the same words."""

    id: str
    source: str
    subject: str


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The officer who acts on what waits: account, body and function."""

    officer: str
    source: str
    name: str


class Reviews:
    """What a node asks before it seals. `always`: whether a body wants a second person for all that it says."""

    def __init__(self, ground: Ground, publisher: Publisher, always: Callable[[str], bool]) -> None:
        self._ground = ground
        self._publisher = publisher
        self._always = always

    async def say(self, who: Poster, draft: Draft) -> Accepted | Held:
        """Seal what needs nobody else, as `Publisher.say`; keep the rest, judged as the region would judge it now.

        Raises:
            RefusedError, OutageError: as `Publisher.say`; nothing is stored.
        """
        known = await self._publisher.known(who.source, draft)
        always = not who.vouches and await asyncio.to_thread(self._always, who.source)
        said = await self._ground.outbox.write(lambda c: self._say(c, who, draft, known, always))
        return said if isinstance(said, Held) else self._publisher.ring(said)

    async def approve(self, who: Reviewer, id_: str, seen: str) -> None:
        """Seal it and send it, exactly as the officer has seen it; again is harmless.

        Raises:
            RefusedError: as `check_step`; `refused.request.notice`, `refused.review.changed` (another content than was
                seen), or what the region would refuse by now: then it still waits.
        """
        row = await self._ground.outbox.read(lambda c: _row(c, who.source, id_))
        known = await self._publisher.known(who.source, self.draft(row)) if self.readable(row) else ALONE
        said = await self._ground.outbox.write(lambda c: self._release(c, who, id_, seen, known))
        if said is not None:
            self._publisher.ring(said)

    async def step(self, name: str, who: Reviewer, id_: str, remark: str = "") -> None:
        """Send back, refuse, take back or drop.

        Raises:
            RefusedError: as `check_step`; `refused.request.notice`, `refused.review.remark`.
        """
        await self._ground.outbox.write(lambda c: self._step(c, name, who, id_, remark.strip()))

    def readable(self, row: Row[Any]) -> bool:
        """Whether its words are kept, and the key that opens them lives here."""
        return row.box is not None and self._ground.keystore.get(row.keyid) is not None

    def draft(self, row: Row[Any]) -> Draft:
        """The poster's words.

        Raises:
            DefectError: `failed.keystore`.
        """
        return Draft.model_validate(json.loads(self._opened(row, row.box)))

    def remark(self, row: Row[Any]) -> str:
        """What the second person has written to the author; empty if nothing.

        Raises:
            DefectError: `failed.keystore`.
        """
        there = row.remark is not None and self._ground.keystore.get(row.keyid) is not None
        return self._opened(row, row.remark).decode() if there else ""

    def _opened(self, row: Row[Any], box: bytes) -> bytes:
        return open_box(self._key(row), _owner(row.source, row.id), box)

    def _key(self, row: Row[Any]) -> SigningKey:
        key = self._ground.keystore.get(row.keyid)
        if key is None:
            raise DefectError("failed.keystore", f"{row.id}: {row.keyid[:16]}")
        return key

    def _say(
        self, connection: Connection, who: Poster, draft: Draft, known: Known, always: bool
    ) -> tuple[Accepted, Lane] | Held:
        before = review_rows.find(connection, who.source, draft.id) if draft.id else None
        if before is not None and before.state != ReviewState.SENT_BACK:
            if not self._publisher.repeats(draft)(before.request_sha256):
                raise RefusedError("refused.id.reused", before.id)
            return Held(before.id, before.source, before.subject)
        if (first := self._publisher.earlier(connection, who.source, draft)) is not None:
            return first
        kind = type_of(draft)
        why = second_person(kind, draft.profile, draft.tlp, draft.data, always=always)
        if why is not None and not who.vouches:
            return self._keep(connection, who, draft, known, why)
        if before is not None:
            self._decide(connection, before, ReviewState.RELEASED, "alone", (who.officer, who.name))
        return self._publisher.say_in(connection, who.source, draft, known)

    def _keep(self, connection: Connection, who: Poster, draft: Draft, known: Known, why: Why) -> Held:
        whole = draft if draft.id else draft.model_copy(update={"id": self._ground.new_id()})
        accepted, kind = self._tried(connection, who.source, whole, known)
        key, now = self._publisher.key_of(who.source), milliseconds(self._ground.clock)
        owner = _owner(who.source, accepted.id)
        row: dict[str, Any] = {"source": who.source, "id": accepted.id, "why": why.value}
        row |= {"state": ReviewState.TO_VALIDATE}
        row |= {"author": who.officer, "author_name": who.name, "type": kind, "subject": accepted.subject}
        row |= {"request_sha256": whole.fingerprint_under(key.seed), "keyid": key.keyid, "code": None}
        row |= {"box": close_box(key, owner, whole.model_dump_json().encode()), "created_at": now, "changed_at": now}
        review_rows.put(connection, row)
        review_rows.note(connection, (who.source, accepted.id), "written", (who.officer, who.name), now)
        return Held(accepted.id, who.source, accepted.subject)

    def _tried(self, connection: Connection, source: str, draft: Draft, known: Known) -> tuple[Accepted, str]:
        """Say it, look, and undo it: what the region would refuse is refused to its author, at once."""
        trial = connection.begin_nested()
        try:
            accepted, _ = self._publisher.say_in(connection, source, draft, known)
            row = rows.find(connection, source, accepted.id)
            return accepted, str(row.type) if row else draft.type
        finally:
            trial.rollback()

    def _release(
        self, connection: Connection, who: Reviewer, id_: str, seen: str, known: Known
    ) -> tuple[Accepted, Lane] | None:
        row = _row(connection, who.source, id_)
        if row.state == ReviewState.RELEASED and seen == row.request_sha256:
            return None
        check_step("approve", row.state, row.author, who.officer)
        if seen != row.request_sha256:
            raise RefusedError("refused.review.changed", id_)
        said = self._publisher.say_in(connection, who.source, self.draft(row), known, row.subject)
        self._decide(connection, row, ReviewState.RELEASED, "approve", (who.officer, who.name))
        return said

    def _step(self, connection: Connection, name: str, who: Reviewer, id_: str, remark: str) -> None:
        row = _row(connection, who.source, id_)
        step = check_step(name, row.state, row.author, who.officer)
        if step.remark and not 3 <= len(remark) <= LONGEST_REMARK:
            raise RefusedError("refused.review.remark")
        more: dict[str, Any] = {"code": step.code}
        if step.remark:
            more["remark"] = close_box(self._key(row), _owner(row.source, id_), remark.encode())
        self._decide(connection, row, step.after, name, (who.officer, who.name), **more)

    def _decide(
        self, connection: Connection, row: Row[Any], state: ReviewState, act: str, who: tuple[str, str], **more: Any
    ) -> None:
        now = milliseconds(self._ground.clock)
        review_rows.move(connection, row, more | {"state": state, "changed_at": now})
        review_rows.note(connection, (row.source, row.id), act, who, now)


def _owner(source: str, id_: str) -> str:
    return f"{source} {id_}"


def _row(connection: Connection, source: str, id_: str) -> Row[Any]:
    row = review_rows.find(connection, source, id_)
    if row is None:
        raise RefusedError("refused.request.notice")
    return row
