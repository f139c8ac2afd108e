"""From the bytes on the bus to a registry that may be judged by: a numbered recipe, or a refusal with its code.

Pure: no clock is read. What is past its expiry is opened like any other (`Registry.expires` says so): a registry that
nobody renewed must warn, never stop a bus.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tamani.core.errors import RefusedError
from tamani.core.registry import Body, KeyRow, Recipient, Registry, check_registry
from tamani.core.trust import suspensions
from tamani.core.trust.bundle import Bundle, decode_bundle, strict
from tamani.core.trust.chain import OFFICERS_NEEDED, Chain, open_chain
from tamani.core.trust.metadata import read_metadata, require
from tamani.core.trust.rules import Case, check_rules, must_wait
from tamani.core.trust.standing import Standing
from tamani.core.trust.statements import Approval, Signatures
from tamani.core.trust.succession import check_succession
from tamani.core.trust.tuf import LengthOrHashMismatchError, MetaFile, Snapshot, TargetFile, Targets, Timestamp

DOCUMENT = "registry.json"
R = TypeVar("R", Body, KeyRow, Recipient)
_SIGNATURES: TypeAdapter[dict[str, tuple[Approval, ...]]] = TypeAdapter(dict[str, tuple[Approval, ...]])


def open_registry(value: bytes, trusted: Sequence[str], last: Registry | None = None) -> Registry:
    """The registry in a value, if its line of roots has a trusted one (fingerprints) and it may follow the `last` held.

    Its `version` is that of the snapshot, which moves with every change, a suspension too; `standing` says the rest.

    Raises:
        RefusedError: `refused.registry[.…]`, `refused.key.weak`, `refused.key.reused`, `refused.policy.body`.
    """
    # (0) size and shape, (1) the line of roots
    bundle = decode_bundle(value)
    chain = open_chain(bundle.roots, trusted)
    # (2) the publisher's word on what is newest
    timestamp, snapshot = _open_online(bundle, chain)
    # (3) the officers' documents: two countries for the registry, one officer for suspensions
    targets, signed_by = _open_targets(bundle, chain, snapshot)
    listed = _open_suspensions(bundle, chain, targets, snapshot)
    # (4) the documents themselves, and the rules above TUF
    document = read_document(bundle.registry)
    if document.version != targets.version or document.version < chain.charter.genesis:
        raise RefusedError("refused.registry", f"version {document.version}")
    case = make_case(document, read_signatures(bundle.signatures), chain)
    check_rules(case)
    suspensions.check(listed, chain.past)
    # (5) how it stands, and against the last good copy
    standing = Standing(
        roots=chain.fingerprints,
        document=document.version,
        suspensions=snapshot.meta["suspensions.json"].version,
        timestamp=timestamp.version,
        digest=_digest(bundle),
        expires=min(chain.root.expires, targets.expires),
        fresh_until=timestamp.expires,
        genesis=chain.charter.genesis,
        delay_seconds=chain.charter.delay_seconds,
        holders=tuple(chain.holders.values()),
        past=tuple(chain.past.values()),
        signed_by=tuple(sorted(signed_by)),
        suspended=suspensions.standing(listed, document),
        fresh=tuple(row.keyid for row in document.keys if must_wait(case, row)),
    )
    found = _as_it_counts(case, snapshot.version, standing)
    if last is not None:
        check_succession(last, found)
    return found


def make_case(document: Registry, signatures: Signatures, chain: Chain) -> Case:
    """What the rules need to judge a document under a line of roots."""
    delay = timedelta(seconds=chain.charter.delay_seconds)
    return Case(document, signatures, chain.past, chain.charter.genesis, delay, chain.root.expires)


def read_document(text: str) -> Registry:
    """The document, sound in itself.

    Raises:
        RefusedError: `refused.registry`, `refused.key.weak`, `refused.key.reused`, `refused.policy.body`.
    """
    # Read twice: `strict` refuses what two parsers could read differently, pydantic then coerces nothing.
    strict(text.encode())
    try:
        document = Registry.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise RefusedError("refused.registry", str(error)[:200]) from error
    if document.standing is not None or document.as_signed is not None:
        raise RefusedError("refused.registry", "standing")
    check_registry(document)
    return document


def read_signatures(text: str) -> dict[str, tuple[Approval, ...]]:
    """The signatures beside the document; each is checked where it is asked for.

    Raises:
        RefusedError: `refused.registry`.
    """
    strict(text.encode())
    try:
        return _SIGNATURES.validate_json(text, strict=True)
    except ValidationError as error:
        raise RefusedError("refused.registry", f"signatures: {error}"[:200]) from error


def write_signatures(signatures: Signatures) -> str:
    """The file of signatures."""
    return _SIGNATURES.dump_json(dict(signatures)).decode()


def _open_online(bundle: Bundle, chain: Chain) -> tuple[Timestamp, Snapshot]:
    timestamp = read_metadata(bundle.timestamp, Timestamp)
    require(timestamp, chain.root.roles["timestamp"], chain.holders)
    snapshot = read_metadata(bundle.snapshot, Snapshot)
    require(snapshot, chain.root.roles["snapshot"], chain.holders)
    _check_file(timestamp.signed.snapshot_meta, bundle.snapshot, snapshot.signed.version)
    if set(snapshot.signed.meta) != {"targets.json", "suspensions.json"}:
        raise RefusedError("refused.registry", "snapshot")
    return timestamp.signed, snapshot.signed


def _open_targets(bundle: Bundle, chain: Chain, snapshot: Snapshot) -> tuple[Targets, frozenset[str]]:
    targets = read_metadata(bundle.targets, Targets)
    signed_by = require(targets, chain.root.roles["targets"], chain.holders, countries=OFFICERS_NEEDED)
    _check_file(snapshot.meta["targets.json"], bundle.targets, targets.signed.version)
    _check_target(targets.signed, DOCUMENT, bundle.registry)
    return targets.signed, signed_by


def _open_suspensions(
    bundle: Bundle, chain: Chain, targets: Targets, snapshot: Snapshot
) -> tuple[suspensions.Listed, ...]:
    """The delegated role: named by the officers, for that one file, with no key but theirs."""
    roles = targets.delegations.roles if targets.delegations else None
    role = roles.get(suspensions.ROLE) if roles else None
    if role is None or len(roles or {}) != 1 or role.paths != [suspensions.FILE]:
        raise RefusedError("refused.registry", "delegations")
    if not set(role.keyids) <= set(chain.root.roles["targets"].keyids):
        raise RefusedError("refused.registry.signature", "suspensions: a key that is no officer's")
    found = read_metadata(bundle.suspensions, Targets)
    require(found, role, chain.holders)
    _check_file(snapshot.meta["suspensions.json"], bundle.suspensions, found.signed.version)
    if found.signed.delegations is not None:
        raise RefusedError("refused.registry", "delegations")
    _check_target(found.signed, suspensions.FILE, bundle.suspended)
    return suspensions.decode(bundle.suspended)


def _check_file(said: MetaFile, text: str, version: int) -> None:
    """A file is the one that the file above it speaks of."""
    if said.version != version or said.hashes is None:
        raise RefusedError("refused.registry.rollback", f"version {version}, not {said.version}")
    _check_hash(said, text)


def _check_target(targets: Targets, name: str, text: str) -> None:
    if set(targets.targets) != {name}:
        raise RefusedError("refused.registry", name)
    _check_hash(targets.targets[name], text)


def _check_hash(said: MetaFile | TargetFile, text: str) -> None:
    try:
        said.verify_length_and_hashes(text.encode())
    except LengthOrHashMismatchError as error:
        raise RefusedError("refused.registry.signature", str(error)[:120]) from error


def _digest(bundle: Bundle) -> str:
    return hashlib.sha256(bundle.registry.encode() + b"\0" + bundle.suspended.encode()).hexdigest()


def _as_it_counts(case: Case, version: int, standing: Standing) -> Registry:
    """The document with what lies over it: suspensions, and by whom each row was decided."""
    document = case.document
    silenced = frozenset(entry.keyid for entry in standing.suspended)
    changes = {
        "version": version,
        "bodies": tuple(_decided(case, body) for body in document.bodies),
        "keys": tuple(suspensions.applied(_decided(case, row), silenced) for row in document.keys),
        "recipients": tuple(_decided(case, row) for row in document.recipients),
        "standing": standing,
        "as_signed": document,
    }
    return _copy(document, changes)


def _copy(document: Registry, changes: Mapping[str, object]) -> Registry:
    """A new registry: pydantic's own copy would take the look-up tables of the old along."""
    fields = {name: getattr(document, name) for name in Registry.model_fields} | dict(changes)
    return Registry.model_construct(**fields)


def _decided(case: Case, row: R) -> R:
    if row.decision is None:
        return row
    decision = row.decision.model_copy(update={"by": tuple(sorted(case.approvers(row)))})
    return row.model_copy(update={"decision": decision})
