"""Say and seal: the event is made, signed, judged as the region will judge it, and stored, in one transaction.

Its number in the sender's series is given in that transaction too: a refusal gives it back, so the series has no hole.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from tamani.core.catalogue.base import MessageType
from tamani.core.catalogue.sealed import in_sealed_thread
from tamani.core.codes import code
from tamani.core.envelope import encode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import Event, encode_event, format_time
from tamani.core.judge import judge
from tamani.core.names import Country, Lane, lane_of, partition_key
from tamani.core.registry import Registry
from tamani.core.sealed_package import Package
from tamani.core.sealing import SealedNotice
from tamani.core.signing import SigningKey
from tamani.core.verdict import Forward, Refuse
from tamani.node import capsules, rows
from tamani.node.counters import learn_sequence, next_sequence
from tamani.node.drafts import Draft, make_event, target_of, type_of
from tamani.node.foreseen import accepted, check_sealed
from tamani.node.ground import Ground
from tamani.node.inheritance import Name, check_passed_on, passed_on, passed_on_in
from tamani.node.outbox import milliseconds
from tamani.node.sealed import is_to_be_sealed, seal_notice, sealed_thread
from tamani.node.signers import key_of, registry_with
from tamani.node.thread_rules import ALONE, Known, cancels, check_follows, check_thread, thread_in, thread_named

NONE: Mapping[Country, bytes] = {}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the node answers once it has a notice; a repeat of the post gets the same words."""

    id: str
    source: str
    subject: str
    sequence: str
    digest: str


