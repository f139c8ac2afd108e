"""Making the files of a registry: roots, documents, the publisher's two. Pure: keys, numbers and times are given.

The ceremony (`tamani registry …`), the office of `tamani up` and the tests all write with this.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tamani.core.registry import Registry, Row
from tamani.core.signing import SigningKey, sign_bytes
from tamani.core.trust import suspensions
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.chain import CHARTER, OFFICERS_NEEDED, OFFICES, ROOT_KEYS_NEEDED, Charter
from tamani.core.trust.metadata import HOLDER, S, read_metadata, to_text
from tamani.core.trust.opening import DOCUMENT, write_signatures
from tamani.core.trust.standing import Holder
from tamani.core.trust.statements import Approval, Signatures, merged, row_statement
from tamani.core.trust.tuf import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Role,
    Root,
    Signature,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

# Root and officers renew each year; the publisher says each month at least that there is nothing newer.
LIFE = timedelta(days=365)
FRESH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Draft:
    """The officers' files of a version that is not published yet; it collects signatures in any order."""

    roots: tuple[str, ...]
    targets: str
    suspensions: str
    registry: str
    suspended: str
    signatures: Mapping[str, tuple[Approval, ...]]


def make_root(holders: Iterable[Holder], charter: Charter, version: int, now: datetime) -> Metadata[Root]:
    """A root, unsigned."""
    held = list(holders)
    roles = {
        name: Role(sorted(h.keyid for h in held if h.office in offices), _threshold(name))
        for name, offices in OFFICES.items()
    }
    keys = {holder.keyid: tuf_key(holder) for holder in held}
    more = {CHARTER: charter.model_dump()}
    return Metadata(Root(version, None, now + LIFE, keys, roles, consistent_snapshot=False, unrecognized_fields=more))


def _threshold(role: str) -> int:
    return {"root": ROOT_KEYS_NEEDED, "targets": OFFICERS_NEEDED}.get(role, 1)


def tuf_key(holder: Holder) -> Key:
    """A key in TUF's form, with its holder."""
    said = {HOLDER: {"country": holder.country.value, "office": holder.office}}
    return Key.from_dict(
        holder.keyid, {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": holder.public}, **said}
    )


def sign(metadata: Metadata[S], *keys: SigningKey) -> Metadata[S]:
    """Add signatures; the metadata itself is given back."""
    payload = metadata.signed_bytes
    for key in keys:
        metadata.signatures[key.keyid] = Signature(key.keyid, sign_bytes(payload, key).hex())
    return metadata


def make_targets(document: str, version: int, officers: Iterable[Holder], now: datetime) -> Metadata[Targets]:
    """The officers' file: the registry document, and who may suspend. Unsigned."""
    held = sorted(officers, key=lambda holder: holder.keyid)
    keyids = [holder.keyid for holder in held]
    role = DelegatedRole(suspensions.ROLE, keyids, 1, terminating=True, paths=[suspensions.FILE])
    delegations = Delegations({holder.keyid: tuf_key(holder) for holder in held}, {role.name: role})
    files = {DOCUMENT: TargetFile.from_data(DOCUMENT, document.encode(), ["sha256"])}
    return Metadata(Targets(version, None, now + LIFE, files, delegations))


def make_suspensions(text: str, version: int, now: datetime) -> Metadata[Targets]:
    """The file of the delegated role. Unsigned."""
    files = {suspensions.FILE: TargetFile.from_data(suspensions.FILE, text.encode(), ["sha256"])}
    return Metadata(Targets(version, None, now + LIFE, files))


def approve(rows: Iterable[Row], key: SigningKey) -> dict[str, tuple[Approval, ...]]:
    """This key's signature under each row."""
    statements = map(row_statement, rows)
    return {statement.digest: (statement.sign(key),) for statement in statements}


def rows_of(document: Registry, version: int | None = None) -> list[Row]:
    """The rows of a document, or those that this version decided."""
    return [row for row in document.rows if version is None or (row.decision and row.decision.version == version)]


def make_draft(
    roots: tuple[str, ...],
    document: Registry,
    signatures: Signatures,
    officers: Iterable[Holder],
    now: datetime,
    *,
    before: Bundle | None,
) -> Draft:
    """A next version of the document. The file of suspensions goes on as it is, or begins empty."""
    text = document.model_dump_json()
    targets = to_text(make_targets(text, document.version, officers, now))
    suspended = before.suspended if before else suspensions.encode(())
    file = before.suspensions if before else to_text(make_suspensions(suspended, 1, now))
    return Draft(roots, targets, file, text, suspended, merged(signatures))


def first_draft(holders: Iterable[Holder], document: Registry, now: datetime, delay_seconds: int) -> Draft:
    """A first root, unsigned, and a document that begins its line."""
    held = list(holders)
    root = make_root(held, Charter(genesis=document.version, delay_seconds=delay_seconds), 1, now)
    officers = [holder for holder in held if holder.office in OFFICES["targets"]]
    return make_draft((to_text(root),), document, {}, officers, now, before=None)


def sign_draft(draft: Draft, key: SigningKey, *, officer: bool, rows: Iterable[Row]) -> Draft:
    """Add what this key signs: its approval of rows and, an officer's, the files."""
    signatures = merged(draft.signatures, approve(rows, key))
    if not officer:
        return replace(draft, signatures=signatures)
    targets = to_text(sign(read_metadata(draft.targets, Targets), key))
    return replace(draft, targets=targets, suspensions=_vouched(draft, key), signatures=signatures)


def _vouched(draft: Draft, key: SigningKey) -> str:
    """The file of suspensions, signed by this officer if by none who is still in office."""
    listed = read_metadata(draft.suspensions, Targets)
    delegations = read_metadata(draft.targets, Targets).signed.delegations
    in_office = delegations.keys if delegations else {}
    return draft.suspensions if in_office.keys() & listed.signatures.keys() else to_text(sign(listed, key))


def publish(draft: Draft, online: SigningKey, now: datetime, before: Bundle | None, version: int) -> Bundle:
    """The publisher's two files around a draft: the whole bundle. `version` is the registry's own."""
    meta = {"targets.json": _meta(draft.targets), "suspensions.json": _meta(draft.suspensions)}
    snapshot = to_text(sign(Metadata(Snapshot(version, None, now + LIFE, meta)), online))
    number = read_metadata(before.timestamp, Timestamp).signed.version + 1 if before else 1
    timestamp = Timestamp(number, None, now + FRESH, MetaFile.from_data(version, snapshot.encode(), ["sha256"]))
    return Bundle(
        roots=draft.roots,
        timestamp=to_text(sign(Metadata(timestamp), online)),
        snapshot=snapshot,
        targets=draft.targets,
        suspensions=draft.suspensions,
        registry=draft.registry,
        suspended=draft.suspended,
        signatures=write_signatures(draft.signatures),
    )


def _meta(text: str) -> MetaFile:
    return MetaFile.from_data(read_metadata(text, Targets).signed.version, text.encode(), ["sha256"])


def refresh(bundle: Bundle, online: SigningKey, now: datetime) -> Bundle:
    """The same registry, said anew to be the newest."""
    before = read_metadata(bundle.timestamp, Timestamp).signed
    fresh = Timestamp(before.version + 1, None, now + FRESH, before.snapshot_meta)
    return replace(bundle, timestamp=to_text(sign(Metadata(fresh), online)))
