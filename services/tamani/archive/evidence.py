"""Every content that a body has signed under one id, each as the file that proves it (`core.bundle`).

The second is in no feed, since it may be addressed to others than the first: whoever runs the archive hands its file to
those whom it concerns, the body first of all. The file convinces whoever has never spoken with this archive.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from tamani.archive.log.proofs import Batch, Proved, prove
from tamani.archive.settings import ArchiveSettings
from tamani.core.bundle import ProofBundle, plain_spelling
from tamani.core.envelope import decode_envelope
from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.log.leaf import env_of
from tamani.core.log.policy import Policy, parse_policy
from tamani.core.log.proof import Proof

_CONTENTS = """
SELECT envelope, registry_version FROM (
    SELECT 0 AS place, l.envelope, l.registry_version, l.recordedtime, l.digest
    FROM seen n JOIN ledger l ON l.log_index = n.log_index JOIN source_ref s ON s.source_no = n.source_no
    WHERE s.source = %(source)s AND n.id = %(id)s
    UNION ALL
    SELECT 1, e.envelope, e.registry_version, e.recordedtime, e.digest
    FROM equivocation e JOIN source_ref s USING (source_no) WHERE s.source = %(source)s AND e.id = %(id)s
) AS said ORDER BY place, recordedtime, digest
"""
_VERSIONS = """
SELECT n.version, n.document, f.env FROM registry_noted n JOIN log_leaf f ON f.leaf_index = n.leaf_index
WHERE n.version = ANY(%s) AND n.document IS NOT NULL
"""
_AGREEING = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(frozen=True, slots=True)
class _Version:
    """A registry as it was judged by, and the `env` of its entry."""

    document: str
    env: bytes


def evidence_of(settings: ArchiveSettings, source: str, id_: UUID) -> list[bytes | None]:
    """A proof for each content of this id: the notice that stands, then the others; nothing for what was erased.

    Raises:
        DefectError: `failed.settings`: no policy of the log.
        OutageError: `failed.database`, `failed.proof.pending`: not attested yet.
        RefusedError: `refused.request.notice`: there is no second content; `refused.erased`: none of them is left;
            `refused.proof.none`: this archive has not kept the registry of that time; `failed.log.pending`.
    """
    if settings.log_policy is None:
        raise DefectError("failed.settings", "TAMANI_ARCHIVE_LOG_POLICY")
    return asyncio.run(_ask(settings.conninfo, settings.log_policy.read_text("utf-8"), source, id_))


async def _ask(conninfo: str, policy: str, source: str, id_: UUID) -> list[bytes | None]:
    try:
        async with await AsyncConnection.connect(conninfo) as connection:
            return await gather(connection, policy, source, id_)
    except psycopg.OperationalError as error:
        raise OutageError("failed.database", str(error).strip()) from error


async def gather(connection: AsyncConnection[Any], policy: str, source: str, id_: UUID) -> list[bytes | None]:
    """As `evidence_of`, in a transaction that begins here."""
    await connection.execute(_AGREEING)
    rows = await (await connection.execute(_CONTENTS, {"source": source, "id": id_})).fetchall()
    if len(rows) < 2:
        raise RefusedError("refused.request.notice", f"{source} {id_}")
    if not any(envelope for envelope, _ in rows[1:]):
        raise RefusedError("refused.erased", f"{source} {id_}")
    versions = await _versions(connection, {version for envelope, version in rows if envelope})
    envs = [env_of(decode_envelope(bytes(envelope))) for envelope, _ in rows if envelope]
    batch = await prove(connection, [*envs, *(one.env for one in versions.values())])
    pages = _Pages(policy, parse_policy(policy.encode()), batch, versions)
    return [pages.file(bytes(envelope), version) if envelope else None for envelope, version in rows]


async def _versions(connection: AsyncConnection[Any], wanted: set[int]) -> dict[int, _Version]:
    cursor = await connection.execute(_VERSIONS, [list(wanted)])
    found = {row[0]: _Version(bytes(row[1]).decode(), bytes(row[2])) async for row in cursor}
    if lacking := wanted - found.keys():
        raise RefusedError("refused.proof.none", f"registry {min(lacking)}")
    return found


@dataclass(frozen=True, slots=True)
class _Pages:
    """What all files of one id share."""

    policy: str
    parsed: Policy
    batch: Batch
    versions: Mapping[int, _Version]

    def file(self, value: bytes, version: int) -> bytes:
        """The proof of one content.

        Raises:
            OutageError: `failed.proof.pending`.
        """
        registry = self.versions[version]
        entry, about = self._proved(env_of(decode_envelope(value))), self._proved(registry.env)
        return ProofBundle(
            envelope=plain_spelling(value),
            entry=entry.entry.decode(),
            proof=self._place(entry),
            policy=self.policy,
            registry=registry.document,
            registry_entry=about.entry.decode(),
            registry_proof=self._place(about),
        ).encode()

    def _proved(self, env: bytes) -> Proved:
        found = next((one for one in self.batch.proofs if one is not None and one.env == env), None)
        if found is None or not self.parsed.see(self.batch.checkpoint).attested:
            raise OutageError("failed.proof.pending")
        return found

    def _place(self, proved: Proved) -> str:
        return bytes(Proof(proved.index, proved.path, self.batch.checkpoint).for_policy(self.parsed)).decode()