class Publisher:
    """The posting side of one node, for the bodies whose keys live here."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def say(self, source: str, draft: Draft) -> Accepted:
        """Seal what this body says and put it in the outbox; when this returns, it is on the disk.

        Raises:
            RefusedError: with the code that the region would give, or `refused.id.reused`; nothing is stored.
            OutageError: `failed.registry`, `failed.node.restored`, `failed.disk`, `failed.database`; nothing is stored.
        """
        known = await self.known(source, draft)
        return self.ring(await self._ground.outbox.write(lambda c: self.say_in(c, source, draft, known)))

    def ring(self, said: tuple[Accepted, Lane]) -> Accepted:
        """What was said is on the disk: the lane may send it."""
        self._ground.outbox.bells[said[1]].set()
        return said[0]

    async def known(self, source: str, draft: Draft) -> Known:
        """What the desk beside this node knows of the thread that a draft names, and of the notices it passes on."""
        return await self._beside(source, thread_named(source, draft), passed_on(draft.type, draft.data))

    async def pass_on(self, source: str, value: bytes, capsules: Mapping[Country, bytes] = NONE) -> Accepted:
        """Put an envelope that this body signed elsewhere in the outbox, untouched; a sealed one with its capsules.

        Raises:
            RefusedError, OutageError: as `say`.
        """
        known = await self._beside(source, thread_in(value), passed_on_in(value))
        package = Package(value, capsules)
        return self.ring(await self._ground.outbox.write(lambda c: self._pass_on(c, source, package, known)))

    async def _beside(self, source: str, thread: tuple[str, str] | None, about: Sequence[Name]) -> Known:
        """What the desk beside this node knows of a thread, if it has a name yet, and of these notices."""
        told = await self._ground.beside(source, *thread) if thread else None
        return Known(told, await self._ground.named(source, about) if about else ())

    def say_in(
        self, connection: Connection, source: str, draft: Draft, known: Known, subject: str | None = None
    ) -> tuple[Accepted, Lane]:
        """`say` within a transaction of the caller. `subject`: the thread that was told to the poster before.

        Raises:
            RefusedError, OutageError: as `say`.
        """
        # A repeat is answered before anything is judged: what was accepted stays accepted.
        if (first := self.earlier(connection, source, draft)) is not None:
            return first
        self._ground.hold.check()
        registry = registry_with(self._ground, source)
        kind = type_of(draft)
        key = key_of(self._ground, registry, source)
        said = self._said(connection, source, draft, kind)
        said = replace(said, subject=subject or said.subject)
        check_passed_on(connection, said, known.about)
        check_follows(connection, said, draft.follows, known)
        said = replace(said, sequence=str(next_sequence(connection, key.keyid, said.lane)))
        if not in_sealed_thread(said.subject):
            return self._sign(connection, registry, key, SealedNotice(said, {}), draft.fingerprint, known=known)
        sealed = seal_notice(connection, registry, key.keyid, said, kind=kind, at=self._ground.clock())
        return self._sign(connection, registry, key, sealed, draft.fingerprint_under(key.seed), known=ALONE)

    def earlier(self, connection: Connection, source: str, draft: Draft) -> tuple[Accepted, Lane] | None:
        """The first answer to this draft, if it was sealed before.

        Raises:
            RefusedError: `refused.id.reused`: the id stands for another content.
        """
        return None if draft.id is None else _earlier(connection, source, draft.id, self.repeats(draft))

    def key_of(self, source: str) -> SigningKey:
        """The key with which this body would sign now.

        Raises:
            RefusedError: `refused.key[.…]`, `refused.origin`, `refused.request.body`; OutageError `failed.registry`.
        """
        return key_of(self._ground, registry_with(self._ground, source), source)

    def _said(self, connection: Connection, source: str, draft: Draft, kind: MessageType) -> Event:
        """The notice, all but its number in the sender's series."""
        id_, time = draft.id or self._ground.new_id(), format_time(self._ground.clock())
        event = make_event(draft, kind, id=id_, source=source, subject="", time=time, sequence="")
        if is_to_be_sealed(connection, draft, event):
            return replace(event, subject=sealed_thread(connection, draft, self._ground.new_id()))
        return replace(event, subject=draft.subject or _thread(connection, draft, kind, id_))

    def repeats(self, draft: Draft) -> Callable[[str | None], bool]:
        """Whether a stored fingerprint is that of this draft, open or under a key that lives here."""

        def same(stored: str | None) -> bool:
            keys = self._ground.keystore.keys.values()
            return stored == draft.fingerprint or any(stored == draft.fingerprint_under(key.seed) for key in keys)

        return same

    def _sign(
        self,
        connection: Connection,
        registry: Registry,
        key: SigningKey,
        notice: SealedNotice,
        fingerprint: str,
        *,
        known: Known,
    ) -> tuple[Accepted, Lane]:
        value = encode_envelope(key.sign(encode_event(notice.event)))
        verdict = accepted(
            judge(value, self._ground.country, notice.event.lane, registry), registry, self._ground.clock()
        )
        return self._store(connection, verdict, value, fingerprint, known=known, made=notice.capsules)

    def _pass_on(self, connection: Connection, source: str, package: Package, known: Known) -> tuple[Accepted, Lane]:
        value = package.envelope
        fingerprint = hashlib.sha256(value).hexdigest()
        if (row := rows.find_value(connection, source, fingerprint)) is not None:
            return _first_answer(row)
        self._ground.hold.check()
        registry = registry_with(self._ground, source)
        verdict = judge(value, self._ground.country, Lane.NORMAL, registry)
        if isinstance(verdict, Refuse) and verdict.name == "refused.lane":
            verdict = judge(value, self._ground.country, Lane.URGENT, registry)
        now = self._ground.clock()
        verdict = accepted(verdict, registry, now)
        event = verdict.event
        if event.source != source:
            raise RefusedError("refused.source", f"{event.source} != {source}")
        check_sealed(registry, event, package.capsules, now)
        if first := _earlier(connection, source, event.id, lambda stored: stored == fingerprint):
            return first
        check_passed_on(connection, event, known.about)
        learn_sequence(connection, verdict.row.keyid, event.lane, int(event.sequence))
        return self._store(connection, verdict, value, fingerprint, known=known, made=package.capsules)

    def _store(
        self,
        connection: Connection,
        verdict: Forward,
        value: bytes,
        fingerprint: str,
        *,
        known: Known,
        made: Mapping[Country, bytes] | None = None,
    ) -> tuple[Accepted, Lane]:
        event = verdict.event
        check_thread(connection, event, verdict.row.keyid, known)
        row: dict[str, Any] = {
            "source": event.source,
            "id": event.id,
            "type": event.kind,
            "subject": event.subject,
            "keyid": verdict.row.keyid,
            "lane": event.lane.value,
            "sequence": int(event.sequence),
            "part_key": partition_key(event.source, event.subject),
            "value": value,
            "cancels": cancels(event),
            "digest": verdict.digest.hex(),
            "value_sha256": hashlib.sha256(value).hexdigest(),
            "request_sha256": fingerprint,
            "created_at": milliseconds(self._ground.clock),
        }
        capsules.add(connection, rows.add(connection, row), made or {})
        return Accepted(event.id, event.source, event.subject, event.sequence, row["digest"]), event.lane


def _earlier(
    connection: Connection, source: str, id_: str, same: Callable[[str | None], bool]
) -> tuple[Accepted, Lane] | None:
    """The first answer to this id.

    Raises:
        RefusedError: `refused.id.reused`: the id stands for another content.
    """
    row: Row[Any] | None = rows.find(connection, source, id_) or rows.find_spent(connection, source, id_)
    if row is None:
        return None
    if not same(row.request_sha256):
        # After a restore from an old copy we know that the id is taken, but not by what.
        raise RefusedError("refused.id.reused", code("archived").name if row.request_sha256 is None else id_)
    return _first_answer(row)


def _first_answer(row: Row[Any]) -> tuple[Accepted, Lane]:
    return Accepted(row.id, row.source, row.subject, str(row.sequence), row.digest), lane_of(row.subject)


def _thread(connection: Connection, draft: Draft, kind: MessageType, id_: str) -> str:
    """The thread of a notice that names none: that of its target, or a new one."""
    target = target_of(draft)
    if target is not None:
        row = rows.find(connection, *target)
        if row is None:
            raise RefusedError("refused.event.subject", f"{target[0]} {target[1]}")
        return str(row.subject)
    return f"{kind.family}/{id_}"
