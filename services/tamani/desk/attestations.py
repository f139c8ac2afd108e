"""What the pages and the proofs ask of attestation: the state of these notices, open alarms, the parts of a proof."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from tamani.core.bundle import ProofBundle, plain_spelling
from tamani.core.errors import OutageError, RefusedError
from tamani.core.log.merkle import HASH
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.log.proof import Proof
from tamani.core.receipt import decode_receipt
from tamani.core.registry import LogPolicy
from tamani.core.strict_json import BadJson
from tamani.desk.database import Database
from tamani.desk.log_tables import attestation, checkpoint, log_alarm, registry_version
from tamani.desk.rows import Notice


@dataclass(frozen=True, slots=True)
class Attested:
    """`at`: since when enough countries have seen it (none: not yet); `by`: whose witnesses signed the checkpoint."""

    at: datetime | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """Something that the log lacks or contradicts."""

    number: int
    feed_index: int | None
    code: str
    detail: str
    seen: datetime


class Attestations:
    """Answers for one desk. Without a policy it attests nothing, and says nothing of it.

    `named`: the policies that the registry has named so far.
    """

    def __init__(
        self, database: Database, policy: str | None, parsed: Policy | None, named: Callable[[], Iterable[LogPolicy]]
    ) -> None:
        self.database = database
        self._text = policy
        self.policy = parsed
        self._named = named

    @property
    def works(self) -> bool:
        """Whether this desk has been told which log and witnesses to believe."""
        return self.policy is not None

    async def of(self, indexes: Iterable[int]) -> dict[int, Attested]:
        """The states of these notices, for those that were found in the log."""
        wanted = list(indexes)
        if not self.works or not wanted:
            return {}
        query = (
            select(attestation.c.feed_index, attestation.c.attested, checkpoint.c.witnesses)
            .join(checkpoint, checkpoint.c.size == attestation.c.size)
            .where(attestation.c.feed_index.in_(wanted))
        )
        async with self.database.reading() as connection:
            return {row[0]: Attested(row[1], self._counting(row[2])) for row in await connection.execute(query)}

    def _counting(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the witnesses without whom the quorum could not be: the host's own adds nothing."""
        assert self.policy is not None  # noqa: S101 - only asked where it works
        everybody = frozenset(self.policy.witnesses)
        return tuple(name for name in sorted(names) if not self.policy.is_enough(everybody - {name}))

    async def alarms(self, limit: int = 200) -> list[OpenAlarm]:
        """What stands open, the newest first."""
        columns = log_alarm.c.number, log_alarm.c.feed_index, log_alarm.c.code, log_alarm.c.detail, log_alarm.c.seen
        query = select(*columns).where(log_alarm.c.settled.is_(None)).order_by(log_alarm.c.number.desc()).limit(limit)
        async with self.database.reading() as connection:
            return [OpenAlarm(*row) for row in await connection.execute(query)]

    async def evidence(self, number: int) -> bytes:
        """The answer that an alarm rests on.

        Raises:
            RefusedError: `refused.request.unknown`.
        """
        async with self.database.reading() as connection:
            found = await connection.scalar(select(log_alarm.c.evidence).where(log_alarm.c.number == number))
        if found is None:
            raise RefusedError("refused.request.unknown")
        return bytes(found)

    async def proof(self, notice: Notice, receipt: str = "") -> bytes:
        """The file that proves a notice, with the signed receipt for it, if one is given.

        Raises:
            OutageError: `failed.proof.pending`: not attested yet.
            RefusedError: `refused.proof.none`: this desk has not seen the registry that the notice was judged by, or
                the policy under which it was attested, or has no policy.
        """
        if self.policy is None or self._text is None:
            raise RefusedError("refused.proof.none", "TAMANI_DESK_LOG_POLICY")
        async with self.database.reading() as connection:
            leaf = (
                await connection.execute(_leaf(attestation, attestation.c.feed_index == notice.row.feed_index))
            ).first()
            if leaf is None or leaf.attested is None:
                raise OutageError("failed.proof.pending")
            version = (
                await connection.execute(_leaf(registry_version, registry_version.c.version == leaf.reg))
            ).first()
        if version is None:
            raise RefusedError("refused.proof.none", f"registry {leaf.reg}")
        text = self._policy_of(leaf, version)
        policy = parse_policy(text.encode())
        return ProofBundle(
            envelope=plain_spelling(notice.value),
            entry=leaf.entry,
            proof=_proof(leaf, policy),
            policy=text,
            registry=bytes(version.value).decode(),
            registry_entry=version.entry,
            registry_proof=_proof(version, policy),
            receipt=_promise(receipt, notice.value, leaf.leaf_index),
        ).encode()

    def _policy_of(self, *rows: Row[Any]) -> str:
        """The one under which these were attested: today's, else the newest of those before it that fits."""
        texts = [self._text or "", *(policy.text for policy in reversed(tuple(self._named())))]
        fits = (text for text in texts if all(_attested(parse_policy(text.encode()), bytes(row.note)) for row in rows))
        found = next(fits, None)
        if found is None:
            raise RefusedError("refused.proof.none", "log policy")
        return found


def _attested(policy: Policy, note: bytes) -> bool:
    try:
        return policy.see(note).attested
    except RefusedError:
        return False


def _proof(row: Row[Any], policy: Policy) -> str:
    """As C2SP tlog-proof, with the signatures of those whom the policy knows."""
    path = bytes(row.path)
    hashes = tuple(path[at : at + HASH] for at in range(0, len(path), HASH))
    return bytes(Proof(row.leaf_index, hashes, bytes(row.note)).for_policy(policy)).decode()


def _leaf(table: Any, condition: Any) -> Any:
    """A row of a table with a leaf, and the checkpoint under which it was found."""
    joined = table.join(checkpoint, checkpoint.c.size == table.c.size)
    return select(table, checkpoint.c.note).select_from(joined).where(condition)


def _promise(receipt: str, value: bytes, index: int) -> str:
    """The receipt, if it is of these bytes and promises this place; one of an epoch before is not."""
    try:
        said = decode_receipt(receipt.encode())
    except BadJson:
        return ""
    fits = said.value_sha256 == hashlib.sha256(value).hexdigest() and said.leaf_index == index
    return receipt if fits and plain_spelling(value) == value.decode() else ""
